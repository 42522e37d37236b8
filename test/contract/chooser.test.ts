import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { ModelEntry, ModelsConfig } from '../../src/core/ai/models/models.ts';
import type { EditorModel, EditorModels, ModelChunk, ModelProvider, ModelRequest } from '../../src/core/ai/provider.ts';
import type { ModelOffer } from '../../src/core/ai/service.ts';
import { HandrailError } from '../../src/core/errors.ts';
import { createChooser, type ChooserOptions } from '../../src/node/ai/models/chooser.ts';
import { createHealthStore } from '../../src/node/ai/models/health/healthStore.ts';
import { environmentKeys } from '../../src/node/ai/models/keys/environmentKeys.ts';
import { askLocalModel } from '../../src/node/ai/models/local/localContext.ts';
import { findLocalServers } from '../../src/node/ai/models/local/localServers.ts';
import { parseEndpoint } from '../../src/core/ai/models/endpoints.ts';
import { createTestAssistants, type TestAssistants } from '../support/assistants.ts';
import { startModelServer, type ModelServer } from '../support/modelServer.ts';

/** As an extension implements it: an instance of a class, whose members are not its own. */
class EditorProvider implements ModelProvider {
  readonly #model: EditorModel;
  readonly #name: string;
  readonly #asked: string[];

  constructor(model: EditorModel, name: string, asked: string[]) {
    this.#model = model;
    this.#name = name;
    this.#asked = asked;
  }

  get name(): string {
    return this.#name;
  }

  get model(): string {
    return this.#model.id;
  }

  get origin(): string {
    return `editor:${this.#model.vendor}`;
  }

  get contextTokens(): number {
    return this.#model.maxInputTokens;
  }

