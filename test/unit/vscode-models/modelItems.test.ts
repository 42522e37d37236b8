import assert from 'node:assert/strict';
import type { ModelStatus } from '../../../src/core/ai/models/modelStatus.ts';
import type { ModelChoice } from '../../../src/core/ai/service.ts';
import { contextOf, descriptionOf, messageOf, toItems, type ModelItem } from '../../../src/vscode/models/view/modelItems.ts';
import type { ModelsState } from '../../../src/vscode/models/view/modelsState.ts';
import { english } from '../vscode-workflow/samples.ts';

const CHOICE: ModelChoice = { kind: 'model', name: 'reviewer', because: 'The file says so.', confirmed: true, needsKey: false, offers: [] };
const BUILTIN: ModelChoice = { ...CHOICE, kind: 'builtin', name: 'builtin' };
const REVIEWER: ModelStatus = {
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
  p95: 18_100,
  errorRate: 0.015,
  inputTokens: 1_234_567,
  outputTokens: 88_000,
  cachedTokens: 0,
  cost: [{ amount: 1.23, currency: 'USD' }],
  lastUsed: 1,
  today: [{ amount: 0.12, currency: 'USD' }],
  budget: { perRun: 0.25, perDay: 5, currency: 'USD', heldToday: 0.01 },
  slo: {
    verdict: 'met',
    calls: 130,
    p95: { target: 20_000, actual: 18_100, met: true },
    errors: { target: 0.02, actual: 0.015, met: true },
  },
  circuit: { state: 'closed', failures: 0 },
  capabilities: { refused: ['temperature'], form: 'schema', contextTokens: 131_072 },
};
const LOCAL: ModelStatus = {
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

const shown = (models: ModelStatus[], over: Partial<Extract<ModelsState, { kind: 'models' }>> = {}): ModelsState => ({
  kind: 'models',
  status: { choice: CHOICE, models },
  testing: new Set(),
  declined: () => false,
  ...over,
});
const one = (model: ModelStatus, over = {}): ModelItem => toItems(shown([model], over), english)[0] ?? assert.fail('there is a row');
const details = (item: ModelItem): [string, string | undefined][] =>
  (item.children ?? []).map(({ label, description }) => [label, description]);

describe('the Models view', () => {
  it('says in one row what a model is used for, that it answers, and what was spent of its budget', () => {
    const item = one(REVIEWER);
    assert.equal(item.label, 'reviewer');
    assert.equal(item.description, 'answers here · review, generate · 0.13 of 5.00 USD today');
    assert.equal(item.spoken, 'reviewer, answers here · review, generate · 0.13 of 5.00 USD today');
    assert.deepEqual([item.icon, item.color, item.isOpen], ['circle-filled', 'charts.green', true]);
    assert.deepEqual([item.modelName, item.origin], ['reviewer', 'https://api.openai.com']);
  });

  it('says the rest in rows below, which can be read aloud', () => {
    const item = one(REVIEWER);
    assert.deepEqual(details(item), [
      ['Goes to', 'gpt-5.2 at https://api.openai.com'],
      ['Used for', 'review, generate'],
      ['Falls back to', 'local'],
      ['Health', '132 calls in 30 days · p95 18.1 s of 20.0 s · 1.5 % failed, 2 % allowed · meets its SLO'],
      ['Spent', '0.13 of 5.00 USD today · at most 0.25 USD a run · 1.23 USD in 30 days'],
      ['Answers', 'keeps to a JSON schema · refuses temperature · takes 131k tokens'],
      ['Tokens', '1.2M read, 88k written in 30 days'],
    ]);
    for (const child of item.children ?? []) assert.equal(child.spoken, `${child.label}: ${child.description}`);
    const ids = [item, ...(item.children ?? [])].map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('shows a model that was never called, what is missing, and the command that mends it', () => {
    const item = one({ ...LOCAL, needsKey: true, origin: 'https://models.example' });
    assert.equal(item.description, 'no key · not confirmed');
    assert.deepEqual(details(item), [
      ['Goes to', 'qwen at https://models.example'],
      ['Not confirmed', 'no code goes there before you agree…'],
      ['No key', 'set it…'],
      ['Health', 'not called in 30 days'],
    ]);
    const target = [{ modelName: 'local', origin: 'https://models.example' }];
    assert.deepEqual(
      item.children?.flatMap(({ command }) => command ?? []),
      [
        { id: 'handrail.confirmModel', arguments: target },
        { id: 'handrail.setApiKey', arguments: target },
      ],
    );
    assert.equal(item.isOpen, false);
  });

  it('marks trouble: failures, what cannot be asked, a missed SLO; and a test that runs', () => {
    const until = Date.parse('2026-03-15T12:00:08Z');
    const open = one({ ...REVIEWER, circuit: { state: 'open', failures: 3, reason: 'timeout', until } });
    assert.deepEqual([open.icon, /left alone after failures/.test(open.description ?? '')], ['debug-disconnect', true]);
    assert.match(details(open).find(([label]) => label === 'Left alone')?.[1] ?? '', /^3 failures in a row \(timeout\), until .*\d/);
    const half = one({ ...REVIEWER, circuit: { state: 'half-open', failures: 3, reason: 'timeout' } });
    assert.match(details(half).find(([label]) => label === 'Left alone')?.[1] ?? '', /the next request tries it/);
    const problem = one({ ...REVIEWER, problem: { reason: 'config', message: 'It is\nbroken.', hint: 'Mend it.' } });
    assert.deepEqual([problem.icon, details(problem)[1]], ['warning', ['Cannot be asked', 'It is broken. Mend it.']]);
    const missed = one({ ...REVIEWER, slo: { verdict: 'missed', calls: 130 } });
    assert.deepEqual([missed.icon, /misses its SLO/.test(missed.description ?? '')], ['pulse', true]);
    const testing = one(REVIEWER, { testing: new Set(['reviewer']) });
    assert.deepEqual([testing.icon, testing.description?.startsWith('testing…')], ['loading~spin', true]);
  });

  it('counts an origin that the person declined as not confirmed', () => {
    const item = one(REVIEWER, { declined: (origin: string) => origin === REVIEWER.origin });
    assert.match(item.description ?? '', /not confirmed/);
    assert.match(item.context ?? '', /confirm/);
  });

  it('offers on each row what can be done there, and nothing on rows of other workspaces', () => {
    const contexts = (models: ModelStatus[]) => toItems(shown(models), english).map(({ context }) => context);
    const assistant = { ...LOCAL, name: 'codex', origin: 'assistant:codex', inFile: false, inUse: true };
    const elsewhere = { ...LOCAL, name: 'other', inFile: false };
    assert.deepEqual(contexts([REVIEWER, LOCAL, assistant, elsewhere]), [
      'test key switch',
      'test key confirm',
      'test confirm switch',
      undefined,
    ]);
    assert.deepEqual(details(toItems(shown([elsewhere]), english)[0] ?? assert.fail()), [
      ['Goes to', 'qwen at http://127.0.0.1:11434'],
      ['Health', 'not called in 30 days'],
    ]);
  });

  it('says that the built-in reviewer answers, above models that could', () => {
    const items = toItems(shown([LOCAL], { status: { choice: BUILTIN, models: [LOCAL] } }), english);
    assert.deepEqual(
      items.map(({ label, context }) => [label, context]),
      [
        ['Built-in reviewer', 'switch'],
        ['local', 'test key confirm'],
      ],
    );
  });

  it('has states without rows, each with its own text, and a failure with what to do', () => {
    const empty = shown([], { status: { choice: BUILTIN, models: [] } });
    assert.deepEqual([toItems(empty, english), contextOf(empty)], [[], 'empty']);
    for (const kind of ['no-folder', 'untrusted'] as const) assert.deepEqual([toItems({ kind }, english), contextOf({ kind })], [[], kind]);
    const failed: ModelsState = { kind: 'failed', message: 'A bracket is not closed.', hint: 'Close it.', isFile: true };
    assert.equal(messageOf(failed), 'A bracket is not closed. Close it.');
    assert.deepEqual(
      toItems(failed, english).map(({ command }) => command?.id),
      ['handrail.openModelsFile', 'handrail.refreshModels'],
    );
    assert.deepEqual(
      toItems({ ...failed, isFile: false }, english).map(({ command }) => command?.id),
      ['handrail.refreshModels'],
    );
    assert.equal(contextOf(failed), 'failed');
  });

  it('names the folder where there are several', () => {
    assert.equal(descriptionOf(shown([REVIEWER], { folder: 'shop' })), 'shop');
    assert.equal(descriptionOf(shown([REVIEWER])), '');
    assert.equal(messageOf(shown([REVIEWER])), '');
  });

  it('keeps the same words where less is known', () => {
    const { slo: _slo, p95: _p95, budget: _budget, ...rest } = REVIEWER;
    assert.deepEqual(
      details(
        one({
          ...rest,
          calls: 1,
          settled: 0,
          fallback: [],
          roles: [],
          capabilities: { api: 'responses', refused: [], ignored: ['schema', 'tool'], form: 'prompt' },
        }),
      ),
      [
        ['Goes to', 'gpt-5.2 at https://api.openai.com'],
        ['Health', '1 call in 30 days'],
        ['Spent', '0.12 USD today · 1.23 USD in 30 days'],
        ['Answers', 'answers as the prompt asks · on the Responses API · ignores a JSON schema, a forced call'],
        ['Tokens', '1.2M read, 88k written in 30 days'],
      ],
    );
    const editor = one({ ...LOCAL, model: '', origin: '' });
    assert.deepEqual(details(editor)[0], ['Goes to', 'a language model of the editor']);
    assert.deepEqual(details(one({ ...LOCAL, origin: '' }))[0], ['Goes to', 'qwen, a language model of the editor']);
    assert.equal(editor.context, 'test confirm');
  });
});
