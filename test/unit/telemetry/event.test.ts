import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bucketOf, COST, DURATION, DWELL, TOKENS } from '../../../src/core/telemetry/buckets.ts';
import { FIELDS, type TelemetryEvent } from '../../../src/core/telemetry/catalogue.ts';
import { parseEvent, toEvent } from '../../../src/core/telemetry/event.ts';
import { modelFamily } from '../../../src/core/telemetry/modelFamily.ts';
import type { Observation } from '../../../src/core/telemetry/observation.ts';

const DAY = '2026-11-22';

/** An observation as JavaScript can make it, whatever the types say. */
function untyped(value: Record<string, unknown>): Observation {
  return value as unknown as Observation;
}

describe('events', () => {
  it('hold what the catalogue makes of an observation', () => {
    const event = toEvent(
      {
        operation: 'review',
        outcome: 'completed',
        provider: 'openai',
        model: 'gpt-5-mini-2026-08-07',
        stepKind: 'review',
        stepState: 'done',
        duration: 12_345,
        inputTokens: 2_000,
        outputTokens: 300,
        cost: { amount: 0.02, currency: 'USD' },
        findings: { critical: 1, high: 0, medium: 2, low: 0, info: 2 },
        findingsApplied: 1,
        findingsDismissed: 0,
        dwell: 3_600_000,
      },
      DAY,
    );
    assert.deepEqual(event, {
      schema: 1,
      day: DAY,
      operation: 'review',
      outcome: 'completed',
      source: 'handrail',
      provider: 'openai',
      modelFamily: 'gpt',
      workflowStepKind: 'review',
      stepState: 'done',
      findingsBySeverity: { critical: 1, medium: 2, info: 2 },
      durationBucket: '10s-1m',
      inputTokensBucket: '1k-4k',
      outputTokensBucket: '1-1k',
      costBucket: '0.01-0.1',
      findingsApplied: 1,
      findingsDismissed: 0,
      dwellBucket: '1h-4h',
    });
  });

  it('name a step only where the team of the folder lists it', () => {
    const step: Observation = { operation: 'manual', outcome: 'completed', stepKind: 'manual', stepId: 'write-tests' };
    const named = (stepId: string, team?: { name: string; steps: string[] }): unknown => toEvent({ ...step, stepId }, DAY, team)?.stepId;
    assert.equal(named('write-tests', { name: 'payments', steps: ['review', 'write-tests'] }), 'write-tests');
    for (const team of [undefined, { name: 'payments', steps: [] }, { name: 'none', steps: ['write-tests'] }]) {
      assert.equal(named('write-tests', team), undefined);
    }
    assert.equal(named('Ann’s step', { name: 'payments', steps: ['Ann’s step'] }), undefined, 'whatever a file lists');
    assert.equal(parseEvent(JSON.stringify({ ...toEvent(step, DAY), stepId: 'a/b' })), undefined);
  });

  it('name the team of the folder, when its name can be one', () => {
    const done: Observation = { operation: 'manual', outcome: 'completed' };
    assert.equal(toEvent(done, DAY, { name: 'payments', steps: [] })?.team, 'payments');
    for (const team of [undefined, 'none', '', 'Payments', '-a', 'a-', 'a/b', 'a'.repeat(41), 'ann@example.com']) {
      const recorded = team === undefined ? undefined : { name: team, steps: [] };
      assert.equal(Object.hasOwn(toEvent(done, DAY, recorded) ?? {}, 'team'), false, team);
      if (team !== undefined) assert.equal(parseEvent(JSON.stringify({ ...toEvent(done, DAY), team })), undefined);
    }
  });

  it('say other where the catalogue does not list a value', () => {
    const event = toEvent(
      untyped({
        operation: 'deploy',
        outcome: 'exploded',
        provider: 'my-server.example',
        model: 'in-house-7b',
        stepKind: 'ritual',
        stepState: 'odd',
        errorReason: 'ENOENT: /home/ann/secret',
        cost: { amount: 3, currency: 'JPY' },
      }),
      DAY,
    );
    assert.deepEqual(event, {
      schema: 1,
      day: DAY,
      operation: 'other',
      outcome: 'other',
      source: 'handrail',
      provider: 'other',
      modelFamily: 'other',
      workflowStepKind: 'other',
      stepState: 'other',
      errorType: 'other',
      costBucket: 'other',
    });
  });

  it('leave out quantities that are none, and clip the others', () => {
    const event = toEvent(
      untyped({
        operation: 'review',
        outcome: 'completed',
        duration: -1,
        inputTokens: Number.NaN,
        outputTokens: 'many',
        dwell: undefined,
        findingsApplied: 1e9,
        findingsDismissed: -3,
        findings: { critical: 1e9, high: Number.NaN, medium: 2.9, secret: 4 },
      }),
      DAY,
    );
    assert.deepEqual(event, {
      schema: 1,
      day: DAY,
      operation: 'review',
      outcome: 'completed',
      source: 'handrail',
      findingsApplied: 99,
      findingsBySeverity: { critical: 99, medium: 2 },
    });
  });

  it('do not compile with a field or a value that the catalogue does not list', () => {
    const needed = { schema: 1, day: DAY, operation: 'review', outcome: 'completed', source: 'handrail' } as const;
    // @ts-expect-error -- not a field
    const field: TelemetryEvent = { ...needed, path: 'src/a.ts' };
    // @ts-expect-error -- not a value
    const value: TelemetryEvent = { ...needed, modelFamily: 'gpt-5-mini' };
    for (const event of [field, value]) assert.equal(parseEvent(JSON.stringify(event)), undefined);
  });

  it('do not call it an error when a person cancels', () => {
    assert.equal(toEvent({ operation: 'review', outcome: 'cancelled', errorReason: 'cancelled' }, DAY)?.errorType, undefined);
  });

  it('lack what expired, and are none once a field that they need has', () => {
    const last = FIELDS.operation.expires;
    assert.notEqual(toEvent({ operation: 'manual', outcome: 'completed' }, last), undefined);
    assert.equal(toEvent({ operation: 'manual', outcome: 'completed' }, '2029-01-01'), undefined);
  });

  it('are short lines of catalogue values whatever was observed, and read back as they were', () => {
    const anything = fc.record(
      {
        operation: fc.oneof(fc.constant('review'), fc.string()),
        outcome: fc.oneof(fc.constant('completed'), fc.string()),
        provider: fc.string(),
        model: fc.string({ maxLength: 5000 }),
        stepKind: fc.string(),
        stepState: fc.string(),
        errorReason: fc.string(),
        duration: fc.double(),
        inputTokens: fc.double(),
        outputTokens: fc.double(),
        cost: fc.record({ amount: fc.double(), currency: fc.string() }),
        findings: fc.dictionary(fc.constantFrom('critical', 'high', 'medium', 'low', 'info', '__proto__', 'x'), fc.double()),
        findingsApplied: fc.double(),
        findingsDismissed: fc.double(),
        dwell: fc.double(),
        path: fc.string(),
      },
      { requiredKeys: ['operation', 'outcome'] },
    );
    fc.assert(
      fc.property(anything, (value) => {
        const event = toEvent(untyped(value), DAY);
        const line = JSON.stringify(event);
        assert.ok(line.length < 4096);
        assert.match(line, /^[\x20-\x7e]*$/);
        assert.equal(JSON.stringify(parseEvent(line)), line);
      }),
    );
  });

  it('are not read from lines that hold anything else', () => {
    const good = { schema: 1, day: DAY, operation: 'review', outcome: 'completed', source: 'handrail' };
    assert.deepEqual(parseEvent(JSON.stringify(good)), good);
    for (const bad of [
      { ...good, path: 'src/a.ts' },
      { ...good, provider: 'my-server.example' },
      { ...good, schema: 2 },
      { ...good, day: '2026-11-22T10:11:12Z' },
      { ...good, day: '2026-13-01' },
      { ...good, findingsApplied: 100 },
      { ...good, findingsApplied: 1.5 },
      { ...good, findingsBySeverity: { critical: 'many' } },
      { ...good, findingsBySeverity: { secret: 1 } },
      { ...good, findingsBySeverity: null },
      { day: DAY, operation: 'review', outcome: 'completed', source: 'handrail' },
      [good],
      null,
      'review',
    ]) {
      assert.equal(parseEvent(JSON.stringify(bad)), undefined, JSON.stringify(bad));
    }
    for (const text of ['', '{', '{"schema":1,']) assert.equal(parseEvent(text), undefined);
  });
});

