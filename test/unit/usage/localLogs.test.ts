import assert from 'node:assert/strict';
import fc from 'fast-check';
import { dailyUsage, LOGGING, logReader, type LoggedCall, type LoggingAssistant } from '../../../src/core/usage/localLogs.ts';
import { parseEvent, toEvent } from '../../../src/core/telemetry/event.ts';

const TIME = '2026-11-20T09:00:00.123Z';

function calls(assistant: LoggingAssistant, lines: readonly unknown[]): LoggedCall[] {
  const reader = logReader(assistant);
  return lines.flatMap((line) => reader.take(typeof line === 'string' ? line : JSON.stringify(line)));
}

describe('logs of assistants', () => {
  it('of Claude Code tell tokens in the messages of the assistant', () => {
    const usage = {
      input_tokens: 4,
      cache_creation_input_tokens: 30,
      cache_read_input_tokens: 200,
      output_tokens: 9,
      service_tier: 'standard',
    };
    const line = {
      type: 'assistant',
      timestamp: TIME,
      requestId: 'req_1',
      cwd: '/home/x',
      message: { id: 'msg_1', model: 'claude-opus-5', usage },
    };
    assert.deepEqual(calls('claude-code', [{ type: 'user', message: { content: '"usage"' } }, line, '{"usage": cut']), [
      { key: 'msg_1 req_1', day: '2026-11-20', family: 'claude', input: 234, output: 9 },
    ]);
    const odd = [
      { ...line, type: 'user' },
      { ...line, timestamp: 'x' },
      { ...line, message: { ...line.message, usage: { input_tokens: 'many' } } },
      { ...line, message: { ...line.message, usage: { input_tokens: 0, output_tokens: 0 } } },
    ];
    assert.deepEqual(calls('claude-code', odd), []);
  });

  it('of Codex tell the tokens of the last request, for the model of the turn', () => {
    const count = (total: number, last: object | null): object => ({
      timestamp: TIME,
      type: 'event_msg',
      payload: { type: 'token_count', info: last === null ? null : { total_token_usage: { total_tokens: total }, last_token_usage: last } },
    });
    const lines = [
      { timestamp: TIME, type: 'session_meta', payload: { id: 'x', cwd: '/home/x' } },
      { timestamp: TIME, type: 'turn_context', payload: { model: 'gpt-5.1-codex', cwd: '/home/x' } },
      count(0, null),
      count(120, { input_tokens: 100, cached_input_tokens: 60, output_tokens: 20, reasoning_output_tokens: 6 }),
      { timestamp: TIME, type: 'turn_context', payload: { model: 'o4-mini' } },
      count(180, { input_tokens: 50, output_tokens: 10 }),
    ];
    assert.deepEqual(calls('codex', lines), [
      { key: `${TIME} 120`, day: '2026-11-20', family: 'gpt', input: 100, output: 20 },
      { key: `${TIME} 180`, day: '2026-11-20', family: 'o-series', input: 50, output: 10 },
    ]);
  });

  it('of Gemini CLI tell tokens in messages, one a line or all in one document', () => {
    const message = (id: string): object => ({
      id,
      timestamp: TIME,
      type: 'gemini',
      content: 'secret',
      model: 'gemini-3-pro',
      tokens: { input: 10, output: 2, cached: 8, thoughts: 3, tool: 1, total: 16 },
    });
    const wanted = (id: string): LoggedCall => ({ key: id, day: '2026-11-20', family: 'gemini', input: 11, output: 5 });
    assert.deepEqual(calls('gemini-cli', [{ sessionId: 'x', projectHash: 'y' }, message('a'), message('b')]), [wanted('a'), wanted('b')]);
    assert.deepEqual(calls('gemini-cli', [{ sessionId: 'x', messages: [message('a'), { id: 'u', type: 'user', tokens: null }] }]), [
      wanted('a'),
    ]);
    assert.deepEqual(calls('gemini-cli', [{ $set: { messages: [message('c')] } }]), [wanted('c')]);
  });

  it('become one event per day and family, which the catalogue lists', () => {
    const call = (day: string, family: LoggedCall['family'], input: number): LoggedCall => ({
      key: `${day}${input}`,
      day,
      family,
      input,
      output: 1,
    });
    const events = dailyUsage('codex', [
      call('2026-11-21', 'gpt', 5),
      call('2026-11-20', 'gpt', 1_000_000),
      call('2026-11-20', 'gpt', 3_000_000),
      call('2026-11-20', undefined, 7),
    ]);
    assert.deepEqual(
      events.map(({ day, observation }) => [day, observation.model, observation.inputTokens, observation.outputTokens]),
      [
        ['2026-11-20', undefined, 7, 1],
        ['2026-11-20', 'gpt', 4_000_000, 2],
        ['2026-11-21', 'gpt', 5, 1],
      ],
    );
    for (const { day, observation } of events) assert.ok(parseEvent(JSON.stringify(toEvent(observation, day))));
  });

  it('tell nothing, and break nothing, where lines are something else', () => {
    const keys = fc.constantFrom(
      ...'type timestamp message usage id model payload info last_token_usage tokens messages $set input_tokens'.split(' '),
    );
    const { any } = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 5 },
        fc.jsonValue(),
        fc.constantFrom('assistant', TIME, 'token_count', 'turn_context'),
        fc.dictionary(keys, tie('any')),
      ),
    }));
    fc.assert(
      fc.property(fc.constantFrom(...LOGGING), fc.array(any, { maxLength: 5 }), (assistant, lines) => {
        for (const { day, input, output } of calls(assistant, lines)) {
          assert.match(day, /^\d{4}-\d{2}-\d{2}$/);
          assert.ok(input >= 0 && output >= 0);
        }
      }),
      { numRuns: 300 },
    );
  });
});
