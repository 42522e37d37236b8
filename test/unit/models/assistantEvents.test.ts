import assert from 'node:assert/strict';
import type { AssistantEvent, EventReader } from '../../../src/node/ai/assistants/assistantEvent.ts';
import { claudeReader } from '../../../src/node/ai/assistants/claudeEvents.ts';
import { codexReader } from '../../../src/node/ai/assistants/codexEvents.ts';
import { geminiReader } from '../../../src/node/ai/assistants/geminiEvents.ts';

const read = (reader: EventReader, ...values: Record<string, unknown>[]): AssistantEvent[] =>
  values.flatMap((value) => reader(value) ?? []);
const types = (events: readonly AssistantEvent[]): string[] => events.map(({ type }) => type);

describe('streams of assistants', () => {
  it('Claude Code: says why it stopped, tries again, gives up', () => {
    const delta = (stop: string) => ({ type: 'stream_event', event: { type: 'message_delta', delta: { stop_reason: stop } } });
    const done = { type: 'result', subtype: 'success', is_error: false, result: 'x', usage: {} };
    for (const [stop, reason] of Object.entries({ max_tokens: 'length', refusal: 'filtered', end_turn: 'stop' })) {
      assert.deepEqual(read(claudeReader(), delta(stop), done).at(-1), { type: 'end', reason });
    }
    const [retry] = read(claudeReader(), { type: 'system', subtype: 'api_retry', error: 'rate_limit' });
    assert.deepEqual(retry, { type: 'notice', message: 'Claude Code tries again: rate limit.' });
    const failures = [
      { type: 'result', subtype: 'error_max_turns', is_error: false },
      { type: 'result', subtype: 'error_during_execution', errors: ['boom'] },
    ];
    assert.deepEqual(
      failures.map((value) => read(claudeReader(), value).at(-1)),
      [
        { type: 'failure', message: 'error_max_turns' },
        { type: 'failure', message: 'boom' },
      ],
    );
  });

  it('pass on what somebody else said as one short line without keys', () => {
    const said = `lost\nsk-ant-api03-AbCdEfGhIjKlMnOp ${'x'.repeat(5000)}`;
    const notices = [
      ...read(codexReader(), { type: 'error', message: said }, { type: 'item.completed', item: { type: 'error', message: said } }),
      ...read(geminiReader(), { type: 'error', message: said }),
      ...read(claudeReader(), { type: 'system', subtype: 'api_retry', error: said }),
    ];
    assert.equal(notices.length, 4);
    for (const notice of notices) {
      assert.ok(notice.type === 'notice');
      assert.doesNotMatch(notice.message, /\n|AbCd/);
      assert.ok(notice.message.length < 300, notice.message);
    }
  });

  it('Claude Code: says a text once, whether it is streamed, sent whole or only in the result', () => {
    const piece = { type: 'stream_event', event: { type: 'content_block_delta', delta: { type: 'text_delta', text: 'word' } } };
    const thought = { type: 'stream_event', event: { type: 'content_block_delta', delta: { type: 'thinking_delta', thinking: 'hm' } } };
    const whole = {
      type: 'assistant',
      message: {
        content: [
          { type: 'thinking', thinking: 'hm' },
          { type: 'text', text: 'word' },
        ],
      },
    };
    const done = { type: 'result', subtype: 'success', is_error: false, result: 'word' };
    for (const values of [[thought, piece, whole, done], [whole, done], [done]]) {
      assert.deepEqual(
        read(claudeReader(), ...values).filter(({ type }) => type === 'text'),
        [{ type: 'text', text: 'word' }],
      );
    }
  });

  it('Codex: takes the answer, not what it thinks or does, and lets a lost connection be made again', () => {
    const item = (details: Record<string, unknown>) => ({ type: 'item.completed', item: { id: '1', ...details } });
    const events = read(
      codexReader(),
      item({ type: 'reasoning', text: 'hm' }),
      item({ type: 'command_execution', command: 'ls', aggregated_output: 'x' }),
      { type: 'error', message: 'Reconnecting... 1/5' },
      item({ item_type: 'assistant_message', text: 'one' }),
      item({ type: 'agent_message', text: 'two' }),
      { type: 'turn.completed', usage: { input_tokens: 5, cached_input_tokens: 2, output_tokens: 1 } },
    );
    assert.deepEqual(events, [
      { type: 'notice', message: 'Codex: Reconnecting... 1/5.' },
      { type: 'text', text: 'one' },
      { type: 'text', text: '\ntwo' },
      { type: 'usage', inputTokens: 5, outputTokens: 1, cachedTokens: 2 },
      { type: 'end', reason: 'stop' },
    ]);
    const asked = { type: 'request_user_input', id: '1', call_id: '2', questions: [{ question: 'Which one?' }] };
    assert.deepEqual(read(codexReader(), asked), [{ type: 'question', message: 'Which one?' }]);
  });

  it('Gemini CLI: leaves out what was asked, and tells a warning from the end', () => {
    const events = read(
      geminiReader(),
      { type: 'message', role: 'user', content: 'our question' },
      { type: 'error', severity: 'warning', message: 'Loop detected' },
      { type: 'message', role: 'assistant', content: 'word', delta: true },
      { type: 'result', status: 'success', stats: { input_tokens: 5, output_tokens: 1, cached: 2 } },
    );
    assert.deepEqual(types(events), ['notice', 'text', 'usage', 'end']);
    const failed = { type: 'result', status: 'error', error: { type: 'FatalAuthenticationError', message: 'no' } };
    assert.deepEqual(read(geminiReader(), failed).at(-1), { type: 'failure', message: 'no', kind: 'authentication' });
  });

  it('survive members that are missing or of another kind, and know what is no event', () => {
    const odd = [null, 7, 'x', [], {}];
    for (const reader of [claudeReader(), codexReader(), geminiReader()]) {
      for (const type of ['assistant', 'stream_event', 'result', 'item.completed', 'turn.completed', 'turn.failed', 'error', 'message']) {
        for (const value of odd) {
          for (const key of ['message', 'event', 'usage', 'stats', 'item', 'error', 'content', 'result']) {
            assert.doesNotThrow(() => reader({ type, [key]: value, subtype: 'success', role: 'assistant' }));
          }
        }
      }
      assert.equal(reader({ type: 'something new' }), undefined);
      assert.equal(reader({ findings: [] }), undefined);
    }
  });
});
