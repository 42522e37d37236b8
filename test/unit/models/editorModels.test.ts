import assert from 'node:assert/strict';
import { editorModelMissing, editorOrigin, findEditorModel } from '../../../src/core/ai/models/editorModels.ts';
import { parseOrigin } from '../../../src/core/ai/models/routes.ts';
import type { EditorModel } from '../../../src/core/ai/provider.ts';

const model = (id: string, family: string, name: string, vendor = 'copilot'): EditorModel => ({
  id,
  family,
  name,
  vendor,
  version: '1',
  maxInputTokens: 1000,
});
const MODELS = [model('a-1', 'small', 'Small'), model('b-2', 'gpt-5', 'GPT-5'), model('gpt-5', 'other', 'Own', 'mine')];

describe('the editor’s models', () => {
  it('are found by identifier, then family, then name, however it is written', () => {
    const found = (wish: Parameters<typeof findEditorModel>[1]) => findEditorModel(MODELS, wish)?.id;
    assert.equal(found({}), 'a-1');
    assert.equal(found({ model: 'gpt-5' }), 'gpt-5');
    assert.equal(found({ model: 'gpt-5', origin: editorOrigin('copilot') }), 'b-2');
    assert.equal(found({ model: 'SMALL' }), 'a-1');
    assert.equal(found({ model: 'own' }), 'gpt-5');
    assert.equal(found({ model: 'gone' }), undefined);
    assert.equal(found({ origin: editorOrigin('gone') }), undefined);
    assert.equal(findEditorModel([], {}), undefined);
  });

  it('say what to do when there is none', () => {
    assert.equal(editorModelMissing({}, 'r', undefined).reason, 'config');
    const none = editorModelMissing({}, 'r', []);
    assert.equal(none.reason, 'model-not-found');
    assert.match(none.hint ?? '', /GitHub Copilot.*or choose another model/);
    const other = editorModelMissing({ model: 'gone' }, 'r', MODELS);
    assert.match(`${other.message} ${other.hint}`, /"gone".*a-1, b-2, gpt-5/);
  });
});

describe('origins', () => {
  it('are those of addresses, vendors and assistants, and nothing that only looks so', () => {
    const kept = [
      'https://api.openai.com',
      'http://127.0.0.1:11434',
      'editor:copilot',
      'assistant:claude-code',
      editorOrigin('é: https://x'),
    ];
    for (const origin of kept) assert.equal(parseOrigin(origin), origin);
    assert.equal(parseOrigin('https://API.openai.com/v1/'), 'https://api.openai.com');
    const refused = [
      'assistant:rm',
      'assistant:',
      'editor:',
      'editor:a b',
      'editor:\u202e',
      'assistant:claude-code\n',
      'file:///etc',
      'http://x.example',
      '',
    ];
    for (const origin of refused) assert.throws(() => parseOrigin(origin), { reason: 'config' }, origin);
  });
});
