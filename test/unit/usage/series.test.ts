import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DEEPEST, isShallow } from '../../../src/core/usage/depth.ts';
import { asTime } from '../../../src/core/usage/otlp.ts';
import { Heard, MOST_HEARD, MOST_SERIES, Series } from '../../../src/core/usage/series.ts';

const time = (seconds: number): string => asTime(String(1_700_000_000 + seconds) + '000000000');

describe('series of metrics', () => {
  it('add up to the last value of a counter, whatever is sent twice, late or between resets', () => {
    const runs = fc.array(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(runs, fc.boolean(), (increments, repeat) => {
        const series = new Series(time(0));
        let clock = 1;
        let sum = 0;
        let counted = 0;
        for (const run of increments) {
          const start = time(clock++);
          let value = 0;
          for (const increment of run) {
            value += increment;
            sum += increment;
            const point = { key: 'a', cumulative: true, start, time: time(clock++), value, count: 1 };
            counted += series.added(point)?.value ?? 0;
            if (repeat) assert.equal(series.added(point), undefined);
          }
        }
        assert.equal(counted, sum);
      }),
    );
  });

  it('never take a counter for new that they had to forget', () => {
    const series = new Series(time(0));
    const point = (key: string, at: number, value: number) => ({ key, cumulative: true, start: time(1), time: time(at), value, count: 1 });
    assert.equal(series.added(point('first', 2, 100))?.value, 100);
    for (let i = 0; i < MOST_SERIES; i += 1) series.added(point(`other ${i}`, 2, 1));
    assert.equal(series.added(point('first', 3, 150)), undefined);
    assert.equal(series.added(point('first', 4, 160))?.value, 10);
  });

  it('remember what they heard only so long', () => {
    const heard = new Heard();
    assert.equal(heard.add('a'), true);
    assert.equal(heard.add('a'), false);
    for (let i = 0; i < MOST_HEARD; i += 1) heard.add(String(i));
    assert.equal(heard.add('a'), true);
  });
});

describe('depth of JSON', () => {
  it('is that of its brackets outside of texts', () => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 6, withNullPrototype: false }), (value) => {
        const text = JSON.stringify(value) ?? 'null';
        assert.ok(isShallow(text));
      }),
    );
    assert.ok(isShallow('['.repeat(DEEPEST) + ']'.repeat(DEEPEST)));
    assert.ok(!isShallow('['.repeat(DEEPEST + 1)));
    assert.ok(!isShallow(`"\\"${'['.repeat(99)}",`.repeat(3) + '{"a":'.repeat(DEEPEST + 1)));
    assert.ok(isShallow(`["${'['.repeat(999)}\\\\", "${'{'.repeat(999)}`));
  });
});
