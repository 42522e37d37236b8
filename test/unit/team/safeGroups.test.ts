import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cellsOf, figuresOf, growingOf, type TableCell } from '../../../src/core/team/release/contributionTables.ts';
import { isSafe, safeGroups as groupsOf, type SafeGroups } from '../../../src/core/team/release/safeGroups.ts';
import { COUNTERS } from '../../../src/core/telemetry/counters.ts';

const [COUNTER] = COUNTERS;
assert.ok(COUNTER);
const safeGroups = (cells: readonly TableCell[], k: number): Promise<SafeGroups | undefined> =>
  groupsOf({ cells: () => Promise.resolve(cellsOf(cells)), growing: (_counter, keys, first) => growingOf(cells, keys, first) }, COUNTER, k);

const cellOf = (value: string, weeks: Record<string, Record<string, number>>): TableCell => ({
  dims: { outcome: value },
  key: JSON.stringify({ outcome: value }),
  weeks: new Map(Object.entries(weeks).map(([week, people]) => [week, new Map(Object.entries(people))])),
});
/** So many people who gave the same in one week. */
const even = (people: number, each: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: people }, (_, index) => [`t${index}`, each]));

describe('a group of a table', () => {
  it('needs k people in one week: those of several weeks are not more people', () => {
    assert.equal(isSafe(figuresOf([cellOf('a', { w1: even(5, 2) })]), 5), true);
    assert.equal(isSafe(figuresOf([cellOf('a', { w1: even(4, 2), w2: even(4, 2) })]), 5), false);
  });

  it('is no group when one person is more than half of it, or two are nearly all', () => {
    assert.equal(isSafe(figuresOf([cellOf('a', { w1: { ...even(9, 1), big: 9 } })]), 5), true);
    assert.equal(isSafe(figuresOf([cellOf('a', { w1: { ...even(9, 1), big: 10 } })]), 5), false);
    assert.equal(isSafe(figuresOf([cellOf('a', { w1: { ...even(9, 1), one: 90, two: 90 } })]), 5), true);
    assert.equal(isSafe(figuresOf([cellOf('a', { w1: { ...even(8, 1), one: 90, two: 90 } })]), 5), false);
  });

  it('counts what a person gave to several cells of it as one contribution', () => {
    const figures = figuresOf([cellOf('a', { w1: even(5, 3) }), cellOf('b', { w1: { t0: 7 } })]);
    assert.deepEqual(figures, { people: 5, total: 22, largest: 10, twoLargest: 13 });
  });
});

describe('what may be published of a table', () => {
  it('is every safe cell, and the rest as one where that is safe', async () => {
    const groups = await safeGroups(
      [cellOf('a', { w1: even(6, 10) }), cellOf('b', { w1: even(3, 1) }), cellOf('other', { w1: even(5, 1) })],
      5,
    );
    assert.deepEqual(
      groups?.cells.map(({ dims, figures }) => [dims['outcome'], figures.total]),
      [['a', 60]],
    );
    assert.equal(groups?.other, 8);
  });

  it('puts the least safe cell with the rest while that is not safe, and withholds when none is left', async () => {
    const rare = cellOf('rare', { w1: { t0: 1 } });
    const groups = await safeGroups([cellOf('a', { w1: even(7, 10) }), cellOf('b', { w1: even(6, 10) }), rare], 5);
    assert.deepEqual(
      groups?.cells.map(({ dims }) => dims['outcome']),
      ['a'],
    );
    assert.equal(groups?.other, 61);
    assert.equal(await safeGroups([rare], 5), undefined);
    assert.equal(await safeGroups([], 5), undefined);
  });

  const tableArb = fc
    .array(
      fc.array(fc.tuple(fc.constantFrom('w1', 'w2', 'w3', 'w4'), fc.constantFrom(...'abcdefghijklmn'), fc.oneof(fc.nat(4), fc.nat(300))), {
        maxLength: 40,
      }),
      { maxLength: 6 },
    )
    .map((lists) =>
      lists.map((list, index) => {
        const weeks: Record<string, Record<string, number>> = {};
        for (const [week, token, value] of list) {
          const people = (weeks[week] ??= {});
          if (value > 0) people[token] = (people[token] ?? 0) + value;
        }
        return cellOf(index === 5 ? 'other' : `v${index}`, weeks);
      }),
    );

  it('are disjoint groups, each safe, that lose nothing, whatever was given and in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(tableArb, fc.integer({ min: 5, max: 7 }), async (cells, k) => {
        const groups = await safeGroups(cells, k);
        const total = figuresOf(cells).total;
        if (groups === undefined) return;
        const alone = cells.filter(({ key }) => groups.cells.some((cell) => cell.key === key));
        const rest = cells.filter((cell) => !alone.includes(cell) && figuresOf([cell]).total > 0);
        for (const cell of alone) assert.ok(isSafe(figuresOf([cell]), k) && cell.dims['outcome'] !== 'other');
        if (groups.other === undefined) assert.deepEqual(rest, []);
        else assert.ok(isSafe(figuresOf(rest), k));
        assert.equal(
          groups.cells.reduce((sum, one) => sum + one.figures.total, groups.other ?? 0),
          total,
        );
        assert.deepEqual(await safeGroups(cells.toReversed(), k), groups);
      }),
      { numRuns: 2000 },
    );
  });

  it('bound what one person can have in any sum of them', async () => {
    await fc.assert(
      fc.asyncProperty(tableArb, async (cells) => {
        const groups = await safeGroups(cells, 5);
        if (groups === undefined) return;
        const alone = cells.filter(({ key }) => groups.cells.some((cell) => cell.key === key));
        const published = [
          ...alone.map((cell) => [cell]),
          ...(groups.other === undefined ? [] : [cells.filter((cell) => !alone.includes(cell))]),
        ];
        for (const group of published) {
          const { total, people } = figuresOf(group);
          // By another way: the most that somebody could have is the largest value of each week, whoever they are.
          const weeks = new Map<string, Map<string, number>>();
          for (const cell of group) {
            for (const [week, given] of cell.weeks) {
              for (const [token, value] of given) {
                const sums = weeks.get(week) ?? new Map<string, number>();
                weeks.set(week, sums.set(token, (sums.get(token) ?? 0) + value));
              }
            }
          }
          const most = [...weeks.values()].reduce((sum, given) => sum + Math.max(0, ...given.values()), 0);
          assert.ok(most * 2 <= total && people >= 5);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
