import assert from 'node:assert/strict';
import { normalDraw, poissonDraw, seededRandom } from '../../../src/core/seededRandom.ts';
import { modelHabits, modelPerson, modelTeam, modelWeek } from '../../../src/core/team/usageModel.ts';
import { CONTRIBUTION_SCHEMA, type Contribution } from '../../../src/core/team/contribution.ts';
import { MadeUpTables } from '../../../src/core/team/madeUpTables.ts';
import { contributionTables } from '../../../src/core/team/release/contributionTables.ts';
import { buildRelease } from '../../../src/core/team/release/release.ts';
import { COUNTERS } from '../../../src/core/telemetry/counters.ts';

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
const many = (draw: () => number): number[] => Array.from({ length: 20_000 }, draw);

describe('numbers that follow from a seed', () => {
  it('are the same for the same seed, and fill the range', () => {
    const [one, same, other] = ['seed', 'seed', 'seeds'].map((seed) => seededRandom(seed)).map((random) => many(random));
    assert.deepEqual(one, same);
    assert.notDeepEqual(one, other);
    assert.ok(Math.abs(mean(one ?? []) - 0.5) < 0.01);
    assert.ok((one ?? []).every((value) => value >= 0 && value < 1));
  });

  it('give normal and Poisson draws', () => {
    const random = seededRandom('draws');
    const normal = many(() => normalDraw(random));
    assert.ok(Math.abs(mean(normal)) < 0.03);
    assert.ok(Math.abs(mean(normal.map((value) => value ** 2)) - 1) < 0.05);
    for (const expected of [0, 0.3, 8, 120]) {
      const counts = many(() => poissonDraw(expected, random));
      assert.ok(counts.every((count) => Number.isInteger(count) && count >= 0));
      assert.ok(Math.abs(mean(counts) - expected) <= 0.02 * expected + 0.01, `${expected}: ${mean(counts)}`);
      assert.ok(Math.abs(mean(counts.map((count) => (count - expected) ** 2)) - expected) <= 0.06 * expected + 0.01);
    }
  });
});

describe('the model of usage', () => {
  const random = seededRandom('model');
  const team = modelTeam(random);

  it('counts only what the catalogue lists, clipped, and knows every counter', () => {
    const seen = new Set<string>();
    for (let index = 0; index < 50; index += 1) {
      const person = modelPerson(random, team);
      for (const { counter, dims, value } of modelWeek(modelHabits(person, team, COUNTERS), random, 40)) {
        const known = COUNTERS.find(({ name }) => name === counter);
        assert.ok(known);
        assert.ok(value > 0 && value <= known.clip);
        assert.deepEqual(Object.keys(dims), Object.keys(known.dims));
        for (const [dim, given] of Object.entries(dims)) assert.ok(known.dims[dim]?.includes(given), `${counter} ${given}`);
        seen.add(counter);
      }
    }
    assert.equal(seen.size, COUNTERS.length);
  });

  it('lets the busiest fifth do about 45 % of everything, and more with more spread', () => {
    const busiest = (spread?: number): number => {
      const paces = many(() => modelPerson(random, team, spread).pace).toSorted((a, b) => b - a);
      assert.ok(Math.abs(mean(paces) - 1) < 0.05);
      return mean(paces.slice(0, paces.length / 5)) / 5 / mean(paces);
    };
    assert.ok(Math.abs(busiest() - 0.45) < 0.05, `${busiest()}`);
    assert.ok(Math.abs(busiest(0) - 0.2) < 0.001);
    assert.ok(busiest(1.2) > 0.6);
  });

  it('gives the tables, and so the release, that contributions of the same people give', async () => {
    const made = new MadeUpTables();
    const contributions: Contribution[] = [];
    for (let person = 0; person < 9; person += 1) {
      const who = modelPerson(random, team);
      for (const week of ['2026-W01', '2026-W02']) {
        const cells = person === 8 ? [] : modelWeek(modelHabits(who, team, COUNTERS), random);
        const token = String(person);
        made.add({ week, token, cells });
        const said = { schema: CONTRIBUTION_SCHEMA, week, team: 't', registry: '', token, revision: 1 } as const;
        if (cells.length > 0) contributions.push({ ...said, counters: cells });
      }
    }
    const options = { team: 't', k: 5, roster: 9, counters: COUNTERS, window: { from: '2026-W01', to: '2026-W02' }, previous: null };
    assert.deepEqual(await buildRelease(made.tables(), options), await buildRelease(contributionTables(contributions), options));
  });
});
