import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { EvalCase } from '../../../src/core/ai/eval/case.ts';
import { outcomeOf } from '../../../src/core/ai/eval/outcome.ts';
import type { ReviewResult } from '../../../src/core/ai/finding.ts';
import type { ModelProvider } from '../../../src/core/ai/provider.ts';
import { diffHunks, wholeFileHunk } from '../../../src/core/ai/review/hunks.ts';
import { reviewPipeline } from '../../../src/core/ai/review/pipeline.ts';
import { readCaseFolder } from '../../../src/node/ai/eval/caseFolder.ts';

/** Every shipped bug, found by a model that is right: its answer goes through the real pipeline, without engines and secret scan. */

const BUGS = readCaseFolder(join(import.meta.dirname, '../../../examples/eval')).filter(({ bug }) => bug !== undefined);

function modelThatSays(finding: Record<string, unknown>): ModelProvider {
  return {
    name: 'perfect',
    model: 'perfect',
    origin: 'https://models.example.com',
    contextTokens: 32_000,
    async *stream() {
      yield { type: 'text', text: JSON.stringify({ findings: [finding] }) };
      yield { type: 'end', reason: 'stop' };
    },
  };
}

async function review({ path, before, after }: EvalCase, provider: ModelProvider): Promise<ReviewResult> {
  const hunks = before === '' ? wholeFileHunk(after) : diffHunks(before, after, 8);
  const events = reviewPipeline(
    {
      scope: 'branch',
      units: [{ path, text: after, hunks }],
      skipped: [],
      known: [],
      rules: '',
      instructions: '',
      dismissals: [],
      facts: { now: 0, isGone: () => false },
      notices: [],
    },
    { builtin: { reads: () => true, review: async () => [] }, secrets: { scan: async () => [] }, provider, marker: () => 'DATA-fence' },
    new AbortController().signal,
  );
  for (;;) {
    const step = await events.next();
    if (step.done === true) return step.value;
  }
}

describe('a right answer about each shipped bug', () => {
  for (const one of BUGS) {
    const { id, path, bug } = one;
    const quotes = bug === undefined ? [] : [bug.quote, ...bug.also];
    quotes.forEach((quote, index) => {
      it(`${id}: is a hit at place ${index + 1}, also with a line that is off`, async () => {
        const lines = quote.trimEnd().split('\n').slice(0, 3);
        const finding = {
          file: path,
          line: 3,
          quote: lines.join('\n'),
          severity: 'high',
          category: 'bug',
          title: 'T',
          message: `It is: ${bug?.about[0]}.`,
        };
        const outcome = outcomeOf(one, await review(one, modelThatSays(finding)), 1);
        assert.equal(outcome.result, 'found', JSON.stringify(outcome.findings));
      });
    });
  }
});
