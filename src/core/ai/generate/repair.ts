import { splitLines } from '../review/lines.ts';
import { fencedBy, quotedPath, SYSTEM, taskText } from './frame.ts';
import type { PlacedEdit, UnplacedEdit } from './generation.ts';
import type { PreparedGeneration } from './prepare.ts';

/** What the second request is made of. */
export interface Repair {
  failed: readonly UnplacedEdit[];
  prepared: Pick<PreparedGeneration, 'shown' | 'task' | 'toldPaths'>;
  /** Edits of a file that have their place already. */
  placedIn(path: string): readonly PlacedEdit[];
}

export interface Room {
  /** Tokens that the request may have. */
  room: number;
  count(text: string): Promise<number>;
}

/** Lines shown around a place, tried from the most to the least. */
const AROUND = [40, 12, 4] as const;
/** Places shown for one block. */
const MAX_PLACES = 3;
/** More blocks than this are no slip any more, and a second answer would be as long as the first. */
const MAX_BLOCKS = 40;

/**
 * The request that names the blocks without a place and shows the lines that they may have meant, as the model was shown them. It
 * stands by itself, because not every model keeps what was said before. Undefined when it does not fit.
 */
export async function frameRepair(
  repair: Repair,
  marker: () => string,
  { room, count }: Room,
): Promise<{ system: string; user: string } | undefined> {
  if (repair.failed.length > MAX_BLOCKS) return undefined;
  for (const around of AROUND) {
    const bare = repairText(repair, around, '');
    let fence = marker();
    while (bare.includes(fence)) fence += marker();
    const user = repairText(repair, around, fence);
    if ((await count(`${SYSTEM}\n\n${user}`)) <= room) return { system: SYSTEM, user };
  }
  return undefined;
}

function repairText({ failed, prepared, placedIn }: Repair, around: number, fence: string): string {
  const fenced = fencedBy(fence);
  const { shown, task, toldPaths } = prepared;
  const told = new Map([...toldPaths].map(([as, path]) => [path, as]));
  const blocks = failed.flatMap((block, index) => {
    const path = quotedPath(told.get(block.file) ?? block.file);
    const lines = splitLines(shown.get(block.file)?.redacted.text ?? '');
    const places = likelyPlaces(lines, block.search.split('\n'));
    const excerpts = places.map(({ start, end }) => {
      const from = Math.max(1, start - around);
      const to = Math.min(lines.length, end + around);
      return fenced(`${path}, lines ${from} to ${to} of ${lines.length}`, lines.slice(from - 1, to).join('\n'));
    });
    const taken = placedIn(block.file).map(({ startLine, endLine }) => `${startLine} to ${Math.max(startLine, endLine)}`);
    return [
      `Edit ${index + 1}, of ${path}, was not made. ${block.because}`,
      fenced('quoted', block.search),
      fenced('should take its place', block.replacement),
      excerpts.length === 0 ? 'Nothing in the file resembles the quote.' : 'The file holds, where it may have been meant:',
      ...excerpts,
      taken.length === 0 ? '' : `Lines that other edits change already, and that must not be quoted again: ${taken.join(', ')}.`,
    ];
  });
  return [
    `Marker of this request: ${fence}`,
    taskText(task, fence),
    'You have answered this task already, and the edits below could not be placed. Write only these again, each as a block of the same form and with the same change, quoting lines exactly as they stand in the file and enough of them that they stand there once. Leave out what cannot be done. Everything else of your answer is kept, so do not repeat it.',
    ...blocks,
  ]
    .filter((section) => section !== '')
    .join('\n\n');
}

/** The stretches of a file that share the most lines with a quote, in their order; none where not even one line is shared. */
function likelyPlaces(lines: readonly string[], search: readonly string[]): { start: number; end: number }[] {
  const wanted = new Set(search.map(bare).filter((line) => line.length > 2));
  if (wanted.size === 0) return [];
  const length = Math.min(Math.max(1, search.length), lines.length);
  const hit = lines.map((line) => (wanted.has(bare(line)) ? 1 : 0));
  const scores: number[] = [];
  let sum = 0;
  for (let index = 0; index < lines.length; index++) {
    sum += hit[index] ?? 0;
    if (index >= length) sum -= hit[index - length] ?? 0;
    if (index >= length - 1) scores.push(sum);
  }
  const best = scores.reduce((most, one) => Math.max(most, one), 0);
  const found: { start: number; end: number }[] = [];
  for (const [index, score] of scores.entries()) {
    if (best === 0 || score < best || found.length === MAX_PLACES) continue;
    if (index + 1 > (found.at(-1)?.end ?? 0)) found.push({ start: index + 1, end: index + length });
  }
  return found;
}

/** A line as it is compared here, where a wrong guess only shows a useless stretch: without blanks. */
function bare(line: string): string {
  return line.replace(/\s+/gu, '');
}
