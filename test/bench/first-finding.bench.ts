import type { RawFinding, ReviewEvent } from '../../src/core/ai/finding.ts';
import type { ModelChunk, ModelProvider } from '../../src/core/ai/provider.ts';
import { AnswerParser } from '../../src/core/ai/review/answer.ts';
import { reviewPipeline, type ReviewInput } from '../../src/core/ai/review/pipeline.ts';
import { median, type Measurement } from './benchmark.ts';

/**
 * From the arrival of a finding's last byte to the finding being handed out, placed in a file of 2,000 lines; and how the time to
 * read an answer grows with its length and the size of its pieces, beside `JSON.parse` of the whole.
 */

const FILE_LINES = 2000;
const REPETITIONS = 15;
const NEVER = { aborted: false, addEventListener() {}, removeEventListener() {} };

function answer(count: number): string {
  const findings = Array.from({ length: count }, (_, index): RawFinding => {
    const line = 1 + ((index * 37) % FILE_LINES);
    const quote = `const value${line} = compute(${line});`;
    return {
      file: 'src/a.ts',
      line,
      severity: 'medium',
      category: 'bug',
      title: `Number ${index} ${Math.imul(index, 7919)}`,
      message: `x${index} `.repeat(60),
      quote,
    };
  });
  return JSON.stringify({ findings });
}

function input(): ReviewInput {
  const text = Array.from({ length: FILE_LINES }, (_, index) => `const value${index + 1} = compute(${index + 1});`).join('\n');
  return {
    scope: 'file',
    units: [{ path: 'src/a.ts', text }],
    skipped: [],
    known: [],
    rules: '',
    instructions: '',
    dismissals: [],
    facts: { now: 0, isGone: () => false },
    notices: [],
  };
}

/** Milliseconds from the last byte of each finding to its event. */
async function latencies(): Promise<number[]> {
  const text = answer(12);
  const ends = [...text.matchAll(/\}(?=[,\]])/gu)].map((match) => match.index + 1);
  let sent = 0;
  const provider: ModelProvider = {
    name: 'bench',
    model: 'bench',
    origin: 'http://127.0.0.1',
    contextTokens: 128_000,
    async *stream(): AsyncGenerator<ModelChunk> {
      let from = 0;
      for (const end of ends) {
        yield { type: 'text', text: text.slice(from, end - 1) };
        sent = performance.now();
        yield { type: 'text', text: text.slice(end - 1, end) };
        from = end;
      }
      yield { type: 'end', reason: 'stop' };
    },
  };
  const ports = {
    provider,
    builtin: { reads: () => true, review: () => Promise.resolve([]) },
    secrets: { scan: () => Promise.resolve([]) },
    marker: () => 'FENCE-1',
  };
  const found: number[] = [];
  const events: AsyncGenerator<ReviewEvent, unknown> = reviewPipeline(input(), ports, NEVER);
  for await (const event of events) if (event.type === 'finding') found.push(performance.now() - sent);
  if (found.length !== ends.length) throw new Error(`${found.length} of ${ends.length} findings arrived.`);
  return found;
}

/** Best of several: other work on the machine only ever adds. */
function parseTime(text: string, size: number): number {
  return Math.min(
    ...Array.from({ length: REPETITIONS }, () => {
      const parser = new AnswerParser();
      const started = performance.now();
      for (let at = 0; at < text.length; at += size) parser.push(text.slice(at, at + size));
      parser.finish();
      return performance.now() - started;
    }),
  );
}

export async function run(): Promise<Measurement[]> {
  await latencies();
  const firsts: number[] = [];
  const all: number[] = [];
  for (let round = 0; round < REPETITIONS; round++) {
    const times = await latencies();
    firsts.push(times[0] ?? Number.NaN);
    all.push(...times);
  }
  const short = answer(40);
  const long = answer(400);
  const whole = Math.min(
    ...Array.from({ length: REPETITIONS }, () => {
      const started = performance.now();
      JSON.parse(long);
      return performance.now() - started;
    }),
  );
  // The engine compiles what it runs often; that must not count as growth.
  for (const size of [1, 20]) parseTime(long, size);
  const growth = (size: number): number => parseTime(long, size) / long.length / (parseTime(short, size) / short.length);
  return [
    { name: 'first finding after its last byte', metric: 'median', value: median(firsts), unit: 'ms', baseline: 10 },
    { name: 'any finding after its last byte', metric: 'median', value: median(all), unit: 'ms', baseline: 10 },
    { name: 'any finding after its last byte', metric: 'worst', value: Math.max(...all), unit: 'ms', baseline: 10 },
    {
      name: `answer of ${long.length} characters in pieces of 20`,
      metric: 'parse',
      value: parseTime(long, 20),
      unit: 'ms',
      baseline: whole,
    },
    { name: 'time a character, answer ten times as long, pieces of 20', metric: 'growth', value: growth(20), unit: 'x', baseline: 1 },
    { name: 'time a character, answer ten times as long, pieces of 1', metric: 'growth', value: growth(1), unit: 'x', baseline: 1 },
  ];
}
