import { approverNames } from '../../core/workflow/approverNames.ts';
import type { StepStatus } from '../../core/workflow/run.ts';
import { evidenceOf, nextAction, shortList, type Paint } from './status.ts';

/** One step in full, for people. `workflow` is the one named on the command line. */
export function explainText(step: StepStatus, paint: Paint, workflow?: string): string {
  const settled = step.state === 'done' || step.state === 'skipped' || step.state === 'waived';
  const unmet = new Set(step.expect.filter(({ met }) => !met).map(({ detail }) => detail));
  const sections: [string, readonly string[]][] = [
    [
      'Why',
      [...(step.why === undefined ? [] : step.why.trim().split('\n')), ...(step.learn === undefined ? [] : [`Learn more: ${step.learn}`])],
    ],
    ['Here because', hereBecause(step)],
    ['State', [stateLine(step), ...waiverLines(step)]],
    [
      'Expects',
      step.state === 'skipped' ? [] : step.expect.map(({ met, detail }) => `${met ? paint('green', '✓') : paint('yellow', '○')} ${detail}`),
    ],
    ['Missing', step.missing.filter((sentence) => !unmet.has(sentence))],
    ['Next', settled || step.state === 'blocked' ? [] : [paint('cyan', nextAction(step, workflow))]],
  ];
  const body = sections
    .filter(([, lines]) => lines.length > 0)
    .flatMap(([title, lines]) => ['', paint('bold', title), ...lines.map((line) => `  ${line}`)]);
  return [`${paint('bold', step.title)} ${paint('dim', `(${step.id}, ${step.kind})`)}`, ...body].join('\n');
}

function hereBecause({ when, needs }: StepStatus): string[] {
  const after = needs.length === 0 ? [] : [`It comes after ${needs.join(', ')}.`];
  if (when === undefined) return ['It applies to every change of this workflow.', ...after];
  const verdict =
    when.error !== undefined
      ? `Its condition could not be evaluated (${when.error}), so it applies: ${when.expression}`
      : when.applies
        ? `Its condition holds: ${when.expression}`
        : `It is skipped, its condition does not hold: ${when.expression}`;
  return [verdict, ...(when.matched.length === 0 ? [] : [`Matched: ${shortList(when.matched, 10)}`]), ...after];
}

function stateLine(step: StepStatus): string {
  const trust = evidenceOf(step);
  const because = step.because === '' ? '' : `: ${step.because}`;
  return `${step.state}${because}${trust === '' || step.state !== 'done' ? '' : ` (${trust})`}`;
}

function waiverLines({ id, waiver }: StepStatus): string[] {
  if (waiver === undefined) return [];
  const proof = waiver.provenBy === undefined ? [] : [`CI counts it once approved by ${approverNames(waiver.provenBy).join(' or ')}.`];
  return [...proof, `Take it back: handrail uncheck ${id}`];
}
