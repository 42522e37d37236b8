import type { CoverageEntry } from '../../core/ai/finding.ts';
import type { GenerateResult, ProposedChange, UnplacedEdit } from '../../core/ai/generate/generation.ts';
import { changedLines } from '../../core/ai/generate/patch.ts';
import type { GeneratePreview } from '../../core/ai/service.ts';
import { printable, printableData } from './printable.ts';
import { coverageLines } from './review.ts';
import type { Paint } from './status.ts';

/** A patch for people: coloured, and without what steers a terminal. */
export function patchText(patch: string, paint: Paint): string {
  return printable(patch)
    .split('\n')
    .map((line) => {
      if (/^(?:diff --git|---|\+\+\+|new file)/u.test(line)) return paint('bold', line);
      if (line.startsWith('@@')) return paint('cyan', line);
      return line.startsWith('+') ? paint('green', line) : line.startsWith('-') ? paint('red', line) : line;
    })
    .join('\n');
}

/** What a person should know beside the patch itself: what the model says, what has no place, what was read. */
export function generateSummary(result: GenerateResult): string[] {
  const { explanation, unplaced, coverage, redactions, notices, usage } = printableData(result);
  const cost = usage.cost === undefined ? '' : `, ${usage.cost.amount.toFixed(4)} ${usage.cost.currency}`;
  return [
    ...(explanation === '' ? [] : [`The model says: ${explanation.replace(/\n+/gu, '\n  ')}`]),
    ...unplacedLines(unplaced),
    ...coverageLines(coverage),
    ...readInFull(coverage),
    ...(redactions.length === 0
      ? []
      : [
          `Secrets replaced before anything was sent: ${redactions.map(({ file, line, kind }) => `${file}:${line} (${kind})`).join(', ')}.`,
        ]),
    `Model calls: ${usage.requests}, ${usage.inputTokens} tokens in, ${usage.outputTokens} out${cost}.`,
    ...notices,
  ];
}

const SHOWN_FILES = 20;

/** The names behind the count; what was read in part or not at all is named with its reason anyway. */
function readInFull(coverage: readonly CoverageEntry[]): string[] {
  const files = coverage.filter(({ status }) => status === 'full').map(({ file }) => file);
  const more = files.length - SHOWN_FILES;
  return files.length === 0 ? [] : [`  in full: ${files.slice(0, SHOWN_FILES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`];
}

const SHOWN_LINES = 6;

function unplacedLines(unplaced: readonly UnplacedEdit[]): string[] {
  if (unplaced.length === 0) return [];
  const count = unplaced.length === 1 ? 'One edit has no place' : `${unplaced.length} edits have no place`;
  return [
    `${count} and ${unplaced.length === 1 ? 'was' : 'were'} left out:`,
    ...unplaced.flatMap(({ file, search, because }) => [`  ${file === '' ? '(no file)' : file}: ${because}`, ...quoted(search)]),
  ];
}

function quoted(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const more = lines.length - SHOWN_LINES;
  return [...lines.slice(0, SHOWN_LINES).map((line) => `    | ${line}`), ...(more > 0 ? [`    | … ${more} more`] : [])];
}

/** `src/a.ts +3 -1`, one line a file. */
export function writtenLines(changes: readonly ProposedChange[]): string[] {
  return changes.map((change) => {
    const { added, removed } = changedLines(change);
    const file = printableData({ file: change.file }).file;
    return `${change.kind === 'create' ? 'new    ' : 'changed'} ${file} +${added} -${removed}`;
  });
}

export function previewLines(preview: GeneratePreview): string[] {
  const { choice, coverage, redactions, text, inputTokens } = printableData(preview);
  const model = choice.model === undefined || choice.model === choice.name ? choice.name : `${choice.name} (${choice.model})`;
  return [
    `Model: ${model} – ${choice.because}`,
    `One request to ${choice.destination ?? choice.origin ?? 'an unknown place'}, about ${inputTokens} tokens. Nothing was sent.`,
    ...(choice.problem === undefined ? [] : [choice.problem.message]),
    ...(choice.confirmed ? [] : [`Not confirmed yet for this workspace: handrail models confirm ${choice.name}`]),
    ...(choice.needsKey ? ['A key is still missing: set OPENAI_API_KEY.'] : []),
    ...coverageLines(coverage),
    ...(redactions.length === 0
      ? []
      : [
          'Secrets that would be replaced (only known patterns are caught):',
          ...redactions.map(({ file, line, kind }) => `  ${file}:${line} ${kind}`),
        ]),
    '',
    text,
  ];
}
