import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FIELDS } from '../../../src/core/telemetry/catalogue.ts';
import { parseEvent, toEvent } from '../../../src/core/telemetry/event.ts';
import type { Observation } from '../../../src/core/telemetry/observation.ts';
import { EVENTS, METRICS, sourceOf } from '../../../src/core/usage/signals.ts';
import { OTLP_SIGNALS, readUsage, UsageMemory } from '../../../src/core/usage/usageReader.ts';
import { logs, metrics, START, traces } from '../../support/otlp.ts';

const memory = (since = START - 1000): UsageMemory => new UsageMemory({ since, hash: (text) => text });

function observed(signal: (typeof OTLP_SIGNALS)[number], message: unknown, kept = memory()): Observation[] {
  return (readUsage(signal, message, kept) ?? assert.fail('no message')).observations;
}

describe('usage of other assistants', () => {
  it('of Claude Code is read from its metrics: tokens, what a cache supplied included, and cost', () => {
    const model = 'claude-opus-4-7';
    const message = metrics('claude-code', {
      'claude_code.token.usage': [
        { value: 200, attributes: { type: 'input', model } },
        { value: 8_000, attributes: { type: 'cacheRead', model } },
        { value: 500, attributes: { type: 'cacheCreation', model } },
        { value: 120, attributes: { type: 'output', model } },
      ],
      'claude_code.cost.usage': [{ value: 0.12, attributes: { model } }],
      'claude_code.lines_of_code.count': [{ value: 40, attributes: { type: 'added' } }],
    });
    assert.deepEqual(observed('metrics', message), [
      {
        operation: 'other',
        outcome: 'completed',
        source: 'claude-code',
        model: 'claude',
        inputTokens: 8_700,
        outputTokens: 120,
        cost: { amount: 0.12, currency: 'USD' },
      },
    ]);
  });

  it('of Claude Code is read from its events, whose name may stand in the text or an attribute', () => {
    const attributes = {
      model: 'claude-haiku-4-5-20251001',
      cost_usd: 0.002,
      duration_ms: '1521',
      input_tokens: '10',
      output_tokens: '20',
      cache_read_tokens: '5',
      cache_creation_tokens: '1',
    };
    const wanted = {
      operation: 'other',
      outcome: 'completed',
      source: 'claude-code',
      model: 'claude',
      inputTokens: 16,
      outputTokens: 20,
      cost: { amount: 0.002, currency: 'USD' },
      duration: 1521,
    };
    for (const record of [
      { body: 'claude_code.api_request', attributes: { ...attributes, 'event.name': 'api_request' } },
      { attributes: { ...attributes, 'event.name': 'api_request' } },
      { name: 'claude_code.api_request', attributes },
    ]) {
      assert.deepEqual(observed('logs', logs('claude-code', [record])), [wanted], JSON.stringify(record));
    }
    const failed = {
      name: 'claude_code.api_error',
      attributes: { model: 'claude-x', status_code: '429', duration_ms: '90', error: 'secret' },
    };
    assert.deepEqual(observed('logs', logs('claude-code', [failed])), [
      { operation: 'other', outcome: 'error', source: 'claude-code', model: 'claude', errorReason: 'rate-limited', duration: 90 },
    ]);
  });

  it('of Claude Code is read from its spans', () => {
    const attributes = {
      'span.type': 'llm_request',
      model: 'claude-opus-5',
      input_tokens: 2,
      output_tokens: 1200,
      cache_read_tokens: 84562,
    };
    const [one] = observed('traces', traces('claude-code', [{ name: 'claude_code.llm_request', attributes }]));
    assert.deepEqual(one, {
      operation: 'other',
      outcome: 'completed',
      source: 'claude-code',
      model: 'claude',
      inputTokens: 84_564,
      outputTokens: 1200,
      duration: 2000,
    });
  });

  it('of Codex is read from its events and metrics', () => {
    const call = (kind: string): object =>
      logs('codex_cli_rs', [
        {
          name: 'codex.sse_event',
          attributes: {
            'event.kind': kind,
            model: 'gpt-5.1-codex',
            input_token_count: 900,
            output_token_count: 80,
            cached_token_count: 500,
          },
        },
      ]);
    assert.deepEqual(observed('logs', call('response.completed')), [
      { operation: 'other', outcome: 'completed', source: 'codex', model: 'gpt', inputTokens: 900, outputTokens: 80 },
    ]);
    assert.deepEqual(observed('logs', call('response.output_item.done')), []);
    const requests = [200, 500].map((status) => ({
      name: 'codex.api_request',
      attributes: { model: 'o3', duration_ms: '12', 'http.response.status_code': status, 'error.message': 'x' },
    }));
    assert.deepEqual(observed('logs', logs('codex_exec', requests)), [
      { operation: 'other', outcome: 'error', source: 'codex', model: 'o-series', errorReason: 'unreachable', duration: 12 },
    ]);
    const usage = ['total', 'input', 'cached_input', 'output', 'reasoning_output'].map((type, at) => ({
      value: 100 * (at + 1),
      count: 1,
      attributes: { token_type: type, model: 'gpt-5' },
    }));
    assert.deepEqual(
      observed('metrics', metrics('codex-cli', { 'codex.turn.token_usage': usage, 'codex.thread.started': [{ value: 1 }] })),
      [
        { operation: 'other', outcome: 'completed', source: 'codex', model: 'gpt', inputTokens: 200, outputTokens: 400 },
        { operation: 'other', outcome: 'completed', source: 'codex' },
      ],
    );
  });

  it('of Gemini CLI is read once, although it tells tokens by two names', () => {
    const model = 'gemini-2.5-pro';
    const message = metrics('gemini-cli', {
      'gemini_cli.token.usage': ['input', 'output', 'thought', 'cache', 'tool'].map((type, at) => ({
        value: 10 ** at,
        attributes: { model, type },
      })),
      'gen_ai.client.token.usage': [{ value: 11, count: 1, attributes: { 'gen_ai.token.type': 'input', 'gen_ai.request.model': model } }],
      'gen_ai.client.operation.duration': [{ value: 3, count: 2, attributes: { 'gen_ai.request.model': model } }],
    });
    assert.deepEqual(observed('metrics', message), [
      {
        operation: 'other',
        outcome: 'completed',
        source: 'gemini-cli',
        model: 'gemini',
        inputTokens: 10_001,
        outputTokens: 110,
        duration: 1500,
      },
    ]);
    const response = {
      name: 'gemini_cli.api_response',
      attributes: {
        model,
        status_code: 200,
        duration_ms: 700,
        input_token_count: 5,
        output_token_count: 6,
        thoughts_token_count: 7,
        tool_token_count: 0,
      },
    };
    assert.deepEqual(observed('logs', logs('gemini-cli', [response])), [
      { operation: 'other', outcome: 'completed', source: 'gemini-cli', model: 'gemini', inputTokens: 5, outputTokens: 13, duration: 700 },
    ]);
  });

  it('of Copilot Chat is read from metrics, events or spans, of an agent only its calls', () => {
    const usage = { 'gen_ai.request.model': 'gpt-4o', 'gen_ai.usage.input_tokens': 30, 'gen_ai.usage.output_tokens': 4 };
    const wanted = { operation: 'other', outcome: 'completed', source: 'copilot', model: 'gpt', inputTokens: 30, outputTokens: 4 };
    const types = (['input', 'output'] as const).map((type) => ({
      value: type === 'input' ? 30 : 4,
      count: 1,
      attributes: { 'gen_ai.token.type': type, 'gen_ai.request.model': 'gpt-4o' },
    }));
    assert.deepEqual(observed('metrics', metrics('copilot-chat', { 'gen_ai.client.token.usage': types })), [wanted]);
    assert.deepEqual(
      observed('logs', logs('copilot-chat', [{ attributes: { 'event.name': 'gen_ai.client.inference.operation.details', ...usage } }])),
      [wanted],
    );
    const spans = ['invoke_agent', 'chat', 'execute_tool'].map((operation, at) => ({
      name: `${operation} x`,
      id: `000000000000000${at}`,
      attributes: { ...usage, 'gen_ai.operation.name': operation },
    }));
    assert.deepEqual(observed('traces', traces('copilot-chat', spans)), [{ ...wanted, duration: 2000 }]);
    const later = metrics('copilot-chat', {
      'gen_ai.client.inference.usage.input_tokens': [{ value: 30, attributes: { 'gen_ai.request.model': 'gpt-4o' } }],
      'gen_ai.client.inference.usage.output_tokens': [{ value: 4, attributes: { 'gen_ai.request.model': 'gpt-4o' } }],
    });
    assert.deepEqual(observed('metrics', later), [wanted]);
  });

  it('counts one kind of message of an assistant, the one that was heard of first', () => {
    const kept = memory();
    const log = logs('claude-code', [{ name: 'claude_code.api_request', attributes: { input_tokens: 5, output_tokens: 5 } }]);
    const metric = metrics('claude-code', { 'claude_code.token.usage': [{ value: 5, attributes: { type: 'input' } }] });
    assert.equal(observed('logs', log, kept).length, 1);
    assert.equal(observed('metrics', metric, kept).length, 0);
    const other = logs('gemini-cli', [{ name: 'gemini_cli.api_response', attributes: { input_token_count: 1 } }]);
    assert.equal(observed('logs', other, kept).length, 1);
  });

  it('measures cumulative values from the last, those from before it listened not at all', () => {
    const kept = memory(START);
    const at = (value: number, minute: number, start = START): object =>
      metrics(
        'gemini-cli',
        { 'gemini_cli.token.usage': [{ value, attributes: { type: 'input' }, start, time: START + minute * 60_000 }] },
        { temporality: 2 },
      );
    const added = (message: object): (number | undefined)[] => observed('metrics', message, kept).map(({ inputTokens }) => inputTokens);
    assert.deepEqual(added(at(100, 1)), [100]);
    assert.deepEqual(added(at(130, 2)), [30]);
    assert.deepEqual(added(at(130, 2)), [], 'the same again');
    assert.deepEqual(added(at(120, 1)), [], 'an older one');
    assert.deepEqual(added(at(7, 3, START + 150_000)), [7], 'the counter began anew');
    assert.deepEqual(added(at(9_000, 3, START - 60_000)), [], 'began before us');
    assert.deepEqual(added(at(9_100, 4, START - 60_000)), [100]);
    const named = metrics(
      'gemini-cli',
      { 'gemini_cli.token.usage': [{ value: 3, attributes: { type: 'input' } }] },
      { temporality: 'AGGREGATION_TEMPORALITY_DELTA' },
    );
    assert.deepEqual(added(named), [3], 'delta by its name');
  });

  it('counts what was sent twice once', () => {
    const kept = memory();
    const call = logs('codex-cli', [
      { name: 'codex.sse_event', attributes: { 'event.kind': 'response.completed', input_token_count: 1, output_token_count: 1 } },
    ]);
    const delta = metrics('claude-code', { 'claude_code.token.usage': [{ value: 5, attributes: { type: 'input' } }] });
    const span = traces('copilot-chat', [
      { name: 'chat', attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 1 } },
    ]);
    const counts = [call, delta, span].map((message, at) => {
      const signal = OTLP_SIGNALS[[1, 0, 2][at] ?? 0] ?? 'logs';
      return [observed(signal, message, kept).length, observed(signal, message, kept).length];
    });
    assert.deepEqual(counts, [
      [1, 0],
      [1, 0],
      [1, 0],
    ]);
  });

  it('says how many listed items are not of the form they should have', () => {
    const broken = logs('codex-cli', [
      { name: 'codex.sse_event', attributes: { 'event.kind': 'response.completed', input_token_count: 'many', output_token_count: -1 } },
      { name: 'codex.user_prompt', attributes: { prompt: 'x' } },
    ]);
    assert.deepEqual(readUsage('logs', broken, memory()), { observations: [], rejected: 1 });
    const negative = metrics('claude-code', {
      'claude_code.token.usage': [{ value: -5, attributes: { type: 'input' } }],
      'other.name': [{ value: -1 }],
    });
    assert.deepEqual(readUsage('metrics', negative, memory()), { observations: [], rejected: 1 });
    for (const none of [undefined, null, 3, 'x', [], { resourceLogs: 5 }]) assert.equal(readUsage('logs', none, memory()), undefined);
  });

  it('knows senders by their names', () => {
    const known = {
      'claude-code': 'claude-code',
      codex_vscode: 'codex',
      'gemini-cli': 'gemini-cli',
      'copilot-chat': 'copilot',
      'github-copilot': 'copilot',
    };
    for (const [service, source] of Object.entries(known)) assert.equal(sourceOf('gen_ai.client.token.usage', service), source);
    for (const service of [undefined, '', 'codexplorer', 'my-app']) assert.equal(sourceOf('gen_ai.client.token.usage', service), 'other');
    assert.equal(sourceOf('codex.sse_event', 'claude-code'), 'codex');
  });

  it('makes of any message only what the catalogue lists, and never fails', () => {
    const words = fc.constantFrom(
      ...Object.keys(METRICS),
      ...Object.keys(EVENTS),
      'service.name',
      'type',
      'input',
      'model',
      'input_tokens',
      'event.name',
      'chat',
    );
    const keys = fc.constantFrom(
      ...(
        'resourceMetrics scopeMetrics metrics name sum histogram dataPoints asInt attributes key value stringValue intValue resourceLogs ' +
        'scopeLogs logRecords eventName body resourceSpans scopeSpans spans resource timeUnixNano __proto__'
      ).split(' '),
    );
    const { any } = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 9 },
        fc.anything(),
        words,
        fc.integer().map(String),
        fc.double(),
        fc.array(tie('any'), { maxLength: 4 }),
        tie('object'),
      ),
      object: fc.dictionary(keys, tie('any'), { maxKeys: 6 }),
    }));
    const kept = memory();
    fc.assert(
      fc.property(fc.constantFrom(...OTLP_SIGNALS), any, fc.boolean(), (signal, value, wrap) => {
        const list = { metrics: 'resourceMetrics', logs: 'resourceLogs', traces: 'resourceSpans' }[signal];
        let message: unknown = wrap ? { [list]: [value, { scopeMetrics: [value], scopeLogs: [value], scopeSpans: [value] }] } : value;
        try {
          message = JSON.parse(JSON.stringify(message) ?? 'null');
        } catch {
          return; // Nothing that could be sent.
        }
        for (const observation of readUsage(signal, message, kept)?.observations ?? []) {
          const event = toEvent(observation, '2026-11-20') ?? assert.fail();
          assert.ok(parseEvent(JSON.stringify(event)), JSON.stringify(event));
          assert.ok(FIELDS.source.values.includes(event.source) && event.source !== 'handrail');
        }
      }),
      { numRuns: 3000 },
    );
  });
});
