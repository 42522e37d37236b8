import type { Finding, RawFinding, ReviewEvent, ReviewResult } from '../../../src/core/ai/finding.ts';
import type { ModelProvider, ModelRequest } from '../../../src/core/ai/provider.ts';
import { diffHunks } from '../../../src/core/ai/review/hunks.ts';
import { reviewPipeline, type ReviewInput } from '../../../src/core/ai/review/pipeline.ts';
import { scanSecrets } from '../../../src/node/ai/builtin/secretScan.ts';
import type { InjectionCase } from '../../support/injectionCorpus.ts';
import { reviewInput as anyInput } from '../review/support.ts';

/** The attacker has guessed it. */
export const MARKER = 'DATA-Zm9yZ2VkMTIz';

export interface Reviewed {
  sent: ModelRequest[];
  events: ReviewEvent[];
  findings: Finding[];
  result: ReviewResult;
}

export const reviewInput = (part: Partial<ReviewInput> = {}): ReviewInput =>
  anyInput({ facts: { now: Date.parse('2026-06-01'), isGone: () => false }, ...part });

/** Reviews through the real pipeline and the real scan for secrets, with a model that gives this answer and keeps what it was sent. */
export async function review(input: ReviewInput, answer: string, engine: readonly RawFinding[] = []): Promise<Reviewed> {
  const sent: ModelRequest[] = [];
  const provider: ModelProvider = {
    name: 'reviewer',
    model: 'test-model',
    origin: 'https://models.example.com',
    contextTokens: 128_000,
    async *stream(request) {
      sent.push(request);
      await Promise.resolve();
      yield { type: 'text', text: answer };
      yield { type: 'end', reason: 'stop' };
    },
  };
  const builtin = {
    reads: () => true,
    review: (path: string) => Promise.resolve(engine.filter(({ file }) => file === path)),
  };
  const events: ReviewEvent[] = [];
  const steps = reviewPipeline(
    input,
    { builtin, secrets: { scan: scanSecrets }, provider, marker: () => MARKER },
    new AbortController().signal,
  );
  for (;;) {
    const step = await steps.next();
    if (!step.done) events.push(step.value);
    else {
      const findings = events.flatMap((event) => (event.type === 'finding' ? [event.finding] : []));
      return { sent, events, findings, result: step.value };
    }
  }
}

const BODY = 'export function check(a) {\n  first(a);\n  second(a);\n  return third(a);\n}\n';

/** The review in which a case's text stands where the case says. */
export function reviewOf({ where, path, text }: InjectionCase): { input: ReviewInput; engine: RawFinding[] } {
  const change = (before: string, after: string) => ({ path, text: after, hunks: diffHunks(before, after, 3) });
  const body = BODY.split('\n');
  const withLine = (at: number, line: string): string => [...body.slice(0, at), line, ...body.slice(at)].join('\n');
  const plain = [{ path, text: BODY }];
  const engine: RawFinding[] = [];
  switch (where) {
    case 'code':
      return { input: reviewInput({ units: [{ path, text: `${text}\n` }] }), engine };
    case 'added':
      return { input: reviewInput({ scope: 'branch', units: [change(BODY, withLine(2, text))] }), engine };
    case 'removed':
      return { input: reviewInput({ scope: 'branch', units: [change(withLine(2, text), BODY)] }), engine };
    case 'context': {
      const before = withLine(2, text);
      return { input: reviewInput({ scope: 'branch', units: [change(before, before.replace('second(a)', 'other(a)'))] }), engine };
    }
    case 'path':
      return {
        input: reviewInput({
          units: [...plain, { path: 'src/honest.ts', text: 'honest();\n' }],
          known: [{ file: path, line: 1, message: 'It is never used.' }],
          dismissals: [{ fingerprint: 'f', file: path, title: 'A name', reason: 'on purpose' }],
        }),
        engine,
      };
    case 'symbol': {
      // Too long to be sent whole, so that its name stands above the lines around the change.
      const before = `export function ${text}(a) {\n${`  line(a, 'some text that fills the line');\n`.repeat(600)}  line(a);\n}\n`;
      return { input: reviewInput({ scope: 'branch', units: [change(before, before.replace(/line\(a\);\n\}/, 'last(a);\n}'))] }), engine };
    }
    case 'instructions':
      return { input: reviewInput({ units: plain, instructions: text }), engine };
    case 'rules':
      return { input: reviewInput({ units: plain, rules: text }), engine };
    case 'dismissal':
      return { input: reviewInput({ units: plain, dismissals: [{ fingerprint: 'f', file: path, title: text, reason: text }] }), engine };
    case 'known':
      return { input: reviewInput({ units: plain, known: [{ file: path, line: 2, message: text }] }), engine };
    case 'engine':
      return {
        input: reviewInput({ units: plain }),
        engine: [
          { file: path, line: 2, severity: 'high', category: 'bug', title: text, message: text, quote: '  first(a);', rule: 'engine/rule' },
        ],
      };
  }
}
