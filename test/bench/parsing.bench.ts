import { jsonrepair } from 'jsonrepair';
import type { RawFinding } from '../../src/core/ai/finding.ts';
import { AnswerParser } from '../../src/core/ai/review/answer.ts';
import { findingsIn } from '../../src/core/ai/review/answerFinding.ts';
import { recordedAnswers, type RecordedAnswer } from '../support/answerCorpus.ts';
import { hardAnswers } from '../support/hardAnswers.ts';
import { below, seeded, type Random } from './anchorCases.ts';
import type { Measurement } from './benchmark.ts';

/**
 * Reads answers that were cut or damaged, beside `JSON.parse` and `jsonrepair` of the whole text, and counts which of the findings that are
 * complete in them come out as they were. And the time a character takes, in long answers and in ones made to be slow.
 */

const SEED = 20261126;
const DAMAGED_EACH = 300;
const LENGTH = 100_000;
/** Characters in a piece of the stream. */
const PIECE = 20;
const REPETITIONS = 15;

interface Case {
  text: string;
  /** What is complete in it, by where it stands. */
  before: RawFinding[];
  behind: RawFinding[];
}

type Reader = (text: string) => RawFinding[];

const readers: Record<string, Reader> = {
  'JSON.parse of the whole': (text) => listed(JSON.parse(outer(text))),
  'jsonrepair of the whole': (text) => listed(JSON.parse(jsonrepair(outer(text)))),
  handrail(text) {
    const parser = new AnswerParser();
    return [...parser.push(text), ...parser.finish().findings];
  },
};

/** Without prose and fences around it, as a careful caller would cut it out. */
function outer(text: string): string {
  const start = text.search(/[[{]/u);
  const end = Math.max(text.lastIndexOf(']'), text.lastIndexOf('}'));
  return start < 0 || end < start ? text : text.slice(start, end + 1);
}

function listed(value: unknown): RawFinding[] {
  return Array.isArray(value) ? value.flatMap((one) => findingsIn(one)) : findingsIn(value);
}

function cuts({ text, findings, ends }: RecordedAnswer): Case[] {
  return Array.from({ length: text.length + 1 }, (_, length) => ({
    text: text.slice(0, length),
    before: findings.filter((_finding, index) => (ends[index] ?? Infinity) <= length),
    behind: [],
  }));
}

/** One finding loses or gains a few characters somewhere; the others are complete. */
function damages({ text, findings, ends }: RecordedAnswer, random: Random): Case[] {
  return Array.from({ length: DAMAGED_EACH }, () => {
    const hurt = below(random, findings.length);
    const end = ends[hurt] ?? 0;
    const at = end - 1 - below(random, 150);
    const lost = below(random, 2) * (1 + below(random, Math.min(12, end - at)));
    const gained = ['', '"', '{', '}', '[', '\\', ',', '\n', 'x'][below(random, 9)] ?? '';
    return {
      text: text.slice(0, at) + gained + text.slice(Math.min(end, at + lost)),
      before: findings.slice(0, hurt),
      behind: findings.slice(hurt + 1),
    };
  });
}

interface Kept {
  /** Percent of the findings before the damage, and of those behind it. */
  before: number;
  behind: number;
  throws: number;
}

function kept(cases: readonly Case[], read: Reader): Kept {
  const right = { before: 0, behind: 0 };
  const all = { before: 0, behind: 0 };
  let throws = 0;
  for (const one of cases) {
    let found = new Set<string>();
    try {
      found = new Set(read(one.text).map(sayings));
    } catch {
      throws++;
    }
    for (const where of ['before', 'behind'] as const) {
      all[where] += one[where].length;
      right[where] += one[where].filter((finding) => found.has(sayings(finding))).length;
    }
  }
  return { before: (100 * right.before) / all.before, behind: (100 * right.behind) / all.behind, throws };
}

function sayings({ title, message, quote, line }: RawFinding): string {
  return JSON.stringify([title, message, quote, line]);
}

function share(label: string, cases: readonly Case[], metrics: Record<string, keyof Kept>): Measurement[] {
  const results = Object.entries(readers).map(([name, read]) => ({ name, ...kept(cases, read) }));
  const others = results.slice(0, -1);
  return results.flatMap((result) =>
    Object.entries(metrics).map(([metric, key]): Measurement => {
      const best = (key === 'throws' ? Math.min : Math.max)(...others.map((other) => other[key]));
      const baseline = result.name === 'handrail' ? best : null;
      return {
        name: `${label} (${cases.length}), ${result.name}`,
        metric,
        value: result[key],
        unit: key === 'throws' ? '' : '%',
        baseline,
      };
    }),
  );
}

/** Nanoseconds a character of each text, in turns; the best of several, as other work on the machine only ever adds. */
function timesOf(texts: readonly string[]): number[] {
  const best = texts.map(() => Infinity);
  for (let turn = 0; turn < REPETITIONS; turn++) {
    for (const [index, text] of texts.entries()) {
      const parser = new AnswerParser();
      const started = performance.now();
      for (let at = 0; at < text.length && !parser.stopped; at += PIECE) parser.push(text.slice(at, at + PIECE));
      parser.finish();
      best[index] = Math.min(best[index] ?? Infinity, ((performance.now() - started) * 1e6) / text.length);
    }
  }
  return best;
}

function growth(): Measurement[] {
  const rows: Measurement[] = [];
  let worst = 0;
  for (const [name, make] of Object.entries(hardAnswers)) {
    const [short = 0, middle = 0, long = 0] = timesOf([LENGTH / 100, LENGTH / 10, LENGTH].map((length) => make(length)));
    worst = Math.max(worst, long / middle);
    rows.push({
      name,
      metric: `time a character at ${LENGTH / 1000}k, beside ${LENGTH / 10_000}k`,
      value: long,
      unit: 'ns',
      baseline: middle,
    });
    rows.push({
      name,
      metric: `time a character at ${LENGTH / 10_000}k, beside ${LENGTH / 100_000}k`,
      value: middle,
      unit: 'ns',
      baseline: short,
    });
  }
  rows.push({
    name: 'the worst of these',
    metric: 'growth of the time a character, ten times as long',
    value: worst,
    unit: 'x',
    baseline: 1,
  });
  return rows;
}

export function run(): Promise<Measurement[]> {
  const random = seeded(SEED);
  const answers = recordedAnswers();
  return Promise.resolve([
    ...share(
      'cut anywhere',
      answers.flatMap((answer) => cuts(answer)),
      { 'complete findings kept': 'before', throws: 'throws' },
    ),
    ...share(
      'one finding damaged',
      answers.flatMap((answer) => damages(answer, random)),
      { 'kept before the damage': 'before', 'kept behind it': 'behind', throws: 'throws' },
    ),
    ...growth(),
  ]);
}
