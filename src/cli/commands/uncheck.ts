import { defineCommand } from '../command.ts';
import { findStep } from '../steps.ts';
import { reportStep } from '../text/settled.ts';

export const command = defineCommand({
  name: 'uncheck',
  usage: 'STEP [--workflow ID]',
  summary: 'reopen a step that was checked',
  details: ['Records that the step is open again. Earlier records stay as they are.'],
  options: { workflow: { type: 'string', value: 'ID', summary: 'the workflow the step belongs to' } },
  positionals: { name: 'STEP', min: 1, max: 1 },
  formats: ['text', 'json'],
  async run({ services, terminal, format, actor }, { workflow }, [stepId = '']) {
    const service = await services.workflow();
    await findStep(service, stepId, workflow);
    const step = await service.uncheck(stepId, { actor, ...(workflow === undefined ? {} : { workflow }) });
    reportStep(terminal, format, step, {});
    return 0;
  },
});
