import assert from 'node:assert/strict';
import { chooseTarget, fallbackTargets, knownOffers, type Known } from '../../../src/core/ai/models/choice.ts';
import type { ModelsConfig } from '../../../src/core/ai/models/models.ts';
import type { EditorModel } from '../../../src/core/ai/provider.ts';
import type { ModelOffer } from '../../../src/core/ai/service.ts';

const MODELS: ModelsConfig = {
  version: 1,
  models: {
    reviewer: { provider: 'openai', model: 'gpt-x', baseURL: 'https://models.example.org/v1' },
    local: { provider: 'openai', model: 'qwen', baseURL: 'http://127.0.0.1:11434/v1' },
    engines: { provider: 'builtin' },
    editor: { provider: 'vscode', model: 'copilot' },
    nameless: { provider: 'openai' },
  },
  roles: { review: 'reviewer', second: 'local', gone: 'missing', none: 'engines' },
};
const OFFER: ModelOffer = {
  kind: 'local-server',
  label: 'Ollama on 127.0.0.1:11434: llama',
  name: 'llama',
  model: 'llama',
  baseURL: 'http://127.0.0.1:11434/v1',
  origin: 'http://127.0.0.1:11434',
};

function known(over: Partial<Known> = {}): Known {
  return {
    request: {},
    models: undefined,
    workspaceTrusted: true,
    followed: undefined,
    environment: { baseURL: 'https://api.openai.com/v1', model: undefined, hasKey: false, baseURLNamed: false },
    environmentIsChoice: true,
    ...over,
  };
}
const ENVIRONMENT = { baseURL: 'https://api.openai.com/v1', model: 'gpt-env', hasKey: true, baseURLNamed: false };

