import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ModelStatus } from '../../../src/core/ai/models/modelStatus.ts';
import { modelTestText } from '../../../src/cli/text/modelTest.ts';
import { modelsTable } from '../../../src/cli/text/modelsTable.ts';
import { countText } from '../../../src/core/ai/models/figures.ts';

const plain = (_style: unknown, text: string): string => text;
const NOW = Date.parse('2026-03-15T12:00:00Z');
const STATUS: ModelStatus = {
  name: 'reviewer',
  model: 'gpt-5.2',
  origin: 'https://api.openai.com',
  inFile: true,
  inUse: true,
  roles: ['review', 'generate'],
  fallback: ['local'],
  confirmed: true,
  needsKey: false,
  calls: 132,
  settled: 130,
  p50: 4200,
  p95: 18_100,
  errorRate: 0.015,
  inputTokens: 1_234_567,
  outputTokens: 88_000,
  cachedTokens: 0,
  cost: [{ amount: 1.23, currency: 'USD' }],
  lastUsed: NOW,
  lastFailure: { at: NOW, reason: 'timeout' },
  today: [{ amount: 0.12, currency: 'USD' }],
  budget: { perRun: 0.25, perDay: 5, currency: 'USD', heldToday: 0.01 },
  slo: { verdict: 'met', calls: 130, p95: { target: 20_000, actual: 18_100, met: true } },
  circuit: { state: 'open', failures: 3, reason: 'timeout', until: NOW + 8000 },
  capabilities: { api: 'chat', refused: ['temperature'], form: 'schema', contextTokens: 131_072 },
};
const NEW: ModelStatus = {
  name: 'local',
  model: 'qwen',
  origin: 'http://127.0.0.1:11434',
  inFile: true,
  inUse: false,
  roles: [],
  fallback: [],
  confirmed: false,
  needsKey: false,
  calls: 0,
  settled: 0,
  errorRate: 0,
  inputTokens: 0,
  outputTokens: 0,
  cachedTokens: 0,
  cost: [],
  today: [],
  circuit: { state: 'closed', failures: 0 },
};

describe('the table of models', () => {
  it('shows what is known, one row a model, with the rest below it', () => {
    assert.deepEqual(modelsTable([STATUS, NEW], NOW, plain), [
      'model       for               calls  p50    p95     errors  tokens    cost      today             SLO  circuit',
      '* reviewer  review, generate  132    4.2 s  18.1 s  1.5 %   1.2M/88k  1.23 USD  0.13 of 5.00 USD  met  open, 8 s',
      '    gpt-5.2 at https://api.openai.com · Chat Completions · keeps to a JSON schema · refuses temperature',
      '    takes 131k tokens · at most 0.25 USD a run · falls back to local · failed last on 2026-03-15 (timeout)',
      '  local     –                 0      –      –       –       0/0       –         –                 –    closed',
      '    qwen at http://127.0.0.1:11434 · not confirmed: handrail models confirm local --keep',
    ]);
  });

  it('says what keeps a model from being asked', () => {
    const text = modelsTable(
      [{ ...NEW, inUse: true, needsKey: true, problem: { reason: 'config', message: 'It is broken.', hint: 'Mend it.' } }],
      NOW,
      plain,
    ).join('\n');
    assert.match(text, /It is broken\. Mend it\. · a key is missing\n {4}not confirmed: handrail models confirm local$/);
    assert.match(modelsTable([{ ...NEW, inFile: false }], NOW, plain).join('\n'), /not in \.handrail\/models\.yml$/);
  });

  it('fits 120 columns, whatever the names and figures are', () => {
    const words = fc.stringMatching(/^[a-z-]{1,40}$/);
    const figure = fc.integer({ min: 0, max: 1e9 });
    const status = fc.record({
      name: words,
      roles: fc.array(words, { maxLength: 6 }),
      fallback: fc.array(words, { maxLength: 6 }),
      inputTokens: figure,
      outputTokens: figure,
      calls: fc.nat(999_999),
      cents: figure,
      message: fc.lorem({ maxCount: 40 }),
    });
    fc.assert(
      fc.property(fc.array(status, { minLength: 1, maxLength: 4 }), (some) => {
        const models = some.map(({ cents, message, ...one }) => ({
          ...STATUS,
          ...one,
          p50: 123_456,
          cost: [{ amount: cents / 100, currency: 'USD' }],
          problem: { reason: 'config' as const, message },
        }));
        for (const line of modelsTable(models, NOW, plain)) assert.ok(line.length <= 120, `${line.length}: ${line}`);
      }),
    );
  });

  it('rounds counts so that they stay short', () => {
    assert.deepEqual([0, 999, 1000, 1250, 12_345, 999_499, 999_500, 1_250_000, 250e6].map(countText), [
      '0',
      '999',
      '1k',
      '1.3k',
      '12k',
      '999k',
      '1M',
      '1.3M',
      '250M',
    ]);
  });
});

describe('a test of a model', () => {
  it('shows times, requests, cost, and what the answers have shown', () => {
    const test = {
      name: 'reviewer',
      model: 'gpt-5.2',
      origin: 'https://api.openai.com',
      latency: 1234,
      firstToken: 400,
      requests: 2,
      cost: { amount: 0.0003, currency: 'USD' },
      contextTokens: 128_000,
      notices: ['gpt-5.2 refuses "temperature"; it was left out.'],
    };
    const capabilities = { api: 'responses' as const, refused: ['temperature'], ignored: ['schema' as const], form: 'tool' as const };
    assert.equal(
      modelTestText({ ...test, capabilities }, plain),
      [
        '✓ reviewer answers: gpt-5.2 at https://api.openai.com',
        '  1.2 s, first text after 400 ms; 2 requests, 0.0003 USD',
        '  Responses API; answers by a forced call; refuses temperature; ignores a JSON schema',
        '  128000 tokens of context',
        '  gpt-5.2 refuses "temperature"; it was left out.',
      ].join('\n'),
    );
    const { cost: _cost, firstToken: _first, ...rest } = test;
    const bare = modelTestText({ ...rest, requests: 1, notices: [], destination: 'GPT-5 (copilot)', capabilities: { refused: [] } }, plain);
    assert.equal(bare, '✓ reviewer answers: GPT-5 (copilot)\n  1.2 s, without any text; 1 request\n  128000 tokens of context');
  });
});
