import path from 'node:path';
import { Anchorer, reanchor } from '../../src/core/ai/review/anchor.ts';
import { wholeFileHunk } from '../../src/core/ai/review/hunks.ts';
import { enclosingSymbol } from '../../src/core/ai/review/symbols.ts';
import {
  below,
  inventCommit,
  packageSources,
  quotesOf,
  repositoryVersions,
  seeded,
  type AnchorCase,
  type Random,
  type Version,
} from './anchorCases.ts';
import type { Measurement } from './benchmark.ts';

/**
 * Places quotes whose place is known, with our resolver and with naive ones on the same cases. `right` is the quoted line,
 * `silently wrong` any other line; the rest is openly not placed.
 */

const ROOT = path.resolve(import.meta.dirname, '../..');
const SEED = 20261122;
const COMMITS = 400;
const INVENTED = 1000;
const PER_VERSION = 4;

/** Start line, or undefined for "not placed". */
type Method = (one: AnchorCase) => number | undefined;

/** One index a file, as in a review. */
const anchorers = new WeakMap<object, Anchorer>();

const ours: Method = (one) => {
  const anchorer = anchorers.get(one.hunks) ?? new Anchorer(one.lines, one.hunks);
  anchorers.set(one.hunks, anchorer);
  return anchorer.place(one.quote.join('\n'), one.claim).startLine;
};

const naive: Record<string, Method> = {
  'line alone': (one) => one.claim,
  'first match in file': (one) => matches(one, 1, one.lines.length)[0],
  'nearest in hunks': (one) => {
    const found = one.hunks.flatMap((hunk) => matches(one, hunk.startLine, hunk.endLine));
    return found.sort((a, b) => off(a, one) - off(b, one))[0];
  },
};

function off(line: number, { claim = line }: AnchorCase): number {
  return Math.abs(line - claim);
}

function matches(one: AnchorCase, from: number, to: number): number[] {
  const found: number[] = [];
  for (let start = from; start + one.quote.length - 1 <= to; start++) {
    if (one.quote.every((line, index) => one.lines[start - 1 + index] === line)) found.push(start);
  }
  return found;
}

/** What models do to a quote or people to a file; the place stays known. */
const variants: Record<string, (one: AnchorCase, random: Random) => AnchorCase> = {
  'indentation lost': (one) => ({ ...one, quote: one.quote.map((line) => line.trim()) }),
  'spacing changed': (one) => ({ ...one, quote: one.quote.map((line) => line.replace(/\s+/gu, '  ')) }),
  'copied +': (one) => ({ ...one, quote: one.quote.map((line) => `+${line}`) }),
  'copied numbers and +': (one) => ({ ...one, quote: one.quote.map((line, index) => `${one.truth + index}+${line}`) }),
  'copied numbers': (one) => ({ ...one, quote: one.quote.map((line, index) => `${String(one.truth + index).padStart(5)} ${line}`) }),
  CRLF: (one) => ({ ...one, quote: one.quote.map((line) => `${line}\r`) }),
  'no claimed line': (one) => ({ ...one, claim: undefined }),
  'claim off by up to 50': (one, random) => ({ ...one, claim: Math.max(1, one.truth + below(random, 101) - 50) }),
  'code fence around': (one) => ({ ...one, quote: ['```ts', ...one.quote, '```'] }),
  'one word written differently': (one, random) => ({ ...one, quote: withOneLine(one.quote, random, misspelt) }),
  'other quotation marks': (one) => ({ ...one, quote: one.quote.map((line) => line.replaceAll("'", '"')) }),
  'comments left out': (one) => ({ ...one, quote: one.quote.map((line) => line.replace(/(\S)\s*\/\/ .*$/u, '$1')) }),
  'cut short by an ellipsis': (one) => ({ ...one, quote: one.quote.map((line) => (line.length > 60 ? `${line.slice(0, 50)}…` : line)) }),
  'one line left out': (one) => ({ ...one, quote: one.quote.filter((_, index) => one.quote.length < 3 || index !== 1) }),
  'copied again below': (one, random) => {
    const lines = [...one.lines];
    lines.splice(Math.min(lines.length, one.truth - 1 + one.quote.length + below(random, 20)), 0, ...one.quote);
    return { ...one, lines, hunks: wholeFileHunk(lines.join('\n')) };
  },
};

function withOneLine(quote: readonly string[], random: Random, change: (line: string) => string): string[] {
  const at = below(random, quote.length);
  return quote.map((line, index) => (index === at ? change(line) : line));
}

/** Two letters of the first long word change places. */
function misspelt(line: string): string {
  return line.replace(/([A-Za-z]{2})([a-z])([a-z])([A-Za-z]{2})/u, '$1$3$2$4');
}

