import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CONTRIBUTION_SCHEMA, type Contribution } from '../../../src/core/team/contribution.ts';
import { registryOf } from '../../../src/core/team/registry.ts';
import { contributionTables } from '../../../src/core/team/release/contributionTables.ts';
import { participationOf } from '../../../src/core/team/release/participation.ts';
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

  /** What the attacks say of one figure: so many reviews of each person, in a window of one week. */
  const full = (reviews: readonly number[], roster?: number) => {
    const given = reviews.map((value, person) =>
      contribution(person, '2026-W46', [{ counter: 'review.runs', dims: { outcome: 'completed' }, value }]),
    );
    const value = reviews.reduce((sum, one) => sum + one, 0);
    const told: Release = {
      ...good,
      window: { from: '2026-W46', to: '2026-W46' },
      participation: participationOf(reviews.length, { k: K, ...(roster === undefined ? {} : { roster }) }),
      cells: [{ counter: 'review.runs', dims: { outcome: 'completed' }, value }],
    };
    const parts = { before: [], contributions: given, counters: registry.counters, k: K, ...(roster === undefined ? {} : { roster }) };
    return proofProblems(told, parts).then((problems) => problems.join(' '));
  };

  it('find a figure that tells of each person, whatever the rule says of it', async () => {
    const each = /tells of each person/;
    // 200 reviews of a person and week count at most: of seven people, 1,400.
    assert.match(await full([200, 200, 200, 200, 200, 200, 200], 7), each);
    assert.match(await full([200, 200, 190, 200, 100, 200, 200], 7), each);
    assert.match(await full([200, 200, 200, 200, 200, 200, 200]), each);
    assert.doesNotMatch(await full([200, 100, 190, 150, 100, 200, 100], 7), each);
    // Of eleven people who could have taken part, seven at the most tell nothing of one.
    assert.doesNotMatch(await full([200, 200, 200, 200, 200, 200, 200], 11), each);
    // The least: everybody in a team of five did something, and four did it once.
    assert.match(await full([1, 1, 1, 1, 4], 5), each);
    assert.match(await full([1, 1, 1, 1, 1], 6), each);
    assert.doesNotMatch(await full([2, 2, 2, 2, 2], 5), each);
    assert.doesNotMatch(await full([1, 1, 1, 1, 4], 14), each);
  });

  it('find that of what is published as the rest, over several weeks', async () => {
    // All but one cell are the rest, and everybody gave the most of each in every week.
    const days = registry.counters.find(({ name }) => name === 'assistants.days');
    const sources = days?.dims['source'] ?? [];
    const given = WEEKS.flatMap((week) =>
      Array.from({ length: 5 }, (_, person) =>
        contribution(
          person,
          week,
          sources.map((source) => ({ counter: 'assistants.days', dims: { source }, value: 7 })),
        ),
      ),
    );
    const [named = '', ...rest] = sources;
    const cells = [
      { counter: 'assistants.days', dims: { source: named }, value: 4 * 5 * 7 },
      { counter: 'assistants.days', dims: REMAINDER, value: 4 * 5 * 7 * rest.length },
    ];
    const found = await proofProblems(
      { ...good, participation: { from: 1, to: 5 }, cells },
      { before: [], contributions: given, counters: registry.counters, k: K, roster: 5 },
    );
    assert.match(found.join(' '), /tells of each person/);
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
    assert.match(told.join(' '), /says again what a release before said/);
  });

  it('find what was said up to five weeks earlier, after releases that say nothing of it', async () => {
    const accepted = { counter: 'generate.outcomes', dims: { outcome: 'accepted' }, value: 48 };
    const survived = { ...good, cells: [{ counter: 'generate.survival', dims: { survival: 'all' }, value: 0 }] };
    const { counters } = registryOf(['generate.survival']);
    const told = async (to: string): Promise<string> => {
      const before = [
        { ...good, window: { from: to, to }, cells: [accepted] },
        { ...good, window: { from: '2026-W44', to: '2026-W44' }, cells: [] },
      ];
      return (await proofProblems(survived, { before, contributions: people, counters, k: K, roster: ROSTER })).join(' ');
    };
    // What was accepted in W41 can be measured in W45 still, four weeks later.
    assert.match(await told('2026-W43'), /says again what/);
    assert.match(await told('2026-W40'), /says again what/);
    assert.doesNotMatch(await told('2026-W39'), /says again what/);
  });

  it('find the few whom two counters of the same events differ by', async () => {
    const { counters } = registryOf(['review.runs', 'steps.dwell', 'steps.failed']);
    const runs = (value: number) => ({ counter: 'review.runs', dims: { outcome: 'completed' }, value });
    const step = (kind: string, dwell: string, value: number) => ({ counter: 'steps.dwell', dims: { kind, dwell }, value });
    const failed = { counter: 'steps.failed', dims: { kind: 'review' }, value: 2 };
    const told = async (given: readonly Contribution['counters'][], cells: Release['cells']): Promise<string> => {
      const contributions = given.map((cellsOf, person) => contribution(person, '2026-W46', cellsOf));
      return (await proofProblems({ ...good, cells }, { before: [], contributions, counters, k: K, roster: ROSTER })).join(' ');
    };
    const usual = [step('review', 'under-10m', 3), step('review', '1h-4h', 2)];
    const named = [step('review', 'under-10m', 36), step('review', '1h-4h', 24)];
    const of = (every: (person: number) => Contribution['counters']): Contribution['counters'][] =>
      Array.from({ length: 12 }, (_, person) => every(person));
    const few = /review\.runs and steps\.dwell count partly the same/;
    // One person's three reviews without a step, and none, and everybody's.
    assert.match(
      await told(
        of((person) => [runs(person === 7 ? 8 : 5), ...usual]),
        [runs(63), ...named],
      ),
      few,
    );
    assert.doesNotMatch(
      await told(
        of(() => [runs(5), ...usual]),
        [runs(60), ...named],
      ),
      few,
    );
    assert.doesNotMatch(
      await told(
        of(() => [runs(6), ...usual]),
        [runs(72), ...named],
      ),
      few,
    );
    // Where a dwell is in the rest, with the steps of others, nothing follows.
    const others = [...usual, step('manual', '1h-4h', 4)];
    const rest = [named[0] ?? failed, { counter: 'steps.dwell', dims: REMAINDER, value: 72 }];
    assert.doesNotMatch(
      await told(
        of((person) => [runs(person === 7 ? 8 : 5), ...others]),
        [runs(63), ...rest],
      ),
      few,
    );
    // Steps that were tried and not done are runs as well.
    const tried = of((person) => [runs(person === 7 ? 10 : 7), ...usual, failed]);
    assert.match(await told(tried, [runs(87), ...named, { ...failed, value: 24 }]), /review\.runs and steps\.dwell and steps\.failed/);
  });

  it('find a figure that is there twice, a window that overlaps one before, and a band that is none', async () => {
    assert.match(await planted([...good.cells, ...good.cells]), /there twice/);
    assert.match((await problemsOf(good, people, [{ ...good, window: { from: '2026-W48', to: '2026-W51' } }])).join(' '), /overlaps/);
    assert.match((await problemsOf({ ...good, participation: { from: 8, to: 8 } }, people)).join(' '), /no band/);
  });
});
