import assert from 'node:assert/strict';
import fc from 'fast-check';
import { registryOf } from '../../../src/core/team/registry.ts';
import { rollUp } from '../../../src/core/team/rollUp.ts';
import { labelsOf, COST, DWELL, SURVIVAL, TOKENS } from '../../../src/core/telemetry/buckets.ts';
import { FIELDS, type TelemetryEvent } from '../../../src/core/telemetry/catalogue.ts';
import { COUNTERS } from '../../../src/core/telemetry/counters.ts';
import { registryDigest } from '../../../src/core/telemetry/digest.ts';

const WEEK = '2026-W46';
const DAY = '2026-11-11';

function event(fields: Partial<TelemetryEvent>): TelemetryEvent {
  return { schema: 1, day: DAY, operation: 'review', outcome: 'completed', source: 'handrail', team: 'payments', ...fields };
}

/** `counter dims value` of every cell, as a person would write it down. */
function table(events: TelemetryEvent[], { names = COUNTERS.map(({ name }) => name), assistants = false } = {}): string[] {
  const { counters } = registryOf(names);
  return rollUp(events, { week: WEEK, team: 'payments', counters, assistants }).map(
    ({ counter, dims, value }) => `${counter} ${Object.values(dims).join('/')} ${value}`,
  );
}

