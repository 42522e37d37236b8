import assert from 'node:assert/strict';
import { allAssistants, assistantOf, assistantOffer, parseAssistantSettings } from '../../../src/core/ai/models/assistants.ts';

describe('assistants', () => {
  it('are those three, and no other name becomes one', () => {
    assert.deepEqual(
      allAssistants().map(({ id, command }) => [id, command]),
      [
        ['claude-code', 'claude'],
        ['codex', 'codex'],
        ['gemini-cli', 'gemini'],
      ],
    );
    for (const name of ['claude', 'toString', '__proto__', '']) assert.equal(assistantOf(name), undefined, name);
  });

  it('are offered with the model a person named', () => {
    const [claude] = allAssistants();
    assert.ok(claude);
    assert.deepEqual(
      [assistantOffer(claude, {}).model, assistantOffer(claude, { 'claude-code': { model: 'opus' } }).model],
      ['claude-code', 'opus'],
    );
    assert.match(assistantOffer(claude, {}).label, /sends text to its own service/);
  });

  it('are set up by one parser, whatever the editor or the file holds', () => {
    assert.deepEqual(parseAssistantSettings(undefined, 'x'), {});
    assert.deepEqual(parseAssistantSettings({}, 'x'), {});
    assert.deepEqual(parseAssistantSettings({ codex: { path: '/opt/codex', model: 'gpt-5.2', timeout: '90s' } }, 'x'), {
      codex: { path: '/opt/codex', model: 'gpt-5.2', timeout: 90_000 },
    });
    assert.deepEqual(parseAssistantSettings({ 'gemini-cli': { path: 'C:\\bin\\gemini.cmd' } }, 'x'), {
      'gemini-cli': { path: 'C:\\bin\\gemini.cmd' },
    });
    const wrong: [unknown, RegExp][] = [
      ['claude', /The file is not valid/],
      [[], /The file is not valid/],
      [{ claude: {} }, /does not know "claude"/],
      [{ codex: { args: ['--yolo'] } }, /"codex" does not know "args"/],
      [{ codex: { path: 'bin/codex' } }, /"codex.path" must be an absolute path/],
      [{ codex: { path: 7 } }, /"codex.path"/],
      [{ codex: { model: '-c' } }, /"codex.model" must be the name of a model/],
      [{ codex: { timeout: '9' } }, /"codex.timeout" must be a time/],
    ];
    for (const [value, message] of wrong) {
      assert.throws(() => parseAssistantSettings(value, 'The file'), { reason: 'config', message, hint: /claude-code, codex, gemini-cli/ });
    }
  });
});
