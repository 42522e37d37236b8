import assert from 'node:assert/strict';
import type { ReviewResult } from '../../../src/core/ai/finding.ts';
import type { ReviewStep } from '../../../src/core/workflow/definition.ts';
import { reviewEvidence } from '../../../src/node/workflow/reviewEvidence.ts';

import { review } from './planFixtures.ts';

const result = (fields: Partial<ReviewResult> = {}): ReviewResult => ({
  model: 'reviewer',
  modelId: 'gpt-5.2',
  promptDigest: 'sha256:0',
  findings: [],
  dismissed: [],
  coverage: [],
  redactions: [],
  notices: [],
  usage: { requests: 1, inputTokens: 0, outputTokens: 0, cachedTokens: 0, cacheHits: 0 },
  ...fields,
});
const STEP = review({ id: 'r' }) as ReviewStep;
const LOCAL = { name: 'local', model: 'qwen', origin: 'http://127.0.0.1:11434' };
const CHOSEN = { name: 'reviewer', model: 'gpt-5.2', origin: 'https://api.openai.com' };

describe('evidence of a review', () => {
  const named = (fields: Partial<ReviewResult>) => {
    const { provider, model, modelId, alsoAnswered } = reviewEvidence(STEP, result(fields));
    return { provider, model, modelId, alsoAnswered };
  };

  it('names who answered, not who was asked first', () => {
    assert.deepEqual(named({}), { provider: 'model', model: 'reviewer', modelId: 'gpt-5.2', alsoAnswered: undefined });
    assert.deepEqual(named({ answeredBy: [LOCAL] }), { provider: 'model', model: 'local', modelId: 'qwen', alsoAnswered: undefined });
    assert.deepEqual(named({ answeredBy: [LOCAL, CHOSEN] }), {
      provider: 'model',
      model: 'reviewer',
      modelId: 'gpt-5.2',
      alsoAnswered: [{ model: 'local', modelId: 'qwen' }],
    });
    const { modelId: _, ...builtin } = result({ model: 'builtin' });
    assert.equal(reviewEvidence(STEP, builtin).provider, 'builtin');
  });

  it('tells what the answers depend on, and who judged them', () => {
    const cacheKey = `sha256:${'0'.repeat(64)}`;
    const evidence = reviewEvidence(STEP, result({ cacheKey, scoredBy: LOCAL }));
    assert.deepEqual(
      [evidence.promptDigest, evidence.cacheKey, evidence.scoredBy],
      ['sha256:0', cacheKey, { model: 'local', modelId: 'qwen' }],
    );
  });
});
