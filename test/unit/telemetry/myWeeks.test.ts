import assert from 'node:assert/strict';
import type { TelemetryEvent } from '../../../src/core/telemetry/catalogue.ts';
import { myWeeks } from '../../../src/core/telemetry/myWeeks.ts';

const NOW = Date.UTC(2026, 10, 27);

function event(day: string, fields: Partial<TelemetryEvent>): TelemetryEvent {
  return { schema: 1, day, operation: 'review', outcome: 'completed', source: 'handrail', ...fields };
}

describe('my weeks', () => {
  it('are empty where nothing is kept', () => {
    assert.deepEqual(myWeeks([], NOW), { weeks: [], worked: [], applied: { good: 0, all: 0 }, cost: [] });
  });

  it('have no gaps, and count every kind once', () => {
    const events = [
      event('2026-11-09', { modelFamily: 'gpt', inputTokensBucket: '4k-16k', outputTokensBucket: '1k-4k', costBucket: '0.01-0.1' }),
      event('2026-11-09', { outcome: 'accepted', findingsApplied: 1 }),
      event('2026-11-10', { outcome: 'rejected', findingsDismissed: 1 }),
      event('2026-11-25', { workflowStepKind: 'review', stepState: 'done' }),
      event('2026-11-25', { operation: 'generate', outcome: 'accepted', modelFamily: 'claude', costBucket: 'under-0.01' }),
      event('2026-11-25', { operation: 'generate', outcome: 'edited', modelFamily: 'claude', costBucket: '0.1-1' }),
      event('2026-11-26', { operation: 'generate', outcome: 'rejected', modelFamily: 'gpt' }),
      event('2026-11-26', { operation: 'generate', outcome: 'measured', modelFamily: 'claude', survivalBucket: 'most' }),
      event('2026-11-26', { operation: 'generate', outcome: 'measured', modelFamily: 'claude', survivalBucket: 'none' }),
      event('2026-11-26', { operation: 'other', source: 'codex', inputTokensBucket: '1m-4m' }),
    ];
    const { weeks, worked, applied, cost } = myWeeks(events, NOW);
    const empty = {
      reviews: 0,
      findingsApplied: 0,
      findingsDismissed: 0,
      accepted: 0,
      edited: 0,
      rejected: 0,
      steps: 0,
      tokens: {},
      cost: 0,
    };
    assert.deepEqual(weeks, [
      { ...empty, week: '2026-W46', reviews: 1, findingsApplied: 1, findingsDismissed: 1, tokens: { handrail: 5 }, cost: 1 },
      { ...empty, week: '2026-W47' },
      { ...empty, week: '2026-W48', accepted: 1, edited: 1, rejected: 1, steps: 1, tokens: { codex: 1000 }, cost: 10 },
    ]);
    assert.deepEqual(applied, { good: 1, all: 2 });
    assert.deepEqual(worked, [
      { family: 'claude', accepted: { good: 2, all: 2 }, survived: { good: 1, all: 2 } },
      { family: 'gpt', accepted: { good: 0, all: 1 }, survived: { good: 0, all: 0 } },
    ]);
    assert.deepEqual(cost, [
      { family: 'claude', cents: 10 },
      { family: 'gpt', cents: 1 },
    ]);
  });

  it('are no more than a year has, whatever a wrong clock has left', () => {
    const { weeks } = myWeeks([event('2024-01-01', {})], NOW);
    assert.deepEqual([weeks.length, weeks[0]?.week, weeks.at(-1)?.week], [54, '2025-W47', '2026-W48']);
    assert.deepEqual(myWeeks([event('2027-01-11', {})], NOW).weeks, []);
  });
});
