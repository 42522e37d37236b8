import { type Marks, withMarkedBlock } from './markedBlock.ts';
import { cellCode, codeText, plainText } from './markdownText.ts';
import type { StepState } from './run.ts';
import {
  countsText,
  modelText,
  type OpenFindings,
  type ReviewRecord,
  reviewText,
  type RunSummary,
  type StepSummary,
  withoutFindings,
} from './summary.ts';

/** Between these stands the block; a later one replaces it. They never occur inside. */
export const SUMMARY_MARKS: Marks = { start: '<!-- handrail:summary:start -->', end: '<!-- handrail:summary:end -->' };

/** Hosts refuse a description beyond 65,536 characters, and it holds more than this block. In UTF-8 bytes. */
export const SUMMARY_LIMIT = 60_000;

/** Shares of that; the rest is for the heading and the digest. */
const STEPS_LIMIT = 24_000;
const MODELS_LIMIT = 5_000;
const READ_LIMIT = 5_000;
const PROBLEMS_LIMIT = 5_000;
const FINDINGS_LIMIT = 14_000;

export const STATE_ICONS: Readonly<Record<StepState, string>> = {
  done: '✓',
  ready: '○',
  blocked: '○',
  running: '…',
  stale: '↻',
  failed: '✗',
  skipped: '–',
  waived: '⤼',
};

/** The block for a pull request, as Markdown with one line break at its end. Text of the repository and of models is escaped. */
export function summaryMarkdown(summary: RunSummary): string {
  const parts =
    summary.workflow === null
      ? [`**Handrail**: ${plainText(summary.note ?? 'No workflow applies to this branch.', 500)}`]
      : runParts(summary);
  return `${[SUMMARY_MARKS.start, parts.join('\n\n'), SUMMARY_MARKS.end].join('\n')}\n`;
}

/** A description with the block in it, in the place of an earlier one. Fails with `config` when earlier marks do not make one pair. */
export function withSummary(description: string, markdown: string): string {
  return withMarkedBlock(description, markdown.trimEnd(), SUMMARY_MARKS, { name: 'the description' });
}

function runParts(summary: RunSummary): string[] {
  const { workflow, branch, base, done, total } = summary;
  const against = base === null ? '' : ` against ${codeText(base)}`;
  const place = branch === null ? `a detached head${against}` : `${codeText(branch)}${against}`;
  return [
    `**Handrail · ${plainText(workflow?.title ?? '')}: ${done} of ${total} ${total === 1 ? 'step' : 'steps'} done** on ${place}`,
    stepTable(summary.steps),
    ...verifiedPart(summary),
    ...modelsPart(summary),
    ...readPart(summary.reviews),
    findingsPart(summary),
    `<sub>Workflow ${codeText(workflow?.id ?? '')}, ${codeText(workflow?.digest ?? '')}</sub>`,
  ];
}

function stepTable(steps: readonly StepSummary[]): string {
  if (steps.length === 0) return 'The workflow has no steps.';
  const rows = steps.map(
    ({ title, state, standing, proof }) => `| ${plainText(title)} | ${STATE_ICONS[state]} ${plainText(standing, 240)} | ${proof ?? ''} |`,
  );
  const { kept, left } = withinBytes(rows, STEPS_LIMIT);
  const rest = left === 0 ? [] : [`| and ${left} more | | |`];
  return ['| Step | State | Proof |', '| --- | --- | --- |', ...kept, ...rest].join('\n');
}

function verifiedPart({ verified }: RunSummary): string[] {
  if (verified === undefined) return [];
  const commit = codeText(verified.commit.slice(0, 12));
  if (verified.ok) return [`**Verified by CI** at ${commit}`];
  return listPart(
    `CI found problems at ${commit}`,
    verified.problems.map(({ code, detail }) => `- ${codeText(code)}: ${plainText(detail, 240)}`),
    PROBLEMS_LIMIT,
  );
}

function modelsPart({ models }: RunSummary): string[] {
  const lines = models.map((use) => {
    const steps = use.steps.slice(0, 5).map((title) => plainText(title, 80));
    const more = use.steps.length > steps.length ? ` and ${use.steps.length - steps.length} more` : '';
    return `- ${plainText(modelText(use), 240)}: ${steps.join(', ')}${more}`;
  });
  return listPart('Models', lines, MODELS_LIMIT);
}

function readPart(reviews: readonly ReviewRecord[]): string[] {
  const lines = reviews.map((review) => `- ${plainText(review.title, 80)}: ${reviewText(review)}`);
  return listPart('What was read', lines, READ_LIMIT);
}

function listPart(title: string, lines: readonly string[], limit: number): string[] {
  if (lines.length === 0) return [];
  const { kept, left } = withinBytes(lines, limit);
  return [[`**${title}**`, ...kept, ...(left === 0 ? [] : [`- and ${left} more`])].join('\n')];
}

function findingsPart(summary: RunSummary): string {
  const { findings } = summary;
  const elsewhere = findings.elsewhere === 0 ? '' : ` (${findings.elsewhere} more in files that this change does not touch)`;
  if (findings.shown.length === 0) return `**Open findings**: ${withoutFindings(summary)}${elsewhere}`;
  const { kept, left } = withinBytes(findings.shown.map(findingRow), FINDINGS_LIMIT);
  const more = left + findings.more;
  const rest = more === 0 ? [] : [`| | | and ${more} more |`];
  return [
    `**Open findings**: ${countsText(findings.counts)}${elsewhere}`,
    '',
    '| Severity | Place | Finding |',
    '| --- | --- | --- |',
    ...kept,
    ...rest,
  ].join('\n');
}

function findingRow({ severity, file, startLine, title, source }: OpenFindings['shown'][number]): string {
  const place = startLine === undefined ? `${cellCode(file)} (could not be placed)` : cellCode(`${file}:${startLine}`);
  return `| ${severity} | ${place} | ${plainText(title.replace(/\.\s*$/, ''))}${source === 'builtin' ? ' (built-in rule)' : ''} |`;
}

/** As many rows as fit, and how many do not. */
export function withinBytes(rows: readonly string[], limit: number): { kept: string[]; left: number } {
  let used = 0;
  const kept: string[] = [];
  for (const row of rows) {
    used += utf8Length(row) + 1;
    if (used > limit) break;
    kept.push(row);
  }
  return { kept, left: rows.length - kept.length };
}

/** The core has no encoder of its own; a lonely surrogate counts as the replacement character it is written as. */
function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}
