import path from 'node:path';
import { structuredPatch } from 'diff';
import { applyEdits } from '../../src/core/ai/generate/lineEdits.ts';
import { EditPlacer } from '../../src/core/ai/generate/placeEdits.ts';
import { splitLines } from '../../src/core/ai/review/lines.ts';
import { below, repositoryVersions, seeded, type Random, type Version } from './anchorCases.ts';
import type { Measurement } from './benchmark.ts';

/**
 * Makes search-and-replace blocks of the hunks of real commits, spoils the quotes as models do, and places them: with our resolver and
 * with the usual naive ones, on the same blocks. `right` is a file that is, byte for byte, what the commit made of this hunk; `silently
 * wrong` any other file; the rest is openly not placed. There is no repair round here: what could not be placed stays so.
 */

const ROOT = path.resolve(import.meta.dirname, '../..');
const SEED = 20261126;
const COMMITS = Number(process.env['PC'] ?? 400);
const PER_VERSION = 3;
/** The most lines around a change that are quoted to have a quote that stands in the file once. */
const MOST_CONTEXT = 12;

interface Block {
  text: string;
  search: string[];
  replacement: string[];
  /** The line of the file that the quote begins on. */
  line: number;
  expected: string;
}

/** The file after the block, or undefined for "not placed". */
type Method = (one: Block) => string | undefined;

const placers = new Map<string, EditPlacer>();

const ours: Method = ({ text, search, replacement }) => {
  const placer = placers.get(text) ?? new EditPlacer({ path: 'a', original: text, redacted: { text, markers: [] } }, undefined, new Set());
  placers.set(text, placer);
  const placed = placer.place({ path: 'a', readings: [{ search, replacement }] });
  if ('because' in placed) return undefined;
  return 'edit' in placed ? applyEdits(text, [placed.edit]) : text;
};

const naive = {
  'exact, first match': firstMatch((line) => line),
  'blanks ignored, first match': firstMatch((line) => line.replace(/\s+/gu, '')),
} satisfies Record<string, Method>;

function firstMatch(plain: (line: string) => string): Method {
  return ({ text, search, replacement }) => {
    const lines = splitLines(text);
    const there = lines.map(plain);
    const wanted = search.map(plain);
    const at = there.findIndex((_, start) => wanted.every((line, index) => there[start + index] === line));
    return at < 0 ? undefined : [...lines.slice(0, at), ...replacement, ...lines.slice(at + search.length)].join('\n');
  };
}

/** What models do to what they quote; lines that they only repeat in the second part are spoilt in the same way. */
const spoilt: Record<string, (one: Block, random: Random) => Block> = {
  'as it is': (one) => one,
  'blanks at the ends of lines': (one, random) => copied(one, (line) => line + ' '.repeat(below(random, 3))),
  'tabs for spaces': (one) => every(one, (line) => line.replace(/^(?: {2})+/u, (indent) => '\t'.repeat(indent.length / 2))),
  'less indentation': lessIndentation,
  'two columns more': (one) => every(one, (line) => (line.trim() === '' ? line : `  ${line}`)),
  'copied line numbers': (one) => ({ ...one, search: one.search.map((line, index) => `${String(one.line + index).padStart(5)} ${line}`) }),
  'copied numbers and bars': (one) => ({ ...one, search: one.search.map((line, index) => `${one.line + index}|${line}`) }),
  'copied line numbers, in both parts': (one) => {
    const number = (line: string, index: number): string => `${String(one.line + index).padStart(5)} ${line}`;
    return { ...one, search: one.search.map(number), replacement: one.replacement.map(number) };
  },
  'copied + in both parts': (one) => every(one, (line) => `+${line}`),
  'copied +': (one) => ({ ...one, search: one.search.map((line) => `+${line}`) }),
  CRLF: (one) => every(one, (line) => `${line}\r`),
  'blank lines around': (one) => ({ ...one, search: ['', ...one.search, ''], replacement: ['', ...one.replacement, ''] }),
  'a code fence within': (one) => ({ ...one, search: ['```ts', ...one.search, '```'], replacement: ['```ts', ...one.replacement, '```'] }),
};

