import type { Finding, RawFinding } from '../../../src/core/ai/finding.ts';
import type { ModelChunk, ModelProvider, ModelRequest } from '../../../src/core/ai/provider.ts';
import type { ReviewUnit } from '../../../src/core/ai/review/collect.ts';
import type { ReviewInput, ReviewPorts } from '../../../src/core/ai/review/pipeline.ts';
import { prepareUnits, type PreparedUnit } from '../../../src/core/ai/review/prepare.ts';

/** What the tests of the review's stages share. */

export const never = new AbortController().signal;

export function rawFinding(extra: Partial<RawFinding> = {}): RawFinding {
  return { file: 'a.ts', severity: 'medium', category: 'bug', title: 'A title', message: 'A message.', quote: '', ...extra };
}

/** A finding as it is shown. */
export const finding = (extra: Partial<Finding> = {}): Finding => ({
  id: 'id1',
  file: 'src/pay.js',
  startLine: 2,
  endLine: 2,
  severity: 'high',
  category: 'bug',
  title: 'Assignment in a condition',
  message: 'The condition assigns zero.',
  quote: '  if (a = 0) return;',
  source: 'model',
  anchor: { status: 'exact', confidence: 0.99 },
  ...extra,
});

export const answerOf = (...findings: RawFinding[]): string => JSON.stringify({ findings });

/** Units ready to place findings in, without secrets. */
export async function prepared(...units: ReviewUnit[]): Promise<PreparedUnit[]> {
  return (await prepareUnits(units, { scan: () => Promise.resolve([]) }, never)).units;
}

export function reviewInput(extra: Partial<ReviewInput> = {}): ReviewInput {
  return {
    scope: 'file',
    units: [],
    skipped: [],
    known: [],
    rules: '',
    instructions: '',
    dismissals: [],
    facts: { now: 0, isGone: () => false },
    notices: [],
    ...extra,
  };
}

export function reviewPorts(extra: Partial<ReviewPorts> = {}): ReviewPorts {
  return {
    builtin: { reads: () => true, review: () => Promise.resolve([]) },
    secrets: { scan: () => Promise.resolve([]) },
    marker: () => 'FENCE',
    ...extra,
  };
}

export type ScriptedModel = ModelProvider & { asked: ModelRequest[] };

/** A model that answers each request by a function; a string is text, an error fails there. Remembers what it was asked. */
export function modelThat(
  says: (request: ModelRequest, index: number) => readonly (string | ModelChunk | Error)[],
  extra: Partial<ModelProvider> = {},
): ScriptedModel {
  const asked: ModelRequest[] = [];
  return {
    name: 'reviewer',
    model: 'test-model',
    origin: 'https://models.example.com',
    contextTokens: 32_000,
    asked,
    async *stream(request) {
      asked.push(request);
      const chunks = says(request, asked.length - 1);
      await Promise.resolve();
      for (const chunk of chunks) {
        if (chunk instanceof Error) throw chunk;
        yield typeof chunk === 'string' ? { type: 'text', text: chunk } : chunk;
      }
      yield { type: 'end', reason: 'stop' };
    },
    ...extra,
  };
}
