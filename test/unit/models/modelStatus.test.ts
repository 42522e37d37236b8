import assert from 'node:assert/strict';
import { modelRows, type StatusInput } from '../../../src/core/ai/models/modelStatus.ts';
import type { ModelHealth } from '../../../src/core/ai/models/health.ts';
import type { ModelsConfig } from '../../../src/core/ai/models/models.ts';
import type { ModelChoice } from '../../../src/core/ai/service.ts';

const CONFIG: ModelsConfig = {
  version: 1,
  models: {
    ours: {
      provider: 'openai',
      model: 'gpt-x',
      fallback: ['local'],
      price: { input: 1, output: 1, currency: 'EUR', per: 1 },
      budget: { perDay: 5 },
      slo: { errors: 0.1 },
    },
    local: { provider: 'openai', model: 'qwen' },
    engines: { provider: 'builtin' },
  },
  roles: { review: 'ours', generate: 'ours' },
};
const OURS = { model: 'gpt-x', origin: 'https://api.openai.com', confirmed: true, needsKey: false };
const LOCAL = { model: 'qwen', origin: 'http://127.0.0.1:1', confirmed: false, needsKey: false };
const CHOICE: ModelChoice = {
  kind: 'model',
  name: 'ours',
  model: 'gpt-x',
  origin: 'https://api.openai.com',
  because: 'x',
  confirmed: true,
  needsKey: false,
  offers: [],
};
const HEALTH: ModelHealth = {
  name: 'ours',
  model: 'gpt-x',
  origin: 'https://api.openai.com',
  calls: 30,
  settled: 30,
  p95: 100,
  errorRate: 0.2,
  inputTokens: 1,
  outputTokens: 2,
  cachedTokens: 0,
  cost: [],
  lastUsed: 1,
};

function input(over: Partial<StatusInput> = {}): StatusInput {
  return {
    choice: CHOICE,
    config: CONFIG,
    health: [],
    entries: { ours: OURS, local: LOCAL },
    circuit: () => ({ state: 'closed', failures: 0 }),
    costsToday: () => [],
    heldToday: (_of, currency) => (currency === 'EUR' ? 0.5 : 0),
    ...over,
  };
}
const names = (state: StatusInput): [string, boolean, boolean][] =>
  modelRows(state).map(({ name, inFile, inUse }) => [name, inFile, inUse]);

describe('the rows of models', () => {
  it('are those of the file, called or not, the built-in engines left out', () => {
    const [ours, local, ...others] = modelRows(input({ health: [HEALTH] }));
    assert.deepEqual(others, []);
    assert.partialDeepStrictEqual(ours, {
      name: 'ours',
      calls: 30,
      inUse: true,
      roles: ['review', 'generate'],
      fallback: ['local'],
      budget: { perDay: 5, currency: 'EUR', heldToday: 0.5 },
      slo: { verdict: 'missed', calls: 30 },
    });
    assert.partialDeepStrictEqual(local, { name: 'local', calls: 0, errorRate: 0, inUse: false, roles: [], confirmed: false });
    assert.equal(local && 'lastUsed' in local, false);
  });

  it('keep calls apart that were made under the same name somewhere else', () => {
    const rows = modelRows(input({ health: [{ ...HEALTH, origin: 'https://elsewhere.example' }] }));
    assert.deepEqual(
      rows.map(({ name, origin, calls, inFile, inUse }) => [name, origin, calls, inFile, inUse]),
      [
        ['ours', 'https://api.openai.com', 0, true, true],
        ['local', 'http://127.0.0.1:1', 0, true, false],
        ['ours', 'https://elsewhere.example', 30, false, false],
      ],
    );
  });

  it('begin with what the person follows where the file does not have it', () => {
    const followed = { ...CHOICE, name: 'codex', model: 'codex', origin: 'assistant:codex', confirmed: false };
    assert.deepEqual(names(input({ choice: followed })), [
      ['codex', false, true],
      ['ours', true, false],
      ['local', true, false],
    ]);
    assert.partialDeepStrictEqual(modelRows(input({ choice: followed }))[0], {
      confirmed: false,
      needsKey: false,
      origin: 'assistant:codex',
    });
    const called = { ...HEALTH, name: 'codex', model: 'codex', origin: 'assistant:codex' };
    assert.deepEqual(
      names(input({ choice: followed, health: [called] })).at(-1),
      ['codex', false, true],
      'once it was called it is listed anyway',
    );
  });

  it('say why what the person follows cannot be asked', () => {
    const { model: _model, origin: _origin, ...rest } = CHOICE;
    const gone: ModelChoice = { ...rest, name: 'codex', confirmed: false, problem: { reason: 'not-found', message: 'It is gone.' } };
    const [row] = modelRows(input({ choice: gone, config: undefined, entries: {} }));
    assert.partialDeepStrictEqual(row, { name: 'codex', inUse: true, origin: '', problem: { message: 'It is gone.' } });
    assert.equal(row && 'confirmed' in row, false);
  });

  it('tell an entry from a model of that name which the person follows', () => {
    const followed = { ...CHOICE, origin: 'http://127.0.0.1:11434' };
    assert.deepEqual(names(input({ choice: followed })), [
      ['ours', false, true],
      ['ours', true, false],
      ['local', true, false],
    ]);
  });

  it('have no row for the built-in reviewer', () => {
    const builtin: ModelChoice = { kind: 'builtin', name: 'builtin', because: 'x', confirmed: true, needsKey: false, offers: [] };
    assert.deepEqual(modelRows(input({ choice: builtin, config: undefined, entries: {} })), []);
  });

  it('show what answers have shown, and nothing where nothing is known', () => {
    const traits = { refused: ['seed'], form: 'tool' as const, tokenLimit: 'max_tokens' as const, since: 5 };
    const [ours, local] = modelRows(input({ entries: { ours: { ...OURS, traits }, local: { ...LOCAL, traits: { refused: [] } } } }));
    assert.deepEqual(ours?.capabilities, { refused: ['seed'], form: 'tool' });
    assert.equal(local?.capabilities, undefined);
  });
});
