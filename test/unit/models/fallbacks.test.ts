import assert from 'node:assert/strict';
import { fallbacksOf } from '../../../src/core/ai/models/fallbacks.ts';
import type { ModelEntry } from '../../../src/core/ai/models/models.ts';

function config(fallbacks: Record<string, string[]>) {
  return {
    models: Object.fromEntries(
      Object.entries(fallbacks).map(([name, fallback]): [string, ModelEntry] => [name, { provider: 'openai', fallback }]),
    ),
  };
}

describe('fallbacks', () => {
  it('come in order, each followed by its own, and once', () => {
    const models = config({ a: ['b', 'c'], b: ['d', 'c'], c: [], d: ['e'], e: [] });
    assert.deepEqual(fallbacksOf(models, 'a'), ['b', 'd', 'e', 'c']);
    assert.deepEqual(fallbacksOf(models, 'e'), []);
  });

  it('end in a circle, and leave out what is not there', () => {
    assert.deepEqual(fallbacksOf(config({ a: ['b', 'gone'], b: ['a', 'toString'] }), 'a'), ['b']);
    assert.deepEqual(fallbacksOf(config({ a: [] }), 'gone'), []);
  });
});