describe('what events add up to', () => {
  it('counts reviews by how they ended, and neither settled steps nor dismissals', () => {
    const events = [
      event({ findingsBySeverity: { high: 2, low: 1 } }),
      event({ outcome: 'error', errorType: 'timeout' }),
      event({ outcome: 'cancelled' }),
      event({ outcome: 'rejected', findingsDismissed: 1 }),
      event({ outcome: 'accepted', findingsApplied: 1 }),
      event({ workflowStepKind: 'review', stepState: 'done' }),
    ];
    assert.deepEqual(table(events, { names: ['review.findings', 'review.runs'] }), [
      'review.runs completed 1',
      'review.runs cancelled 1',
      'review.runs failed 1',
      'review.findings high 2',
      'review.findings low 1',
    ]);
  });

  it('counts what was decided about findings by how severe they were, where that was noted', () => {
    const events = [
      event({ outcome: 'accepted', findingsApplied: 1, findingsBySeverity: { high: 1 } }),
      event({ outcome: 'accepted', findingsApplied: 1, findingsBySeverity: { high: 1 } }),
      event({ outcome: 'rejected', findingsDismissed: 1, findingsBySeverity: { low: 1 } }),
      event({ outcome: 'rejected', findingsDismissed: 1 }),
      event({ findingsBySeverity: { high: 3 } }),
    ];
    assert.deepEqual(table(events, { names: ['review.decisions', 'review.findings'] }), [
      'review.findings high 3',
      'review.decisions applied/high 2',
      'review.decisions dismissed/low 1',
      'review.decisions dismissed/other 1',
    ]);
  });

  it('counts generations, calls and a lower bound of what they cost', () => {
    const generation = { operation: 'generate', modelFamily: 'gpt' } as const;
    const events = [
      event({ ...generation, outcome: 'accepted', costBucket: '0.1-1' }),
      event({ ...generation, outcome: 'error', costBucket: 'under-0.01' }),
      event({ ...generation, outcome: 'completed', costBucket: '10-or-more' }),
      event({ ...generation, outcome: 'measured', survivalBucket: 'most' }),
      event({ modelFamily: 'claude', costBucket: 'other' }),
    ];
    assert.deepEqual(table(events, { names: ['generate.outcomes', 'generate.survival', 'models.calls', 'models.cost'] }), [
      'generate.outcomes accepted 1',
      'generate.outcomes failed 1',
      'generate.outcomes other 1',
      'generate.survival most 1',
      'models.calls claude 1',
      'models.calls gpt 3',
      'models.cost gpt 1010',
    ]);
  });

  it('counts steps that became done, how long they had been ready, attempts that failed, and waivers', () => {
    const step = { operation: 'manual', workflowStepKind: 'manual' } as const;
    const events = [
      event({ ...step, stepState: 'done', dwellBucket: '1h-4h' }),
      event({ ...step, stepState: 'done' }),
      event({ ...step, stepState: 'waived' }),
      event({ operation: 'command', workflowStepKind: 'command', stepState: 'failed' }),
      event({ operation: 'command', workflowStepKind: 'command', outcome: 'error' }),
    ];
    assert.deepEqual(table(events, { names: ['steps.completed', 'steps.dwell', 'steps.failed', 'steps.waived'] }), [
      'steps.dwell manual/1h-4h 1',
      'steps.dwell manual/unknown 1',
      'steps.completed manual 2',
      'steps.failed command 2',
      'steps.waived manual 1',
    ]);
  });

  it('counts usage of assistants that belongs to no team only for the team that the person picked', () => {
    const usage = { operation: 'other', source: 'claude-code' } as const;
    const { team: _team, ...nobodys } = event({ ...usage, inputTokensBucket: '16k-64k', outputTokensBucket: '1-1k' });
    const others = event({ ...usage, team: 'search', inputTokensBucket: '16k-64k' });
    const again = { ...nobodys, day: '2026-11-12' };
    const { team: _other, ...handrails } = event({});
    const events = [nobodys, again, nobodys, { ...nobodys, outputTokensBucket: '1m-4m' as const }, others, handrails];
    assert.deepEqual(table(events), []);
    assert.deepEqual(table(events, { assistants: true }), [
      'assistants.tokens claude-code/input 64',
      'assistants.tokens claude-code/output 1000',
      'assistants.days claude-code 2',
    ]);
  });

  it('leaves out other weeks, expired counters and what the team did not list', () => {
    assert.deepEqual(table([event({ day: '2026-11-08' }), event({ day: '2026-11-16' })]), []);
    assert.deepEqual(table([event({})], { names: ['steps.waived', 'no.counter'] }), []);
    const expired = COUNTERS.map((counter) => ({ ...counter, expires: '2026-11-10' }));
    assert.deepEqual(rollUp([event({})], { week: WEEK, team: 'payments', counters: expired, assistants: false }), []);
  });

  it('clips each cell', () => {
    assert.deepEqual(table(Array.from({ length: 300 }, () => event({ findingsBySeverity: { info: 99 } }))), [
      'review.runs completed 200',
      'review.findings info 500',
    ]);
  });

  it('never says anything but listed values and whole numbers up to the clip, whatever was recorded', () => {
    const optional = <T>(values: readonly T[]): fc.Arbitrary<T | undefined> => fc.option(fc.constantFrom(...values), { nil: undefined });
    const events = fc.record({
      schema: fc.constant(1 as const),
      day: fc.constantFrom('2026-11-09', '2026-11-15', '2026-11-16'),
      operation: fc.constantFrom(...FIELDS.operation.values),
      outcome: fc.constantFrom(...FIELDS.outcome.values),
      source: fc.constantFrom(...FIELDS.source.values),
      team: optional(['payments', 'search']),
      modelFamily: optional(FIELDS.modelFamily.values),
      workflowStepKind: optional(FIELDS.workflowStepKind.values),
      stepState: optional(FIELDS.stepState.values),
      inputTokensBucket: optional(labelsOf(TOKENS)),
      outputTokensBucket: optional(labelsOf(TOKENS)),
      costBucket: optional([...labelsOf(COST), 'other']),
      dwellBucket: optional(labelsOf(DWELL)),
      survivalBucket: optional(labelsOf(SURVIVAL)),
      findingsBySeverity: fc.option(fc.dictionary(fc.constantFrom('high', 'low', 'odd'), fc.nat(99)), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(events, { maxLength: 80 }), fc.boolean(), (recorded, assistants) => {
        const cells = rollUp(recorded as TelemetryEvent[], { week: WEEK, team: 'payments', counters: COUNTERS, assistants });
        const keys = cells.map(({ counter, dims }) => JSON.stringify([counter, dims]));
        assert.equal(new Set(keys).size, keys.length);
        for (const { counter, dims, value } of cells) {
          const listed = COUNTERS.find(({ name }) => name === counter);
          assert.ok(listed);
          assert.deepEqual(Object.keys(dims), Object.keys(listed.dims));
          for (const [dim, said] of Object.entries(dims)) assert.ok(listed.dims[dim]?.includes(said));
          assert.ok(Number.isInteger(value) && value > 0 && value <= listed.clip);
        }
        const shuffled = rollUp(recorded.toReversed() as TelemetryEvent[], {
          week: WEEK,
          team: 'payments',
          counters: COUNTERS,
          assistants,
        });
        assert.deepEqual(shuffled, cells);
      }),
    );
  });
});

describe('a registry', () => {
  it('has the steps that a team lists as values of a dimension, and others are other', () => {
    const registry = registryOf(['steps.waits'], ['write-tests', 'review']);
    assert.deepEqual(registry.counters[0]?.dims['step'], ['write-tests', 'review', 'other']);
    assert.notEqual(registry.digest, registryOf(['steps.waits'], ['review', 'write-tests']).digest);
    const done = (fields: Partial<TelemetryEvent>): TelemetryEvent =>
      event({ operation: 'manual', workflowStepKind: 'manual', stepState: 'done', ...fields });
    const events = [
      done({ stepId: 'write-tests', dwellBucket: '1h-4h' }),
      done({ stepId: 'write-tests', dwellBucket: '1h-4h' }),
      done({ stepId: 'unlisted' }),
      done({}),
      done({ stepId: 'review', stepState: 'waived' }),
    ];
    const cells = rollUp(events, { week: WEEK, team: 'payments', counters: registry.counters, assistants: false });
    assert.deepEqual(
      cells.map(({ dims, value }) => [dims['step'], dims['dwell'], value]),
      [
        ['write-tests', '1h-4h', 2],
        ['other', 'unknown', 2],
      ],
    );
  });

  it('does not depend on the order in which counters are named, and is the whole catalogue when all are', () => {
    const names = COUNTERS.map(({ name }) => name);
    assert.equal(registryOf(names.toReversed()).digest, registryDigest(COUNTERS));
    assert.notEqual(registryOf(names.slice(1)).digest, registryDigest(COUNTERS));
  });
});