describe('choosing a reviewer', () => {
  it('takes the built-in one when nothing is configured, and says that no model was used', () => {
    const target = chooseTarget(known());
    assert.equal(target.kind, 'builtin');
    assert.match(target.because, /No model was used/);
  });

  it('says that a role which nobody defined was not followed', () => {
    assert.match(chooseTarget(known({ request: { role: 'security' } })).because, /no \.handrail\/models\.yml .* role "security"/);
    assert.doesNotMatch(chooseTarget(known({ request: { role: 'review' } })).because, /role/);
  });

  it('takes the role of the team’s file, unconfirmed', () => {
    const target = chooseTarget(known({ models: MODELS, environment: ENVIRONMENT }));
    assert.ok(target.kind === 'model');
    assert.equal(target.name, 'reviewer');
    assert.deepEqual(target.route.kind === 'http' && target.route.endpoint.origin, 'https://models.example.org');
    assert.equal(target.explicit, false);
    const second = chooseTarget(known({ models: MODELS, request: { role: 'second' } }));
    assert.ok(second.kind === 'model' && second.name === 'local');
    assert.equal(chooseTarget(known({ models: MODELS, request: { role: 'none' } })).kind, 'builtin');
  });

  it('explains names that are not there', () => {
    const fails = (request: Known['request'], expected: object) =>
      assert.throws(() => chooseTarget(known({ models: MODELS, request })), { name: 'HandrailError', ...expected });
    fails({ role: 'reviw' }, { reason: 'usage', hint: 'Did you mean "review"?' });
    fails({ role: 'gone' }, { reason: 'config' });
    fails({ model: 'reviewr' }, { reason: 'usage', hint: 'Did you mean "reviewer"?' });
    fails({ model: 'toString' }, { reason: 'usage' });
    fails({ model: 'nameless' }, { reason: 'config' });
  });

  it('takes a key with a named model as a choice on the command line, and as an offer in the editor', () => {
    const target = chooseTarget(known({ environment: ENVIRONMENT }));
    assert.ok(target.kind === 'model');
    assert.equal(target.explicit, true);
    const editor = known({ environment: ENVIRONMENT, environmentIsChoice: false });
    const builtin = chooseTarget(editor);
    assert.equal(builtin.kind, 'builtin');
    assert.deepEqual(
      knownOffers(editor, []).map((offer) => [offer.kind, offer.model]),
      [['environment', 'gpt-env']],
    );
  });

  it('does not use a key for a model that nobody named', () => {
    const target = chooseTarget(known({ environment: { ...ENVIRONMENT, model: undefined } }));
    assert.equal(target.kind, 'builtin');
    assert.match(target.because, /HANDRAIL_MODEL/);
  });

  it('takes a model named on the command line without a models.yml, where the environment says where', () => {
    const target = chooseTarget(known({ request: { model: 'gpt-y' }, environment: { ...ENVIRONMENT, model: undefined } }));
    assert.ok(target.kind === 'model' && target.model === 'gpt-y' && target.explicit);
    const local = { baseURL: 'http://127.0.0.1:8000/v1', model: undefined, hasKey: false, baseURLNamed: true };
    assert.equal(chooseTarget(known({ request: { model: 'qwen' }, environment: local })).kind, 'model');
    assert.throws(() => chooseTarget(known({ request: { model: 'gpt-y' } })), { reason: 'usage' });
  });

  it('follows what the person chose before the team’s role, but not before what is asked for by name', () => {
    const followed = { kind: 'offer' as const, offer: OFFER };
    const target = chooseTarget(known({ models: MODELS, followed }));
    assert.ok(target.kind === 'model' && target.model === 'llama' && !target.explicit);
    assert.equal(chooseTarget(known({ models: MODELS, followed: { kind: 'builtin' } })).kind, 'builtin');
    const named = chooseTarget(known({ models: MODELS, followed, request: { model: 'reviewer' } }));
    assert.ok(named.kind === 'model' && named.name === 'reviewer');
    assert.equal(chooseTarget(known({ models: MODELS, followed, request: { model: 'builtin' } })).kind, 'builtin');
  });

  it('offers the team’s model to someone who stays with the built-in reviewer, and forgets one the team took away', () => {
    const state = known({ models: MODELS, followed: { kind: 'builtin' } });
    const offers = knownOffers(state, []);
    assert.deepEqual(
      offers.map((offer) => [offer.kind, offer.name]),
      [
        ['models-file', 'reviewer'],
        ['models-file', 'local'],
      ],
    );
    const gone = { kind: 'offer' as const, offer: { ...OFFER, kind: 'models-file' as const, name: 'was-there' } };
    const target = chooseTarget(known({ models: MODELS, followed: gone }));
    assert.ok(target.kind === 'model' && target.name === 'reviewer');
  });

  it('finds what the person follows by its name too', () => {
    const state = known({ followed: { kind: 'offer', offer: OFFER }, request: { model: 'llama' } });
    const target = chooseTarget(state);
    assert.ok(target.kind === 'model' && target.route.kind === 'http' && target.route.endpoint.origin === OFFER.origin);
  });

  it('knows what is asked when the choice cannot answer: only entries of the file, in order', () => {
    const models: ModelsConfig = {
      version: 1,
      models: {
        a: { provider: 'openai', model: 'm', fallback: ['b', 'any'] },
        b: { provider: 'openai', model: 'n', baseURL: 'http://127.0.0.1:1/v1', price: { input: 1, output: 1, currency: 'USD', per: 1 } },
        any: { provider: 'vscode' },
      },
      roles: { review: 'a' },
    };
    const state = known({ models });
    const target = chooseTarget(state);
    assert.ok(target.kind === 'model');
    const fallbacks = fallbackTargets(state, target);
    assert.deepEqual(
      fallbacks.map(({ name, model, route, explicit, because }) => [name, model, route.kind, explicit, because]),
      [
        ['b', 'n', 'http', false, '"b" is a fallback of "a".'],
        ['any', '', 'editor', false, '"any" is a fallback of "a".'],
      ],
    );
    assert.equal(fallbacks[0]?.entry.price?.input, 1);
    const environment = chooseTarget(known({ environment: { ...ENVIRONMENT, model: 'a' } }));
    assert.deepEqual(environment.kind === 'model' && fallbackTargets(state, environment), [], 'a name alone is not the entry');
  });

  describe('routes', () => {
    const GPT: EditorModel = { id: 'gpt-5', vendor: 'copilot', family: 'gpt-5', version: '1', name: 'GPT-5', maxInputTokens: 64_000 };

    it('lead to the editor, to any model of it when the file names none', () => {
      const named = chooseTarget(known({ models: MODELS, request: { model: 'editor' } }));
      assert.deepEqual(named.kind === 'model' && named.route, { kind: 'editor', wish: { model: 'copilot' } });
      const models: ModelsConfig = { version: 1, models: { any: { provider: 'vscode' } }, roles: { review: 'any' } };
      const any = chooseTarget(known({ models }));
      assert.deepEqual(any.kind === 'model' && any.route, { kind: 'editor', wish: {} });
      assert.equal(any.kind === 'model' && any.explicit, false);
    });

    it('lead to an assistant by its name, with and without a file, and never without a confirmation', () => {
      for (const models of [undefined, MODELS]) {
        const target = chooseTarget(known({ models, request: { model: 'codex' }, environment: ENVIRONMENT }));
        assert.ok(target.kind === 'model' && target.route.kind === 'assistant' && !target.explicit);
        assert.equal(target.route.assistant.id, 'codex');
      }
    });

    it('are followed', () => {
      const editor: ModelOffer = {
        kind: 'editor',
        label: 'x',
        name: 'gpt-5',
        model: 'gpt-5',
        baseURL: 'editor:copilot',
        origin: 'editor:copilot',
      };
      const route = (offer: ModelOffer) => {
        const target = chooseTarget(known({ models: MODELS, followed: { kind: 'offer', offer } }));
        return target.kind === 'model' ? target.route : undefined;
      };
      assert.deepEqual(route(editor), { kind: 'editor', wish: { model: 'gpt-5', origin: 'editor:copilot' } });
      const assistant: ModelOffer = {
        ...editor,
        kind: 'assistant',
        name: 'gemini-cli',
        baseURL: 'assistant:gemini-cli',
        origin: 'assistant:gemini-cli',
      };
      assert.equal(route(assistant)?.kind, 'assistant');
      assert.equal(route({ ...assistant, name: 'rm' })?.kind, 'http', 'the team answers when it is none that is known');
    });

    it('are offered as the editor and the file name them', () => {
      const offers = knownOffers(known({ models: { ...MODELS, models: { mine: { provider: 'vscode', model: 'GPT-5' } } } }), [GPT]);
      assert.deepEqual(
        offers.map((offer) => [offer.kind, offer.name, offer.model, offer.origin]),
        [
          ['models-file', 'mine', 'gpt-5', 'editor:copilot'],
          ['editor', 'gpt-5', 'gpt-5', 'editor:copilot'],
        ],
      );
      assert.equal(offers[1]?.label, 'GPT-5 (copilot), a language model of the editor');
    });
  });

  it('says that an untrusted workspace chooses nothing', () => {
    assert.match(chooseTarget(known({ workspaceTrusted: false })).because, /not trusted/);
  });
});