describe('ranges', () => {
  it('contain their lower end and not their upper', () => {
    assert.deepEqual(
      [0, 999, 1000, 59_999, 60_000, 1_800_000, Infinity].map((ms) => bucketOf(ms, DURATION)),
      ['under-1s', 'under-1s', '1s-10s', '10s-1m', '1m-5m', '30m-or-more', '30m-or-more'],
    );
    assert.deepEqual(
      [0, 1, 999, 1000, 256_000, 16_000_000].map((tokens) => bucketOf(tokens, TOKENS)),
      ['0', '1-1k', '1-1k', '1k-4k', '256k-1m', '16m-or-more'],
    );
    assert.deepEqual(
      [0, 0.000001, 0.01, 0.1, 9.99, 10].map((cost) => bucketOf(cost, COST)),
      ['0', 'under-0.01', '0.01-0.1', '0.1-1', '1-10', '10-or-more'],
    );
    assert.equal(bucketOf(7 * 24 * 3_600_000, DWELL), '1w-or-more');
  });

  it('hold no quantity that is none', () => {
    for (const value of [undefined, Number.NaN, -0.1, -Infinity]) assert.equal(bucketOf(value, DURATION), undefined);
  });
});

describe('families of models', () => {
  const known: Record<string, string> = {
    'gpt-5.1-codex-max': 'gpt',
    'openai/gpt-oss-120b': 'gpt-oss',
    'chatgpt-4o-latest': 'gpt',
    'o4-mini': 'o-series',
    'openai/o3': 'o-series',
    'anthropic/claude-sonnet-5': 'claude',
    'us.anthropic.claude-opus-4-1-v1:0': 'claude',
    sonnet: 'claude',
    'gemini-3-pro': 'gemini',
    'codegemma:7b': 'gemma',
    'qwen2.5-coder:7b': 'qwen',
    'Qwen/QwQ-32B': 'qwen',
    'meta-llama/Llama-3.3-70B-Instruct': 'llama',
    'deepseek-r1-distill-llama-70b': 'deepseek',
    'codestral-latest': 'codestral',
    'mixtral-8x7b': 'mistral',
    'microsoft/phi-4': 'phi',
    'x-ai/grok-4': 'grok',
    'zai-org/GLM-4.6': 'glm',
    'command-r-plus': 'command-r',
    'our-gptlike': 'gpt',
    'inhouse-dolphin': 'other',
    bingpt: 'other',
    'morpho-4': 'other',
    '': 'other',
  };
  for (const [model, family] of Object.entries(known))
    it(`${JSON.stringify(model)} is ${family}`, () => assert.equal(modelFamily(model), family));
});
