import assert from 'node:assert/strict';
import { tellsOfEach } from '../../../src/core/team/release/bounds.ts';
import { participationOf } from '../../../src/core/team/release/participation.ts';
import { isSafe } from '../../../src/core/team/release/safeGroups.ts';

/** A figure of one week, such as days of an assistant, of which a person has at most seven. */
const CLIP = 7;
const K = 5;

/** Every way in which so many people can have values, whoever they are: the larger ones first. */
function* teams(people: number, most = CLIP): Generator<number[]> {
  if (people === 0) yield [];
  else for (let value = most; value >= 0; value -= 1) for (const rest of teams(people - 1, value)) yield [value, ...rest];
}

/** What a reader sees of a team with these values; undefined where the rule publishes nothing. */
function seen(values: readonly number[], { roster, withBounds }: { roster?: number; withBounds: boolean }): string | undefined {
  const total = values.reduce((sum, value) => sum + value, 0);
  const [first = 0, second = 0] = values.toSorted((a, b) => b - a);
  const people = values.filter((value) => value > 0).length;
  if (!isSafe({ people, total, largest: first, twoLargest: first + second }, K)) return undefined;
  const band = participationOf(people, { k: K, ...(roster === undefined ? {} : { roster }) });
  const known = { k: K, people: band.to ?? people, most: CLIP, ...(roster === undefined ? {} : { roster }) };
  if (withBounds && tellsOfEach(total, known)) return undefined;
  return `${total} ${JSON.stringify(band)}`;
}

/** Figures from which somebody who is in the team, and knows the rule, can tell a colleague's value, having looked at every team there can be. */
function told(size: number, withBounds: boolean, saysRoster = true): { told: string[]; worlds: number; views: number } {
  const possible = new Map<string, Set<number>>();
  let worlds = 0;
  for (let own = 0; own <= CLIP; own += 1) {
    for (const others of teams(size - 1)) {
      worlds += 1;
      const view = seen([own, ...others], { withBounds, ...(saysRoster ? { roster: size } : {}) });
      if (view === undefined) continue;
      const key = `own ${own}, figure ${view}`;
      const values = possible.get(key) ?? new Set();
      possible.set(key, values);
      // Any of the others can be the colleague.
      for (const value of others) values.add(value);
    }
  }
  const known = [...possible].filter(([, values]) => values.size === 1 && !values.has(0)).map(([key]) => key);
  return { told: known, worlds, views: possible.size };
}

describe('who knows the rule, the roster and their own value', () => {
  for (const roster of [5, 6, 7, 8]) {
    it(`cannot tell a colleague's value in any team of ${roster} there can be`, () => {
      const { told: known, worlds, views } = told(roster, true);
      assert.deepEqual(known, []);
      assert.ok(worlds > 2000 && views > 50, `${worlds} teams, ${views} figures`);
    });
  }

  for (const size of [5, 6, 7, 8]) {
    it(`cannot in any team of ${size} that names no roster, though everybody in it knows how many they are`, () => {
      const { told: known, views } = told(size, true, false);
      assert.deepEqual(known, []);
      assert.ok(views > 50, `${views} figures`);
    });
  }

  it('could where the sum alone decided: everybody gave the most, or the least', () => {
    assert.ok(told(6, false).told.includes('own 7, figure 42 {"from":5,"to":6}'));
    assert.ok(told(6, false).told.includes('own 0, figure 5 {"from":5,"to":6}'));
    const least = told(5, false).told;
    assert.ok(told(7, false, false).told.includes('own 7, figure 49 {"from":5}'));
    assert.ok(least.includes('own 1, figure 5 {"from":5,"to":5}'));
    assert.ok(least.includes('own 4, figure 8 {"from":5,"to":5}'));
  });
});
