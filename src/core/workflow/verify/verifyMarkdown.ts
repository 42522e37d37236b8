import { cellCode, codeText, plainText } from '../markdownText.ts';
import { STATE_ICONS, withinBytes } from '../summaryMarkdown.ts';
import type { VerifyProblem, VerifyResult } from './result.ts';
import { policySentence, proofOf, verdictOf } from './words.ts';

/** Hosts take step summaries of up to 1 MiB; nobody reads that much. In UTF-8 bytes. */
const STEPS_LIMIT = 60_000;
const PROBLEMS_LIMIT = 60_000;
const NOTICES_LIMIT = 10_000;

/** A verification as Markdown, for a job's summary. Text of the repository is escaped, as everywhere. */
export function verifyMarkdown(result: VerifyResult): string {
  const { workflow, branch, base, commits, note } = result;
  const place = branch === null ? 'a detached head' : codeText(branch);
  const parts = [
    `**Handrail · ${workflow === null ? '' : `${plainText(workflow.title)}: `}${verdictOf(result)}** on ${place} against ${codeText(base)}`,
    ...(note === undefined ? [] : [plainText(note, 500)]),
    ...stepsPart(result),
    ...problemsPart(result.problems),
    ...noticesPart(result.notices),
    `<sub>${plainText(policySentence(result), 300)} Commit ${codeText(commits.head)}.</sub>`,
  ];
  return `${parts.join('\n\n')}\n`;
}

function stepsPart({ steps }: VerifyResult): string[] {
  if (steps.length === 0) return [];
  const rows = steps.map(
    (step) => `| ${plainText(step.title)} | ${STATE_ICONS[step.state]} ${plainText(step.detail, 240)} | ${plainText(proofOf(step))} |`,
  );
  const { kept, left } = withinBytes(rows, STEPS_LIMIT);
  const rest = left === 0 ? [] : [`| and ${left} more | | |`];
  return [['| Step | State | Proof |', '| --- | --- | --- |', ...kept, ...rest].join('\n')];
}

function problemsPart(problems: readonly VerifyProblem[]): string[] {
  if (problems.length === 0) return [];
  const rows = problems.map(({ code, step, path, detail, hint }) => {
    const place = step ?? path;
    const words = hint === undefined ? detail : `${detail} ${hint}`;
    return `| ${codeText(code)} | ${place === undefined ? '' : cellCode(place)} | ${plainText(words, 400)} |`;
  });
  const { kept, left } = withinBytes(rows, PROBLEMS_LIMIT);
  const rest = left === 0 ? [] : [`| | | and ${left} more |`];
  return [['| Problem | Where | What |', '| --- | --- | --- |', ...kept, ...rest].join('\n')];
}

function noticesPart(notices: readonly string[]): string[] {
  if (notices.length === 0) return [];
  const { kept, left } = withinBytes(
    notices.map((notice) => `- ${plainText(notice, 300)}`),
    NOTICES_LIMIT,
  );
  return [[...kept, ...(left === 0 ? [] : [`- and ${left} more`])].join('\n')];
}
