import type { VerifiedStep, VerifyProblem, VerifyResult } from '../../core/workflow/verify/result.ts';
import { policySentence, proofOf, verdictOf } from '../../core/workflow/verify/words.ts';
import { STATE_LOOK, type Paint } from './status.ts';

/** A verification for people. Every line begins with a word or a sign of ours, so that none is taken for a command of CI. */
export function verifyText(result: VerifyResult, paint: Paint): string {
  const { workflow, branch, base, note, steps, problems, notices } = result;
  const verdict = paint(result.ok ? 'green' : 'red', verdictOf(result));
  const width = Math.max(...steps.map(({ id }) => id.length), 0);
  return [
    `${paint('bold', workflow?.title ?? 'Handrail')} · ${branch ?? 'detached head'} against ${base} · ${verdict}`,
    ...(note === undefined ? [] : [note]),
    ...(steps.length === 0 ? [] : ['', ...steps.flatMap((step) => stepLines(step, width, paint))]),
    ...(problems.length === 0 ? [] : ['', paint('bold', 'Problems'), ...problems.flatMap((problem) => problemLines(problem, paint))]),
    ...(notices.length === 0 ? [] : ['', paint('bold', 'Notes'), ...notices.map((notice) => `  - ${notice}`)]),
    '',
    paint('dim', policySentence(result)),
  ].join('\n');
}

function stepLines(step: VerifiedStep, width: number, paint: Paint): string[] {
  const { icon, style } = STATE_LOOK[step.state];
  const proof = proofOf(step);
  const head = `  ${paint(style, icon)} ${step.id.padEnd(width)}  ${step.title}${proof === '' ? '' : ` · ${proof}`}`;
  return step.state === 'done' && step.assurance !== 'bound' ? [head] : [head, `    ${' '.repeat(width)}  ${paint('dim', step.detail)}`];
}

function problemLines({ code, step, path, detail, hint }: VerifyProblem, paint: Paint): string[] {
  const place = step ?? path;
  return [
    `  ${paint('red', code)}${place === undefined ? '' : ` ${place}`}: ${detail}`,
    ...(hint === undefined ? [] : [`    ${paint('dim', `To do: ${hint}`)}`]),
  ];
}
