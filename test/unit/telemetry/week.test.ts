import assert from 'node:assert/strict';
import { dayOf, isPlausible, lastDayOf, oldestKept, startOfWeek, weekOf } from '../../../src/core/telemetry/week.ts';

const DAY = 24 * 3600 * 1000;

describe('days and ISO weeks', () => {
  // Examples of ISO 8601 and calendars; 2026 is a year of 53 weeks.
  const known: Record<string, string> = {
    '2024-12-29': '2024-W52',
    '2024-12-30': '2025-W01',
    '2025-12-28': '2025-W52',
    '2025-12-29': '2026-W01',
    '2026-01-01': '2026-W01',
    '2026-12-27': '2026-W52',
    '2026-12-28': '2026-W53',
    '2026-12-31': '2026-W53',
    '2027-01-03': '2026-W53',
    '2027-01-04': '2027-W01',
    '2032-12-31': '2032-W53',
    '2033-01-01': '2032-W53',
  };
  for (const [day, week] of Object.entries(known)) {
    it(`${day} is in ${week}`, () => {
      assert.equal(weekOf(Date.parse(day)), week);
      assert.equal(weekOf(Date.parse(`${day}T23:59:59.999Z`)), week);
    });
  }

  it('finds the Monday and the Sunday of every week of a century, and every day in its own week', () => {
    for (let time = Date.UTC(2024, 0, 1); time < Date.UTC(2100, 0, 1); time += DAY) {
      const week = weekOf(time);
      const start = startOfWeek(week) ?? assert.fail(week);
      assert.ok(start <= time && time < start + 7 * DAY, dayOf(time));
      assert.equal(new Date(start).getUTCDay(), 1);
      assert.equal(lastDayOf(week), dayOf(start + 6 * DAY));
    }
  });

  it('knows no week 53 where there is none, and nothing that is no week', () => {
    for (const week of ['2025-W53', '2026-W54', '2026-W00', '2026-47', '', '2026-W470']) assert.equal(startOfWeek(week), undefined, week);
    assert.equal(dayOf(startOfWeek('2026-W53') ?? 0), '2026-12-28');
  });

  it('believes a clock of this century only, and by another nothing expires', () => {
    for (const time of [0, -1, Date.UTC(2023, 11, 31), Date.UTC(9999, 0, 1), Number.NaN, Infinity]) assert.equal(isPlausible(time), false);
    assert.equal(isPlausible(Date.UTC(2026, 10, 22)), true);
    assert.equal(oldestKept(0, 90), '');
    assert.equal(oldestKept(Number.NaN, 90), '');
    assert.equal(oldestKept(Date.UTC(2026, 10, 22), 90), '2026-08-24');
  });
});