  countTokens(text: string): Promise<number> {
    return Promise.resolve(this.#model.id === '' ? 0 : text.length);
  }

  async *stream(request: ModelRequest): AsyncGenerator<ModelChunk> {
    this.#asked.push(`${this.#model.id}: ${request.user}`);
    yield { type: 'end', reason: 'stop' };
  }
}

describe('chooser', function () {
  this.timeout(20_000);
  let folder: string;
  let server: ModelServer;
  let models: ModelsConfig | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'handrail-chooser-'));
    await mkdir(join(folder, 'workspace'));
    server = await startModelServer({ models: ['qwen', 'nomic-embed-text'], replies: [{ text: 'hello', usage: { input: 7, output: 3 } }] });
    models = undefined;
  });
  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  function chooser(over: Partial<ChooserOptions> = {}) {
    const env = over.env ?? {};
    return createChooser({
      root: join(folder, 'workspace'),
      home: join(folder, 'home'),
      env,
      keys: environmentKeys(env),
      models: () => Promise.resolve(models),
      trusted: () => true,
      environmentIsChoice: true,
      servers: [],
      ...over,
    });
  }

  const entry = (baseURL: string) => ({
    version: 1 as const,
    models: { reviewer: { provider: 'openai' as const, model: 'qwen', baseURL } },
    roles: { review: 'reviewer' },
  });

  it('answers with the built-in reviewer when nothing is there', async () => {
    const { choice, provider } = await chooser().provide();
    assert.equal(choice.kind, 'builtin');
    assert.equal(provider, undefined);
    assert.deepEqual(choice.offers, []);
  });

  it('sends nothing before the origin was confirmed, then remembers for this workspace and origin alone', async () => {
    models = entry(server.baseURL);
    const choice = await chooser().choose();
    assert.equal(choice.confirmed, false);
    await assert.rejects(chooser().provide(), { name: 'HandrailError', reason: 'untrusted' });
    await chooser().confirm(server.origin);
    assert.equal((await chooser().choose()).confirmed, true);
    assert.ok((await chooser().provide()).provider);
    await symlink(join(folder, 'workspace'), join(folder, 'link'));
    assert.equal((await chooser({ root: join(folder, 'link') }).choose()).confirmed, true, 'the same folder by another way');
    assert.equal((await chooser({ root: folder }).choose()).confirmed, false, 'another workspace');
    models = entry(server.baseURL.replace('127.0.0.1', 'localhost'));
    assert.equal((await chooser().choose()).confirmed, false, 'another origin');
    assert.equal(server.requests.length, 0);
  });

  it('never gives a key to the origin a repository names', async () => {
    models = entry('https://collector.example/v1');
    const env = { OPENAI_API_KEY: 'sk-mine' };
    await chooser({ env }).confirm('https://collector.example');
    const choice = await chooser({ env }).choose();
    assert.equal(choice.needsKey, true);
    await assert.rejects(chooser({ env }).provide(), {
      reason: 'key-origin',
      message: /https:\/\/api\.openai\.com.*https:\/\/collector\.example/,
    });
    await assert.rejects(chooser().provide(), { reason: 'no-key' });
    models = entry(server.baseURL);
    await chooser({ env }).confirm(server.origin);
    const { provider } = await chooser({ env }).provide();
    for await (const chunk of provider?.stream({ system: '', user: '', maxOutputTokens: 5 }, new AbortController().signal) ?? [])
      assert.ok(chunk);
    assert.equal(server.requests[0]?.headers.authorization, undefined);
  });

  it('does not read the repository’s models while the workspace is not trusted', async () => {
    const untrusted = chooser({ trusted: () => false, models: () => assert.fail('it was read') });
    const { choice } = await untrusted.provide();
    assert.equal(choice.kind, 'builtin');
    assert.match(choice.because, /not trusted/);
  });

  it('uses a key together with a named model at once on the command line, after a question in the editor', async () => {
    server.setScript({ key: 'sk-mine', replies: [{ text: 'hello' }] });
    const env = { OPENAI_API_KEY: 'sk-mine', OPENAI_BASE_URL: server.baseURL, HANDRAIL_MODEL: 'qwen' };
    const { choice, provider } = await chooser({ env }).provide();
    assert.equal(choice.confirmed, true);
    let text = '';
    for await (const chunk of provider?.stream({ system: '', user: '', maxOutputTokens: 50 }, new AbortController().signal) ?? [])
      if (chunk.type === 'text') text += chunk.text;
    assert.equal(text, 'hello');
    const editor = chooser({ env, environmentIsChoice: false });
    const before = await editor.choose();
    assert.equal(before.kind, 'builtin');
    const offer = before.offers.find((one) => one.kind === 'environment') ?? assert.fail('it is offered');
    await editor.follow(offer);
    assert.deepEqual([(await editor.choose()).kind, (await editor.choose()).confirmed], ['model', false]);
    await editor.confirm(offer.origin);
    assert.ok((await editor.provide()).provider);
    await editor.follow(undefined);
    assert.equal((await editor.choose()).kind, 'builtin');
  });

  it('lets the built-in reviewer answer by name where models.yml is broken', async () => {
    const broken = chooser({ models: () => Promise.reject(new HandrailError('config', 'A bracket is not closed.')) });
    assert.equal((await broken.provide({ model: 'builtin' })).choice.kind, 'builtin');
    await assert.rejects(broken.provide(), /bracket/);
  });

  it('survives damaged memory', async () => {
    const offer = { kind: 'assistant', label: 'x', name: 'rm', model: 'x', baseURL: 'assistant:rm', origin: 'assistant:rm' };
    const strange = JSON.stringify({ kind: 'offer', offer });
    await chooser().follow(undefined);
    const answers = join(folder, 'home', 'state', 'followed-models');
    for (const damage of ['', '{', 'null', '[]', '{"kind":"offer","offer":{"kind":"environment"}}', strange]) {
      for (const file of await readdir(answers)) await writeFile(join(answers, file), damage);
      assert.equal((await chooser().choose()).kind, 'builtin', damage);
    }
  });

  it('measures what it hands out', async () => {
    models = {
      ...entry(server.baseURL),
      models: {
        reviewer: { provider: 'openai', model: 'qwen', baseURL: server.baseURL, price: { input: 1, output: 2, currency: 'USD', per: 10 } },
      },
    };
    await chooser().confirm(server.origin);
    const { provider } = await chooser().provide();
    for await (const chunk of provider?.stream({ system: '', user: '', maxOutputTokens: 50 }, new AbortController().signal) ?? [])
      assert.ok(chunk);
    const [row] = await createHealthStore({ home: join(folder, 'home') }).modelsHealth();
    assert.equal(row?.calls, 1);
    assert.equal(row.name, 'reviewer');
    assert.equal(row.inputTokens, 7);
    assert.equal(row.errorRate, 0);
    assert.ok(Math.abs((row.cost[0]?.amount ?? 0) - 1.3) < 1e-9);
  });

  it('tells what an entry costs and may cost, and how much it takes at once', async () => {
    const price = { input: 1, output: 2, currency: 'USD', per: 10 };
    const far: ModelEntry = { provider: 'openai', model: 'm', baseURL: 'https://models.example/v1', price, budget: { perDay: 5 } };
    const concurrency = async (entry: ModelEntry, env: Record<string, string> = {}) => {
      models = { version: 1, models: { r: entry }, roles: { review: 'r' } };
      const one = chooser({ env });
      await one.confirm(new URL(entry.baseURL ?? '').origin);
      const { choice, provider, ...money } = await one.provide();
      assert.deepEqual(
        { price: choice.price, budget: choice.budget },
        entry.price === undefined ? { price: undefined, budget: undefined } : money,
      );
      return provider?.concurrency;
    };
    const key = { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'https://models.example/v1' };
    assert.equal(await concurrency(far, key), 4);
    assert.equal(await concurrency({ ...far, limits: { concurrency: 9 } }, key), 9);
    assert.equal(await concurrency({ provider: 'openai', model: 'm', baseURL: server.baseURL }), 1);
  });

  it('remembers what a model refuses for later processes', async () => {
    server.setScript({ refuses: ['response_format'], replies: [{ text: 'x' }] });
    models = entry(server.baseURL);
    await chooser().confirm(server.origin);
    for (const requests of [2, 3]) {
      const { provider } = await chooser().provide();
      const request = { system: '', user: '', maxOutputTokens: 50, schema: { name: 'a', schema: {} } };
      for await (const chunk of provider?.stream(request, new AbortController().signal) ?? []) assert.ok(chunk);
      assert.equal(server.requests.length, requests);
    }
  });

  describe('the editor’s models', () => {
    let offered: EditorModel[];
    const GPT: EditorModel = { id: 'gpt-5', vendor: 'copilot', family: 'gpt-5', version: '1', name: 'GPT-5', maxInputTokens: 64_000 };
    const asked: string[] = [];
    const editorModels: EditorModels = {
      list: () => Promise.resolve(offered),
      provider: (model, name) => new EditorProvider(model, name, asked),
    };
    beforeEach(() => {
      offered = [GPT];
      asked.length = 0;
    });

    it('are offered when looked for, confirmed by vendor, asked, counted and measured', async () => {
      const editor = chooser({ editorModels, environmentIsChoice: false });
      assert.deepEqual((await editor.choose()).offers, []);
      const [offer] = (await editor.choose({ lookForServers: true })).offers;
      assert.ok(offer);
      assert.deepEqual([offer.kind, offer.origin], ['editor', 'editor:copilot']);
      await editor.follow(offer);
      const choice = await editor.choose({ lookForServers: true });
      assert.deepEqual([choice.confirmed, choice.needsKey, choice.contextTokens], [false, false, 64_000]);
      assert.equal(choice.destination, 'GPT-5 (copilot), a language model of the editor');
      assert.deepEqual(choice.offers, [{ ...offer, inUse: true }]);
      await assert.rejects(editor.provide(), { reason: 'untrusted', message: /goes to GPT-5 \(copilot\), a language model/ });
      await editor.confirm(offer.origin);
      const { provider } = await editor.provide();
      assert.ok(provider?.countTokens);
      assert.equal(await provider.countTokens('four', new AbortController().signal), 4);
      for await (const chunk of provider.stream({ system: '', user: 'hi', maxOutputTokens: 5 }, new AbortController().signal))
        assert.ok(chunk);
      assert.deepEqual(asked, ['gpt-5: hi']);
      const [row] = await createHealthStore({ home: join(folder, 'home') }).modelsHealth();
      assert.deepEqual([row?.name, row?.origin, row?.calls], ['gpt-5', 'editor:copilot', 1]);
    });

    it('are named by models.yml, within its limits', async () => {
      models = {
        version: 1,
        models: { r: { provider: 'vscode', model: 'GPT-5', limits: { contextTokens: 9000, outputTokens: 77 } } },
        roles: { review: 'r' },
      };
      const editor = chooser({ editorModels });
      await editor.confirm('editor:copilot');
      const { provider, outputTokens } = await editor.provide();
      assert.deepEqual([provider?.name, provider?.model, provider?.contextTokens, outputTokens], ['r', 'gpt-5', 9000, 77]);
    });

    it('make way for a fallback where there is no editor', async () => {
      models = {
        version: 1,
        models: {
          r: { provider: 'vscode', model: 'gpt-5', fallback: ['mine'] },
          mine: { provider: 'openai', model: 'qwen', baseURL: server.baseURL },
        },
        roles: { review: 'r' },
      };
      await assert.rejects(chooser().provide(), { reason: 'config' }, 'which has to be confirmed itself');
      await chooser().confirm(server.origin);
      const { choice, provider } = await chooser().provide();
      assert.deepEqual([choice.name, choice.problem?.reason, provider?.name, provider?.model], ['r', 'config', 'mine', 'qwen']);
      const told: unknown[] = [];
      for await (const chunk of provider?.stream({ system: '', user: '', maxOutputTokens: 50 }, new AbortController().signal) ?? [])
        if (chunk.type === 'notice' || chunk.type === 'answering') told.push(chunk.type === 'notice' ? chunk.message : chunk.name);
      assert.match(String(told[0]), /which the command line cannot ask.* "mine" is asked instead/);
      assert.equal(told[1], 'mine');
    });

    it('are explained when the editor has none, or not that one, or when there is no editor', async () => {
      models = { version: 1, models: { r: { provider: 'vscode', model: 'gone' } }, roles: { review: 'r' } };
      const expected = { name: 'HandrailError', reason: 'model-not-found' };
      await assert.rejects(chooser({ editorModels }).provide(), { ...expected, hint: /It offers gpt-5/ });
      offered = [];
      await assert.rejects(chooser({ editorModels }).provide(), { ...expected, hint: /Install an extension that brings language models/ });
      await assert.rejects(chooser().provide(), { name: 'HandrailError', reason: 'config', hint: /--model/ });
      const choice = await chooser({ editorModels }).choose({ lookForServers: true });
      assert.deepEqual([choice.kind, choice.origin, choice.problem?.reason], ['model', undefined, 'model-not-found']);
      assert.equal((await chooser({ editorModels }).provide({ model: 'builtin' })).choice.kind, 'builtin');
    });
  });

  describe('assistants', () => {
    let assistants: TestAssistants;
    beforeEach(() => {
      assistants = createTestAssistants(['claude', 'codex']);
    });
    afterEach(() => assistants.remove());

    it('are offered when looked for, without being run', async () => {
      const { offers } = await chooser({ env: assistants.env }).choose({ lookForServers: true });
      assert.deepEqual(
        offers.map((offer) => [offer.kind, offer.name, offer.origin]),
        [
          ['assistant', 'claude-code', 'assistant:claude-code'],
          ['assistant', 'codex', 'assistant:codex'],
        ],
      );
      assert.deepEqual((await chooser({ env: assistants.env }).choose()).offers, []);
      assert.deepEqual(assistants.runs(), []);
    });

    it('are never run from the workspace or the repository around it, nor through a link in it', async () => {
      const repository = join(folder, 'repository');
      const root = join(repository, 'packages', 'a');
      for (const path of [root, join(repository, '.git'), join(repository, 'bin'), join(root, 'bin')])
        await mkdir(path, { recursive: true });
      await copyFile(assistants.executable('claude'), join(repository, 'bin', 'claude'));
      await chmod(join(repository, 'bin', 'claude'), 0o755);
      await symlink(assistants.executable('codex'), join(root, 'bin', 'codex'));
      await symlink(join(repository, 'bin'), join(folder, 'outside'));
      const names = async (...path: string[]) => {
        const { offers } = await chooser({ root, env: { PATH: path.join(delimiter) } }).choose({ lookForServers: true });
        return offers.map((offer) => offer.name);
      };
      assert.deepEqual(await names(join(repository, 'bin'), join(root, 'bin'), join(folder, 'outside'), 'bin', '.', ''), []);
      assert.deepEqual(await names(join(root, 'bin'), join(assistants.folder, 'bin')), ['claude-code', 'codex']);
    });

    it('start nothing that the repository brings, though it stands first on the PATH', async () => {
      const root = join(folder, 'repository');
      await mkdir(join(root, 'node_modules', '.bin'), { recursive: true });
      // The assistant is a script that is run by the first `node` on its PATH.
      await writeFile(join(root, 'node_modules', '.bin', 'node'), '#!/bin/sh\necho taken\n', { mode: 0o755 });
      await symlink(join(root, 'node_modules', '.bin'), join(folder, 'tools'));
      const path = [join(root, 'node_modules', '.bin'), join(folder, 'tools'), 'node_modules/.bin', '', assistants.env['PATH'] ?? ''];
      const own = chooser({ root, env: { ...assistants.env, PATH: path.join(delimiter), NODE_PATH: root } });
      await own.confirm('assistant:claude-code');
      const { provider } = await own.provide({ model: 'claude-code' });
      let text = '';
      for await (const chunk of provider?.stream({ system: 's', user: 'u', maxOutputTokens: 100 }, new AbortController().signal) ?? [])
        if (chunk.type === 'text') text += chunk.text;
      assert.equal(text, '{"findings":[]}');
      const [run] = assistants.runs();
      assert.equal(run?.env['PATH'], assistants.env['PATH']);
      assert.equal(run?.env['NODE_PATH'], undefined);
    });

    it('are explained when they went away, and when the settings are wrong', async () => {
      const own = chooser({ env: assistants.env });
      await own.confirm('assistant:codex');
      assert.ok((await own.provide({ model: 'codex' })).provider);
      const gone = chooser({ env: { PATH: folder } });
      await assert.rejects(gone.provide({ model: 'codex' }), {
        reason: 'not-found',
        hint: /Install it .*, name its path in your settings/,
      });
      const wrong = chooser({ env: assistants.env, assistants: () => ({ codex: { path: join(folder, 'workspace') } }) });
      await assert.rejects(wrong.provide({ model: 'codex' }), { reason: 'config', message: /is not an executable file/ });
      const named = chooser({
        env: { PATH: folder },
        assistants: () => ({ codex: { path: assistants.executable('codex'), model: 'gpt-z' } }),
      });
      const { provider } = await named.provide({ model: 'codex' });
      assert.deepEqual([provider?.name, provider?.model, provider?.origin], ['codex', 'gpt-z', 'assistant:codex']);
    });
  });

  describe('servers on this machine', () => {
    let other: Server;
    let port = 0;
    let answer: (path: string) => { status?: number; body: string } = () => ({ body: '' });
    before(async () => {
      other = createServer((request, response) => {
        const { status = 200, body } = answer(request.url ?? '');
        response.writeHead(status, { location: `${server.baseURL}/models` });
        response.end(body);
      });
      other.listen(0, '127.0.0.1');
      await once(other, 'listening');
      port = (other.address() as AddressInfo).port;
    });
    after(() => other.close());

    it('are offered when asked for, and not used', async () => {
      const own = chooser({ servers: [{ label: 'Ollama', port: server.port }] });
      assert.deepEqual((await own.choose()).offers, []);
      const choice = await own.choose({ lookForServers: true });
      assert.equal(choice.kind, 'builtin');
      const expected: ModelOffer = {
        kind: 'local-server',
        label: `Ollama on 127.0.0.1:${server.port}: qwen`,
        name: 'qwen',
        model: 'qwen',
        baseURL: server.baseURL,
        origin: server.origin,
      };
      assert.deepEqual(choice.offers, [expected]);
      await own.follow(expected);
      assert.deepEqual((await own.choose({ lookForServers: true })).offers, [{ ...expected, inUse: true }]);
    });

    it('are left out when they are something else, silent, or gone', async () => {
      const odd = ['<html></html>', '{"data":{}}', '{"data":[{"id":7},{"id":"a\\u0000b"},null,{"id":"x y"}]}', 'null', ''];
      for (const body of odd) {
        answer = () => ({ body });
        assert.deepEqual(await findLocalServers({ servers: [{ label: 'x', port }] }), [], body);
      }
      answer = () => ({ status: 307, body: '' });
      assert.deepEqual(await findLocalServers({ servers: [{ label: 'x', port }] }), [], 'it is not followed elsewhere');
      const gone = await startModelServer();
      await gone.close();
      assert.deepEqual(await findLocalServers({ servers: [{ label: 'x', port: gone.port }] }), []);
      const hanging = createServer(() => undefined).listen(0, '127.0.0.1');
      await once(hanging, 'listening');
      assert.deepEqual(
        await findLocalServers({ servers: [{ label: 'x', port: (hanging.address() as AddressInfo).port }], timeout: 50 }),
        [],
      );
      hanging.closeAllConnections();
      hanging.close();
    });

    describe('tell the context they really take', () => {
      // As documented by each; what the model could be loaded with stands beside it, and does not count.
      const OLLAMA = {
        modelfile: 'FROM x',
        parameters: 'num_keep                       24\nnum_ctx                        16384\nstop "x"',
      };
      const kinds: [kind: string, answers: Record<string, unknown>, told: { contextTokens?: number; slots?: number }][] = [
        [
          'vLLM',
          {
            '/v1/models': {
              data: [
                { id: 'other', max_model_len: 1 },
                { id: 'm', max_model_len: 32768 },
              ],
            },
          },
          { contextTokens: 32768 },
        ],
        [
          'Ollama, loaded',
          { '/api/ps': { models: [{ name: 'm', model: 'm', context_length: 8192 }] }, '/api/show': OLLAMA },
          { contextTokens: 8192 },
        ],
        [
          'Ollama, by its full name',
          { '/api/ps': { models: [{ name: 'm:latest', model: 'm:latest', context_length: 4096 }] } },
          { contextTokens: 4096 },
        ],
        [
          'Ollama, not loaded, with num_ctx',
          {
            '/api/ps': { models: [] },
            '/api/show': { ...OLLAMA, model_info: { 'general.architecture': 'llama', 'llama.context_length': 131072 } },
          },
          { contextTokens: 16384 },
        ],
        [
          'Ollama, with more num_ctx than the model has',
          { '/api/ps': { models: [] }, '/api/show': { ...OLLAMA, model_info: { 'llama.context_length': 8192 } } },
          { contextTokens: 8192 },
        ],
        [
          'Ollama, not loaded, without num_ctx',
          { '/api/ps': { models: [] }, '/api/show': { parameters: 'stop "x"', model_info: { 'llama.context_length': 131072 } } },
          {},
        ],
        [
          'LM Studio (v0)',
          { '/api/v0/models': { data: [{ id: 'm', state: 'loaded', max_context_length: 131072, loaded_context_length: 16384 }] } },
          { contextTokens: 16384 },
        ],
        ['LM Studio, not loaded', { '/api/v0/models': { data: [{ id: 'm', state: 'not-loaded', max_context_length: 131072 }] } }, {}],
        [
          'LM Studio (v1)',
          {
            '/api/v1/models': {
              models: [{ key: 'm', max_context_length: 262144, loaded_instances: [{ id: 'm', config: { context_length: 122880 } }] }],
            },
          },
          { contextTokens: 122880 },
        ],
        ['llama.cpp', { '/props': { default_generation_settings: { n_ctx: 12288 }, total_slots: 4 } }, { contextTokens: 12288, slots: 4 }],
        [
          'llama.cpp as a router',
          {
            '/props': { default_generation_settings: { n_ctx: 0 } },
            '/props?model=m': { default_generation_settings: { n_ctx: 65536 }, total_slots: 1 },
          },
          { contextTokens: 65536, slots: 1 },
        ],
        ['damage', { '/v1/models': { data: [{ id: 'm', max_model_len: 'many' }] }, '/api/ps': { models: 7 }, '/props': [] }, {}],
      ];
      for (const [kind, answers, told] of kinds) {
        it(kind, async () => {
          const asked: string[] = [];
          answer = (path) => {
            asked.push(path);
            return path in answers ? { body: JSON.stringify(answers[path]) } : { status: 404, body: '' };
          };
          assert.deepEqual(await askLocalModel(parseEndpoint(`http://127.0.0.1:${port}/v1`), 'm'), told);
          assert.equal(
            asked.includes('/api/show'),
            kind.startsWith('Ollama, not') || kind.startsWith('Ollama, with'),
            'only Ollama gets the name',
          );
        });
      }

      it('and it is remembered while the model is not loaded', async () => {
        const base = `http://127.0.0.1:${port}/v1`;
        models = { version: 1, models: { r: { provider: 'openai', model: 'm', baseURL: base } }, roles: { review: 'r' } };
        await chooser().confirm(`http://127.0.0.1:${port}`);
        const contexts: (number | undefined)[] = [];
        for (const running of [[], [{ name: 'm', model: 'm', context_length: 5000 }], []]) {
          answer = (path) => (path === '/api/ps' ? { body: JSON.stringify({ models: running }) } : { status: 404, body: '' });
          contexts.push((await chooser().provide()).provider?.contextTokens);
        }
        assert.deepEqual(contexts, [8192, 5000, 5000]);
        assert.equal((await chooser().choose()).contextTokens, 5000, 'a preview goes by it too');
      });
    });
  });
});
