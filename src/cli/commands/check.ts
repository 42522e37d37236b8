import { HandrailError } from '../../core/errors.ts';
import type { ActorKind } from '../../core/workflow/service.ts';
import type { StepStatus } from '../../core/workflow/run.ts';
import { defineCommand } from '../command.ts';
import { findStep } from '../steps.ts';
import { reportStep } from '../text/settled.ts';

export const command = defineCommand({
  name: 'check',
  usage: 'STEP [--workflow ID]',
  summary: 'settle a manual or approval step',
  details: [
    'Records that the step was done. Exits 1 when something the step expects is still missing.',
    "A step that asks for a person's word, and an approval, are refused to agents and machines (exit 1).",
  ],
  options: { workflow: { type: 'string', value: 'ID', summary: 'the workflow the step belongs to' } },
  positionals: { name: 'STEP', min: 1, max: 1 },
  formats: ['text', 'json'],
  async run({ services, terminal, format, actor }, { workflow }, [stepId = '']) {
    const service = await services.workflow();
    const { step } = await findStep(service, stepId, workflow);
    if (step.kind === 'command' || step.kind === 'review') {
      throw new HandrailError('usage', `${stepId} is a ${step.kind} step and is settled by running it.`, {
        hint: `Use handrail run ${stepId}.`,
      });
    }
    const refusal = refusalOf(step, actor);
    if (refusal !== undefined) {
      if (format === 'json') terminal.document({ step, refused: refusal });
      terminal.note(`handrail: ${refusal}`);
      return 1;
    }
    const settled = await service.check(stepId, { actor, ...(workflow === undefined ? {} : { workflow }) });
    return reportStep(terminal, format, settled, {});
  },
});

/** A person's word cannot be given by anyone else. */
function refusalOf(step: StepStatus, actor: ActorKind): string | undefined {
  if (actor === 'human') return undefined;
  const who = actor === 'agent' ? 'an agent' : 'a machine';
  if (step.kind === 'approval')
    return `"${step.title}" is an approval and cannot be given by ${who}. A person checks it, in the editor or on a terminal.`;
  const word = step.expect.find(({ kind }) => kind === 'attest');
  if (word === undefined) return undefined;
  return `"${step.title}" asks for a person's word and cannot be checked by ${who}. A person checks it, in the editor or on a terminal.`;
}
