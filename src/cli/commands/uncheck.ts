import { defineCommand } from '../command.ts';
import { findStep, RUN_OPTIONS, runChoice } from '../steps.ts';
import { reportStep } from '../text/settled.ts';

export const command = defineCommand({
  name: 'uncheck',
  usage: 'STEP [--workflow ID] [--branch NAME]',
  summary: 'reopen a step that was checked or skipped',
  details: [
    'Records that the step is open again. Earlier records stay as they are. A step that was skipped with a reason stands where it stood',
    'before.',
  ],
  options: RUN_OPTIONS,
  positionals: { name: 'STEP', min: 1, max: 1 },
  formats: ['text', 'json'],
  async run({ services, terminal, format, actor }, options, [stepId = '']) {
    const service = await services.workflow();
    await findStep(service, stepId, runChoice(options));
    const step = await service.uncheck(stepId, { actor, ...runChoice(options) });
    reportStep(terminal, format, step, {});
    return 0;
  },
});