function tally(cases: readonly AnchorCase[], method: Method): { right: number; wrong: number } {
  let right = 0;
  let wrong = 0;
  for (const one of cases) {
    const placed = method(one);
    if (placed === one.truth) right++;
    else if (placed !== undefined) wrong++;
  }
  return { right: (100 * right) / cases.length, wrong: (100 * wrong) / cases.length };
}

/** Every method on the same cases; the last naive one, which is the best, stands beside ours. */
function measure(name: string, cases: readonly AnchorCase[]): Measurement[] {
  const all: [string, { right: number; wrong: number }][] = Object.entries(naive).map(([label, method]) => [label, tally(cases, method)]);
  const own = tally(cases, ours);
  const best = all.at(-1)?.[1];
  return [
    ...all.flatMap(([label, { right, wrong }]) => rows(`${name}, ${label}`, right, wrong)),
    ...rows(`${name}, handrail`, own.right, own.wrong, best),
  ];
}

/** Ours alone, with the best naive method on the same cases beside it. */
function measureVariant(name: string, cases: readonly AnchorCase[]): Measurement[] {
  const own = tally(cases, ours);
  return rows(name, own.right, own.wrong, tally(cases, naive['nearest in hunks'] ?? ours));
}

function rows(name: string, right: number, wrong: number, baseline?: { right: number; wrong: number }): Measurement[] {
  const round = (value: number): number => Math.round(value * 1000) / 1000;
  return [
    { name, metric: 'right', value: round(right), unit: '%', baseline: baseline ? round(baseline.right) : null },
    { name, metric: 'silently wrong', value: round(wrong), unit: '%', baseline: baseline ? round(baseline.wrong) : null },
  ];
}

/**
 * A file edited after the review, at places that leave the quote alone, or at the quote itself: then it must not be placed. Beside it, the
 * place of the quote that is nearest to where it was.
 */
function laterEdits(name: string, cases: readonly AnchorCase[], random: Random): Measurement[] {
  const own = { right: 0, wrong: 0 };
  const nearest = { right: 0, wrong: 0 };
  for (const one of cases) {
    const lines = [...one.lines];
    let truth: number | undefined = one.truth;
    for (let count = 1 + below(random, 4); count > 0; count--) {
      const at = below(random, one.truth);
      lines.splice(at, 0, `// edit ${count} of somebody`, '');
      truth += at < truth ? 2 : 0;
    }
    if (random() < 0.3) {
      lines[truth - 1] = `${lines[truth - 1] ?? ''} // and this line too`;
      truth = undefined;
    }
    const quote = one.quote.join('\n');
    const copies = new Anchorer(one.lines).copiesAt(quote, one.truth);
    const anchor = { status: 'exact' as const, confidence: 1, ...(copies === undefined ? {} : { copies }) };
    const symbol = enclosingSymbol(one.lines, one.truth);
    count(own, truth, reanchor({ quote, startLine: one.truth, symbol, anchor }, lines.join('\n')).startLine);
    const places = matches({ ...one, lines }, 1, lines.length);
    count(nearest, truth, places.sort((a, b) => Math.abs(a - one.truth) - Math.abs(b - one.truth))[0]);
  }
  const share = ({ right, wrong }: typeof own): typeof own => ({
    right: (100 * right) / cases.length,
    wrong: (100 * wrong) / cases.length,
  });
  return rows(name, share(own).right, share(own).wrong, share(nearest));
}

function count(tallied: { right: number; wrong: number }, truth: number | undefined, placed: number | undefined): void {
  if (placed === truth) tallied.right++;
  else if (placed !== undefined) tallied.wrong++;
}

export function run(): Promise<Measurement[]> {
  const random = seeded(SEED);
  const sources = packageSources(path.join(ROOT, 'node_modules'));
  const histories: Record<string, Version[]> = {
    'this repository': repositoryVersions(ROOT, COMMITS),
    generated: Array.from({ length: INVENTED }, () => inventCommit(sources[below(random, sources.length)] ?? '', random)),
  };
  const measurements: Measurement[] = [];
  for (const [history, versions] of Object.entries(histories)) {
    for (const [label, length] of [
      ['one line', 1],
      ['three lines', 3],
    ] as const) {
      const cases = versions.flatMap((version) => quotesOf(version, length, PER_VERSION, random));
      measurements.push(...measure(`${label}, ${history} (${cases.length} quotes)`, cases));
      if (length === 1) continue;
      for (const [variant, change] of Object.entries(variants)) {
        measurements.push(
          ...measureVariant(
            `${label}, ${history}: ${variant}`,
            cases.map((one) => change(one, random)),
          ),
        );
      }
      measurements.push(...laterEdits(`${label}, ${history}: later edits`, cases, random));
    }
  }
  return Promise.resolve(measurements);
}
