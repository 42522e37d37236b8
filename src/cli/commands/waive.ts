import { approverNames } from '../../core/workflow/approverNames.ts';
import type { ActorKind } from '../../core/workflow/service.ts';
import type { StepStatus } from '../../core/workflow/run.ts';
import { HandrailError } from '../../core/errors.ts';
import { defineCommand } from '../command.ts';
import { findStep, RUN_OPTIONS, runChoice } from '../steps.ts';
import { printable, printableData } from '../text/printable.ts';

export const command = defineCommand({
  name: 'waive',
  usage: 'STEP --reason R [--expires D] [--workflow ID] [--branch NAME]',
  summary: 'skip a step with a reason, for a while',
  details: [
    "Records that the step is skipped, why, and until when. Everyone who looks at the run sees it, and the pull request's summary does.",
    'When the day is over the step is open again. handrail uncheck STEP takes it back before.',
    'The workflow says for how long a step may be skipped (waive.expires); without a word of it, two weeks, and 90 days at most.',
    'Only a person skips a step: agents and machines are refused (exit 1). Whom waive.by names is not checked here but in CI.',
  ],
  options: {
    reason: { type: 'string', value: 'R', summary: 'why the step is not needed here, in one sentence' },
    expires: { type: 'string', value: 'D', summary: 'last day: 14d, or a date such as 2026-12-31' },
    ...RUN_OPTIONS,
  },
  positionals: { name: 'STEP', min: 1, max: 1 },
  formats: ['text', 'json'],
  async run({ services, terminal, format, actor }, { reason, expires, ...options }, [stepId = '']) {
    if (reason === undefined || reason.trim() === '') {
      throw new HandrailError('usage', 'Skipping a step needs a reason.', { hint: `Say why: handrail waive ${stepId} --reason "…"` });
    }
    const service = await services.workflow();
    const { step } = await findStep(service, stepId, runChoice(options));
    const refusal = refusalOf(step, actor);
    if (refusal !== undefined) {
      if (format === 'json') terminal.document({ step, refused: refusal });
      terminal.note(`handrail: ${printable(refusal)}`);
      return 1;
    }
    const wish = expires === undefined ? {} : { expires };
    const skipped = await service.waive(stepId, { actor, reason, ...wish, ...runChoice(options) });
    if (format === 'json') terminal.document({ step: skipped });
    else for (const line of linesOf(printableData(skipped), (text) => terminal.style('dim', text))) terminal.line(line);
    return 0;
  },
});

/** Who does a step cannot also say that it need not be done. */
function refusalOf(step: StepStatus, actor: ActorKind): string | undefined {
  if (actor === 'human') return undefined;
  const who = actor === 'agent' ? 'an agent' : 'a machine';
  return `"${step.title}" cannot be skipped by ${who}. A person skips it, in the editor or on a terminal.`;
}

function linesOf({ id, title, waiver }: StepStatus, quiet: (text: string) => string): string[] {
  const until = waiver?.expires === undefined ? '' : ` until ${waiver.expires}`;
  const proof =
    waiver?.provenBy === undefined ? [] : [quiet(`    CI counts it once approved by ${approverNames(waiver.provenBy).join(' or ')}.`)];
  return [`⤼ ${title}: skipped${until}`, ...proof, quiet(`    Take it back: handrail uncheck ${id}`)];
}