/** Quotes of which a part is not what was read: no place is a right answer, a wrong file is none. */
const mistaken: Record<string, (one: Block, random: Random) => Block> = {
  'blanks within lines doubled': (one) => copied(one, (line) => line.replace(/(\S) (?=\S)/gu, '$1  ')),
  'blanks after commas lost': (one) => copied(one, (line) => line.replace(/, (?=\S)/gu, ',')),
  'a comment dropped': (one) => copied(one, (line) => line.replace(/(\S)\s*(?:\/\/|# ).*$/u, '$1')),
  'a comment line dropped': (one) => ({ ...one, search: one.search.filter((line) => !/^\s*(?:\/\/|\*|\/\*|#)/u.test(line)) }),
  'one line dropped': (one, random) => ({ ...one, search: without(one.search, random) }),
  'lines left out by ...': (one) => ({
    ...one,
    search: one.search.length < 4 ? one.search : [...one.search.slice(0, 1), '...', ...one.search.slice(-1)],
  }),
  'other quotation marks': (one) => copied(one, (line) => line.replaceAll("'", '"')),
  'a word written differently': (one, random) => {
    const at = below(random, one.search.length);
    return {
      ...one,
      search: one.search.map((line, index) =>
        index === at ? line.replace(/([A-Za-z]{2})([a-z])([a-z])([A-Za-z]{2})/u, '$1$3$2$4') : line,
      ),
    };
  },
  'the changed lines only': (one) => one,
};

function every(one: Block, change: (line: string) => string): Block {
  return { ...one, search: one.search.map(change), replacement: one.replacement.map(change) };
}

function copied(one: Block, change: (line: string) => string): Block {
  const quoted = new Map(one.search.map((line) => [line, change(line)]));
  return {
    ...one,
    search: one.search.map((line) => quoted.get(line) ?? line),
    replacement: one.replacement.map((line) => quoted.get(line) ?? line),
  };
}

function lessIndentation(one: Block): Block {
  const widths = [...one.search, ...one.replacement].filter((line) => line.trim() !== '').map((line) => /^ */u.exec(line)?.[0].length ?? 0);
  const least = Math.min(...widths);
  return every(one, (line) => line.slice(Math.min(least, /^ */u.exec(line)?.[0].length ?? 0)));
}

function without(lines: readonly string[], random: Random): string[] {
  if (lines.length < 3) return [...lines];
  const at = 1 + below(random, lines.length - 2);
  return lines.filter((_, index) => index !== at);
}

/** Blocks of a version's hunks with the fewest lines around them that make the quote the only one, as models are told to quote. */
function blocksOf({ oldText, newText }: Version, random: Random): Block[] {
  if (oldText.trim() === '') return [];
  const hunks = structuredPatch('a', 'b', oldText, newText, '', '', { context: 0 }).hunks;
  const blocks: Block[] = [];
  for (let count = Math.min(PER_VERSION, hunks.length); count > 0; count--) {
    const [hunk] = hunks.splice(below(random, hunks.length), 1);
    const plain = hunk?.lines.filter((line) => !line.startsWith('\\')) ?? [];
    const start = hunk ? hunk.oldStart - 1 : 0;
    const added = plain.filter((line) => line.startsWith('+')).map((line) => line.slice(1));
    const block = hunk && uniqueBlock(oldText, { start, end: start + hunk.oldLines, added });
    if (block) blocks.push(block);
  }
  return blocks;
}

function uniqueBlock(text: string, { start, end, added }: { start: number; end: number; added: readonly string[] }): Block | undefined {
  const lines = splitLines(text);
  const last = lines.at(-1) === '' ? lines.length - 1 : lines.length;
  for (let context = 1; context <= MOST_CONTEXT; context++) {
    const [from, to] = [Math.max(0, start - context), Math.min(last, end + context)];
    const search = lines.slice(from, to);
    if (!search.some((line) => /[\p{L}\p{N}]/u.test(line)) || count(lines, search) !== 1) continue;
    const replacement = [...lines.slice(from, start), ...added, ...lines.slice(end, to)];
    const expected = [...lines.slice(0, start), ...added, ...lines.slice(end)].join('\n');
    return { text, search, replacement, line: from + 1, expected };
  }
  return undefined;
}

/** Blanks do not tell two places apart, for nobody can see them. */
function count(lines: readonly string[], search: readonly string[]): number {
  const plain = (line: string): string => line.replace(/\s+/gu, '');
  const there = lines.map(plain);
  const wanted = search.map(plain);
  return there.filter((_, start) => wanted.every((line, index) => there[start + index] === line)).length;
}

/** The bare change, with nothing around it: as often as not it stands in the file several times. */
function bareBlock(one: Block): Block | undefined {
  const { search, replacement } = one;
  let head = 0;
  while (head < search.length && head < replacement.length && search[head] === replacement[head]) head++;
  let tail = 0;
  while (tail < search.length - head && tail < replacement.length - head && search.at(-1 - tail) === replacement.at(-1 - tail)) tail++;
  const bare = search.slice(head, search.length - tail);
  if (!bare.some((line) => line.trim() !== '')) return undefined;
  return { ...one, search: bare, replacement: replacement.slice(head, replacement.length - tail), line: one.line + head };
}

interface Tally {
  right: number;
  wrong: number;
  unplaced: number;
}

function tally(cases: readonly Block[], method: Method): Tally {
  const counts: Tally = { right: 0, wrong: 0, unplaced: 0 };
  for (const one of cases) {
    const result = method(one);
    if (result === undefined) counts.unplaced++;
    else if (result === one.expected) counts.right++;
    else counts.wrong++;
  }
  return counts;
}

function rows(name: string, own: Tally, baseline: Tally): Measurement[] {
  const share = (counts: Tally, key: keyof Tally): number =>
    Math.round((100_000 * counts[key]) / Math.max(1, counts.right + counts.wrong + counts.unplaced)) / 1000;
  const row = (metric: string, key: keyof Tally): Measurement => ({
    name,
    metric,
    value: share(own, key),
    unit: '%',
    baseline: share(baseline, key),
  });
  return [row('right', 'right'), row('not placed', 'unplaced'), row('silently wrong', 'wrong')];
}

function sum(tallies: readonly Tally[]): Tally {
  const total: Tally = { right: 0, wrong: 0, unplaced: 0 };
  for (const { right, wrong, unplaced } of tallies) {
    total.right += right;
    total.wrong += wrong;
    total.unplaced += unplaced;
  }
  return total;
}

export function run(): Promise<Measurement[]> {
  const random = seeded(SEED);
  const cases = repositoryVersions(ROOT, COMMITS).flatMap((version) => blocksOf(version, random));
  const measurements: Measurement[] = [];
  const all: Record<string, { own: Tally; exact: Tally; loose: Tally }[]> = { placeable: [], mistaken: [] };
  for (const [group, variants] of Object.entries({ placeable: spoilt, mistaken })) {
    for (const [variant, change] of Object.entries(variants)) {
      const changed = cases.flatMap((one) => (variant === 'the changed lines only' ? (bareBlock(one) ?? []) : change(one, random)));
      const own = tally(changed, ours);
      const exact = tally(changed, naive['exact, first match']);
      const loose = tally(changed, naive['blanks ignored, first match']);
      all[group]?.push({ own, exact, loose });
      measurements.push(...rows(`${group}: ${variant} (${changed.length} blocks)`, own, loose));
    }
  }
  for (const [group, tallies] of Object.entries(all)) {
    const own = sum(tallies.map((one) => one.own));
    measurements.push(...rows(`${group}, all, beside exact first match`, own, sum(tallies.map((one) => one.exact))));
    measurements.push(...rows(`${group}, all, beside first match without blanks`, own, sum(tallies.map((one) => one.loose))));
  }
  return Promise.resolve(measurements);
}
