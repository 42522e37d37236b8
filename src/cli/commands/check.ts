import { HandrailError } from '../../core/errors.ts';
import type { ActorKind } from '../../core/workflow/service.ts';
import type { StepStatus } from '../../core/workflow/run.ts';
import { defineCommand } from '../command.ts';
import { findStep, RUN_OPTIONS, runChoice } from '../steps.ts';
import { printable } from '../text/printable.ts';
import { reportStep } from '../text/settled.ts';

export const command = defineCommand({
  name: 'check',
  usage: 'STEP [--workflow ID] [--branch NAME]',
  summary: 'settle a manual or approval step',
  details: [
    'Records that the step was done. Exits 1 when something the step expects is still missing.',
    "A step that asks for a person's word, and an approval, are refused to agents and machines (exit 1).",
  ],
  options: RUN_OPTIONS,
  positionals: { name: 'STEP', min: 1, max: 1 },
  formats: ['text', 'json'],
  async run({ services, terminal, format, actor }, options, [stepId = '']) {
    const service = await services.workflow();
    const { step } = await findStep(service, stepId, runChoice(options));
    if (step.kind === 'command' || step.kind === 'review') {
      throw new HandrailError('usage', `${stepId} is a ${step.kind} step and is settled by running it.`, {
        hint: `Use handrail run ${stepId}.`,
      });
    }
    const refusal = refusalOf(step, actor) ?? stillOpen(step);
    if (refusal !== undefined) {
      if (format === 'json') terminal.document({ step, refused: refusal });
      terminal.note(`handrail: ${printable(refusal)}`);
      return 1;
    }
    const settled = await service.check(stepId, { actor, ...runChoice(options) });
    return reportStep(terminal, format, settled, {});
  },
});

/** A person's word cannot be given by anyone else. */
function refusalOf(step: StepStatus, actor: ActorKind): string | undefined {
  if (actor === 'human') return undefined;
  const who = actor === 'agent' ? 'an agent' : 'a machine';
  if (step.kind === 'approval')
    return `"${step.title}" is an approval and cannot be given by ${who}. A person checks it, in the editor or on a terminal.`;
  if (!step.expect.some(({ kind }) => kind === 'attest')) return undefined;
  return `"${step.title}" asks for a person's word and cannot be checked by ${who}. A person checks it, in the editor or on a terminal.`;
}

/** Expectations that the check itself answers; the others must hold before. */
const ANSWERED_BY_CHECK = new Set(['attest', 'diagnostics']);

function stillOpen(step: StepStatus): string | undefined {
  if (step.state === 'blocked' || step.state === 'skipped') return undefined;
  const unmet = step.expect.filter(({ kind, met }) => !met && !ANSWERED_BY_CHECK.has(kind));
  if (unmet.length === 0) return undefined;
  return `"${step.title}" is not done yet: ${unmet.map(({ detail }) => detail).join(' ')} handrail explain ${step.id} tells more.`;
}
