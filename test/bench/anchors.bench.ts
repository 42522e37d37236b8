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
  'copied again below': (one, random) => {
    const lines = [...one.lines];
    lines.splice(Math.min(lines.length, one.truth - 1 + one.quote.length + below(random, 20)), 0, ...one.quote);
    return { ...one, lines, hunks: wholeFileHunk(lines.join('\n')) };
  },
};

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

function measure(name: string, cases: readonly AnchorCase[], methods: Record<string, Method>): Measurement[] {
  const all: [string, { right: number; wrong: number }][] = Object.entries(methods).map(([label, method]) => [label, tally(cases, method)]);
  const own = tally(cases, ours);
  const best = all.at(-1)?.[1];
  return [
    ...all.flatMap(([label, { right, wrong }]) => rows(`${name}, ${label}`, right, wrong)),
    ...rows(`${name}, handrail`, own.right, own.wrong, best),
  ];
}

function rows(name: string, right: number, wrong: number, baseline?: { right: number; wrong: number }): Measurement[] {
  const round = (value: number): number => Math.round(value * 1000) / 1000;
  return [
    { name, metric: 'right', value: round(right), unit: '%', baseline: baseline ? round(baseline.right) : null },
    { name, metric: 'silently wrong', value: round(wrong), unit: '%', baseline: baseline ? round(baseline.wrong) : null },
  ];
}

/** A file edited after the review, at places that leave the quote alone, or at the quote itself: then it must not be placed. */
function laterEdits(cases: readonly AnchorCase[], random: Random): Measurement[] {
  let right = 0;
  let wrong = 0;
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
    const placed = reanchor(
      { quote: one.quote.join('\n'), startLine: one.truth, symbol: enclosingSymbol(one.lines, one.truth) },
      lines.join('\n'),
    ).startLine;
    if (placed === truth) right++;
    else if (placed !== undefined) wrong++;
  }
  return rows('three lines, later edits', (100 * right) / cases.length, (100 * wrong) / cases.length);
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
      measurements.push(...measure(`${label}, ${history} (${cases.length} quotes)`, cases, naive));
      if (length === 1 || history !== 'generated') continue;
      for (const [variant, change] of Object.entries(variants)) {
        measurements.push(
          ...measure(
            `${label}, ${variant}`,
            cases.map((one) => change(one, random)),
            {},
          ),
        );
      }
      measurements.push(...laterEdits(cases, random));
    }
  }
  return Promise.resolve(measurements);
}
