import type { Finding } from '../../src/core/ai/finding.ts';
import { countsText, toItems, type FindingsItem, type KeptRows } from '../../src/vscode/review/findingsItems.ts';
import type { Localise } from '../../src/vscode/review/plainText.ts';
import { ReviewBoard, shownEntries } from '../../src/vscode/review/reviewBoard.ts';
import { median, type Measurement } from './benchmark.ts';

/**
 * The *Findings* view with 5,000 findings: a whole refresh, one after a keystroke in one file, and what a keystroke costs where no finding
 * is. Beside it, building every row anew with everything a row can show, as a view does that keeps nothing.
 */

const FINDINGS = 5000;
const FILES = 250;
const REPETITIONS = 25;
const GOAL = 50;

const l10n: Localise = { t: (message, ...args) => message.replace(/\{(\d+)\}/g, (_match, index: string) => String(args[Number(index)])) };

function finding(index: number): Finding {
  const line = 1 + Math.floor(index / FILES) * 7;
  return {
    id: `f${index}`,
    file: `src/folder ${index % 20}/file${index % FILES}.ts`,
    startLine: line,
    endLine: line + 1,
    severity: (['critical', 'high', 'medium', 'low', 'info'] as const)[index % 5] ?? 'info',
    category: 'bug',
    title: `Number ${index}: \`total\` forgets the discount of [what](was) *ordered*`,
    message: `The loop adds \`item.price\` and never looks at the discount. ${'It is wrong <b>when</b> there is one. '.repeat(6)}`,
    quote: `  sum += item.price * ${index};\n  count += 1;`,
    source: 'model',
    anchor: { status: 'exact', confidence: 0.99 },
  };
}

function filled(): ReviewBoard {
  const board = new ReviewBoard();
  board.replace(Array.from({ length: FINDINGS }, (_, index) => finding(index)));
  return board;
}

function rowsOf(board: ReviewBoard, kept?: KeptRows): FindingsItem[] {
  return toItems({ entries: shownEntries(board), dismissed: [], showDismissed: false, summary: undefined, running: undefined }, l10n, kept);
}

/** Everything a row can show, worked out at once. */
function everything(items: readonly FindingsItem[]): number {
  return items.reduce((sum, item) => sum + (item.tooltip?.length ?? 0) + everything(item.children ?? []), 0);
}

function times(work: (turn: number) => void): number[] {
  work(-1);
  return Array.from({ length: REPETITIONS }, (_, turn) => {
    const started = performance.now();
    work(turn);
    return performance.now() - started;
  });
}

export function run(): Promise<Measurement[]> {
  const board = filled();
  const file = finding(0).file;
  const typed = (turn: number): void =>
    board.edited(file, [{ start: { line: 0, character: 0 }, end: { line: 0, character: 0 }, text: turn % 2 === 0 ? '\n' : 'x\n' }]);
  const kept: KeptRows = new WeakMap();
  const naive = times(() => void everything(rowsOf(board)));
  const first = times(() => {
    rowsOf(board);
    countsText(board.entries, l10n);
  });
  const whole = times(() => {
    rowsOf(board, kept);
    countsText(board.entries, l10n);
  });
  const after = times((turn) => {
    typed(turn);
    rowsOf(board, kept);
    countsText(board.entries, l10n);
  });
  const elsewhere = times(() => board.edited('src/other.ts', []));
  const p95 = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] ?? Number.NaN;
  const name = `${FINDINGS} findings in ${FILES} files`;
  return Promise.resolve([
    { name, metric: 'everything built anew, median', value: median(naive), unit: 'ms', baseline: GOAL },
    { name, metric: 'first refresh, median', value: median(first), unit: 'ms', baseline: median(naive) },
    // Other work on the machine only ever adds.
    { name, metric: 'first refresh, best', value: Math.min(...first), unit: 'ms', baseline: GOAL },
    { name, metric: 'refresh, median', value: median(whole), unit: 'ms', baseline: median(naive) },
    { name, metric: 'refresh, p95', value: p95(whole), unit: 'ms', baseline: GOAL },
    { name, metric: 'refresh after a keystroke in one file, median', value: median(after), unit: 'ms', baseline: median(naive) },
    { name, metric: 'refresh after a keystroke in one file, p95', value: p95(after), unit: 'ms', baseline: GOAL },
    { name, metric: 'a keystroke in a file without findings, median', value: median(elsewhere), unit: 'ms', baseline: null },
  ]);
}
