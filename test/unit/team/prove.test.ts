import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CONTRIBUTION_SCHEMA, type Contribution } from '../../../src/core/team/contribution.ts';
import { registryOf } from '../../../src/core/team/registry.ts';
import { contributionTables } from '../../../src/core/team/release/contributionTables.ts';
import { proofProblems } from '../../../src/core/team/release/prove.ts';
import { buildRelease, type Release, REMAINDER } from '../../../src/core/team/release/release.ts';

const registry = registryOf(['review.runs', 'models.calls', 'steps.waived', 'assistants.days']);
const WEEKS = ['2026-W45', '2026-W46', '2026-W47', '2026-W48'];
const WINDOW = { from: '2026-W45', to: '2026-W48' };
const K = 5;
const ROSTER = 14;

const contribution = (person: number, week: string, counters: Contribution['counters']): Contribution => ({
  schema: CONTRIBUTION_SCHEMA,
  week,
  team: 'payments',
  registry: registry.digest,
  token: `${'A'.repeat(14)}${String(person).padStart(4, '0')}${week.slice(-2)}AA`,
  revision: 1,
  counters,
});
const release = (contributions: readonly Contribution[]): Promise<Release> =>
  buildRelease(contributionTables(contributions), {
    team: 'payments',
    k: K,
    roster: ROSTER,
    counters: registry.counters,
    window: WINDOW,
    previous: null,
  });
const problemsOf = (given: Release, contributions: readonly Contribution[], before: readonly Release[] = []): Promise<string[]> =>
  proofProblems(given, { before, contributions, counters: registry.counters, k: K, roster: ROSTER });

/** A team in which people come and go, some do much more than others, and some values are rare. */
const teamArb = fc.integer({ min: 3, max: ROSTER }).chain((size) =>
  fc.array(
    fc.record({
      person: fc.nat(size - 1),
      week: fc.constantFrom(...WEEKS),
      completed: fc.oneof(fc.nat(5), fc.nat(400)),
      failed: fc.nat(3),
      other: fc.nat(2),
      family: fc.constantFrom('claude', 'gpt', 'gemini', 'other'),
      calls: fc.nat(30),
      days: fc.nat(7),
    }),
    { maxLength: 50 },
  ),
);

function contributionsOf(
  given: readonly {
    person: number;
    week: string;
    completed: number;
    failed: number;
    other: number;
    family: string;
    calls: number;
    days: number;
  }[],
): Contribution[] {
  const once = new Map(given.map((one) => [`${one.person} ${one.week}`, one]));
  return [...once.values()].map(({ person, week, completed, failed, other, family, calls, days }) =>
    contribution(
      person,
      week,
      [
        { counter: 'review.runs', dims: { outcome: 'completed' }, value: completed },
        { counter: 'review.runs', dims: { outcome: 'failed' }, value: failed },
        { counter: 'review.runs', dims: { outcome: 'other' }, value: other },
        { counter: 'models.calls', dims: { family }, value: calls },
        { counter: 'assistants.days', dims: { source: 'codex' }, value: days },
      ].filter(({ value }) => value > 0),
    ),
  );
}

describe('the attacks on a release', () => {
  it('find nothing in what is made by the rule, of thousands of teams', async () => {
    await fc.assert(
      fc.asyncProperty(teamArb, async (given) => {
        const contributions = contributionsOf(given);
        assert.deepEqual(await problemsOf(await release(contributions), contributions), []);
      }),
      { numRuns: 2000 },
    );
  });

  const people = Array.from({ length: 8 }, (_, person) =>
    contribution(person, '2026-W46', [{ counter: 'review.runs', dims: { outcome: 'completed' }, value: 3 }]),
  );
  let good: Release;
  before(async () => {
    good = await release(people);
  });
  const planted = async (cells: Release['cells'], contributions: readonly Contribution[] = people): Promise<string> =>
    (await problemsOf({ ...good, cells }, contributions)).join(' ');

  it('find a figure of too few people', async () => {
    const rare = [...people, contribution(8, '2026-W46', [{ counter: 'steps.waived', dims: { kind: 'manual' }, value: 1 }])];
    const cells = [...good.cells, { counter: 'steps.waived', dims: { kind: 'manual' }, value: 1 }];
    assert.match(await planted(cells, rare), /fewer than 5 people/);
  });

  it('find somebody who is most of a figure, and two who are', async () => {
    const big = (values: readonly number[]): Promise<string> => {
      const given = values.map((value, person) =>
        contribution(person, '2026-W46', [{ counter: 'review.runs', dims: { outcome: 'completed' }, value }]),
      );
      const value = values.reduce((sum, one) => sum + one, 0);
      return planted([{ counter: 'review.runs', dims: { outcome: 'completed' }, value }], given);
    };
    assert.match(await big([100, 1, 1, 1, 1, 1]), /more than half/);
    assert.match(await big([100, 100, 1, 1, 1, 1]), /Two people/);
  });

  it('find a sum that is not one, a value outside the catalogue, and linked counters', async () => {
    assert.match(await planted([{ counter: 'review.runs', dims: { outcome: 'completed' }, value: 23 }]), /not the sum/);
    assert.match(await planted([{ counter: 'review.runs', dims: { outcome: 'secret' }, value: 0 }]), /fewer than|catalogue does not/);
    assert.match(await planted([...good.cells, { counter: 'models.calls', dims: REMAINDER, value: 0 }]), /both published|fewer than/);
  });

  it('find what the release before said a week earlier', async () => {
    const outcomes = { ...good, window: { from: '2026-W41', to: '2026-W44' } };
    const before = [{ ...outcomes, cells: [{ counter: 'generate.outcomes', dims: { outcome: 'accepted' }, value: 24 }] }];
    const survival = registryOf(['generate.survival']);
    const cells = [{ counter: 'generate.survival', dims: { survival: 'all' }, value: 0 }];
    const told = await proofProblems(
      { ...good, cells },
      { before, contributions: people, counters: survival.counters, k: K, roster: ROSTER },
    );
    assert.match(told.join(' '), /says again what the release before said/);
  });

  it('find a figure that is there twice, a window that overlaps one before, and a band that is none', async () => {
    assert.match(await planted([...good.cells, ...good.cells]), /there twice/);
    assert.match((await problemsOf(good, people, [{ ...good, window: { from: '2026-W48', to: '2026-W51' } }])).join(' '), /overlaps/);
    assert.match((await problemsOf({ ...good, participation: { from: 8, to: 8 } }, people)).join(' '), /no band/);
  });
});
