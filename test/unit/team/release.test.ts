import assert from 'node:assert/strict';
import fc from 'fast-check';
import { COUNTERS } from '../../../src/core/telemetry/counters.ts';
import { CONTRIBUTION_SCHEMA, type Contribution } from '../../../src/core/team/contribution.ts';
import { registryOf } from '../../../src/core/team/registry.ts';
import { admit } from '../../../src/core/team/release/admit.ts';
import { contributionTables } from '../../../src/core/team/release/contributionTables.ts';
import { appended, chainProblems, emptyLedger, headOf } from '../../../src/core/team/release/ledger.ts';
import { participationOf } from '../../../src/core/team/release/participation.ts';
import { buildRelease, type Release, releaseId, releaseText } from '../../../src/core/team/release/release.ts';

const NAMES = ['review.runs', 'models.calls', 'assistants.days'];
const registry = registryOf(NAMES);
const WEEKS = ['2026-W45', '2026-W46', '2026-W47', '2026-W48'];
const NOW = Date.UTC(2026, 11, 14);
const tokenOf = (person: number, week: string): string =>
  `${'A'.repeat(12)}${String(person).padStart(4, '0')}${week.slice(-2)}${'A'.repeat(4)}`;

function contribution(person: number, week: string, counters: Contribution['counters'], more: Partial<Contribution> = {}): Contribution {
  return {
    schema: CONTRIBUTION_SCHEMA,
    week,
    team: 'payments',
    registry: registry.digest,
    token: tokenOf(person, week),
    revision: 1,
    counters,
    ...more,
  };
}
const runs = (value: number, outcome = 'completed'): Contribution['counters'] => [{ counter: 'review.runs', dims: { outcome }, value }];
const options = { team: 'payments', registry, window: 4, now: NOW, lastReleased: '' };
const built = (contributions: readonly Contribution[], roster?: number) =>
  buildRelease(contributionTables(contributions), {
    team: 'payments',
    k: 5,
    counters: registry.counters,
    window: { from: '2026-W45', to: '2026-W48' },
    previous: null,
    ...(roster === undefined ? {} : { roster }),
  });

describe('contributions that are collected', () => {
  it('count once a person and week, whatever the order and how often they come', async () => {
    const first = contribution(1, '2026-W46', runs(3));
    const second = contribution(1, '2026-W46', runs(5), { revision: 2 });
    for (const given of [
      [first, second, first],
      [second, first, first],
    ]) {
      const { windows, rejected } = admit(given, options);
      assert.deepEqual(await windows[0]?.read(), [second]);
      assert.equal(rejected.duplicate, 2);
    }
  });

  it('are rejected whole, by reason, and never fail', () => {
    const { windows, waiting, rejected } = admit(
      [
        contribution(1, '2026-W46', runs(3), { team: 'others' }),
        contribution(2, '2026-W46', runs(3, 'made-up')),
        contribution(3, '2026-W46', [{ counter: 'steps.waived', dims: { kind: 'manual' }, value: 1 }]),
        contribution(4, '2026-W46', runs(3), { registry: `sha256:${'0'.repeat(64)}` }),
        contribution(5, '2026-W44', runs(3)),
        contribution(7, '2026-W44', runs(3), { registry: `sha256:${'0'.repeat(64)}` }),
        contribution(6, '2026-W50', runs(3)),
      ],
      { ...options, lastReleased: '2026-W41' },
    );
    assert.deepEqual(windows, []);
    assert.equal(waiting, 1);
    assert.deepEqual(rejected, { duplicate: 0, unreadable: 0, invalid: 2, registry: 1, late: 2, foreign: 1 });
  });
});

describe('a release', () => {
  const team = (people: number): Contribution[] =>
    Array.from({ length: people }, (_, person) => contribution(person, '2026-W46', [...runs(4), ...runs(person % 3, 'failed')]));

  it('has the cells that are safe and the rest as one, and names itself by its content', async () => {
    const release = await built(team(9), 14);
    assert.deepEqual(release.cells, [
      { counter: 'review.runs', dims: { outcome: 'completed' }, value: 36 },
      { counter: 'review.runs', dims: { outcome: 'failed' }, value: 9 },
    ]);
    assert.deepEqual(release.participation, { from: 5, to: 9 });
    assert.deepEqual(release.withheld, ['models.calls', 'assistants.days']);
    const { id, ...body } = release;
    assert.equal(id, releaseId(body));
    assert.match(id, /^r-[0-9a-f]{16}$/);
  });

  it('never has two counters of which one follows from the other', async () => {
    const both = Array.from({ length: 8 }, (_, person) =>
      contribution(person, '2026-W46', [...runs(4), { counter: 'models.calls', dims: { family: 'claude' }, value: 4 }]),
    );
    const release = await built(both);
    assert.deepEqual(new Set(release.cells.map(({ counter }) => counter)), new Set(['review.runs']));
  });

  it('withholds what tells of each person, whether the team names a roster or not', async () => {
    const week = { from: '2026-W46', to: '2026-W46' };
    const of = (values: readonly number[], roster?: number): Promise<Release> =>
      buildRelease(contributionTables(values.map((value, person) => contribution(person, '2026-W46', runs(value)))), {
        team: 'payments',
        k: 5,
        counters: registry.counters,
        window: week,
        previous: null,
        ...(roster === undefined ? {} : { roster }),
      });
    const published = async (values: readonly number[], roster?: number): Promise<boolean> => (await of(values, roster)).cells.length > 0;
    const full = Array.from({ length: 7 }, () => 200);
    // Nearly the most: seven people of whom each can have 200.
    assert.equal(await published(full, 7), false);
    assert.equal(await published(full), false);
    assert.equal(await published([...full.slice(1), 100]), false);
    // Of a roster, what is public counts: eleven people could have given more.
    assert.equal(await published(full, 11), true);
    assert.equal(await published([...full.slice(3), 100, 50, 10]), true);
    // Nearly the least.
    assert.equal(await published([1, 1, 1, 1, 4], 5), false);
    assert.equal(await published([1, 1, 1, 1, 4]), false);
    assert.equal(await published([1, 1, 1, 1, 1, 4]), false);
    assert.equal(await published([1, 1, 1, 1, 4], 14), true);
    assert.equal(await published([2, 2, 2, 2, 2]), true);
    // Were it published because seven gave something, it would say that each gave one.
    assert.equal(await published([1, 1, 1, 1, 1, 1, 1]), false);
  });

  it('counts no value above its clip, and is the same for any order', async () => {
    const people = [...team(9), contribution(20, '2026-W47', runs(2 ** 31))];
    const release = await built(people);
    assert.equal(releaseText(await built(people.toReversed())), releaseText(release));
    const clip = COUNTERS.find(({ name }) => name === 'review.runs')?.clip ?? 0;
    assert.ok(release.cells.every(({ value }) => value <= 36 + 9 + clip));
  });

  it('is the same bytes with a person who refuses and one who was idle', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(13), fc.constantFrom(...WEEKS), fc.nat(20)), { maxLength: 60 }), async (given) => {
        const people = given.map(([person, week, value]) => contribution(person, week, runs(value + 1)));
        const { windows } = admit(people, options);
        const counted = (await windows[0]?.read()) ?? [];
        assert.equal(releaseText(await built(counted, 14)), releaseText(await built(counted.toReversed(), 14)));
      }),
      { numRuns: 200 },
    );
  });

  it('tells how many took part only as a band', () => {
    const band = (people: number): string => JSON.stringify(participationOf(people, { k: 5, roster: 14 }));
    assert.equal(band(14), '{"from":10,"to":14}');
    assert.equal(band(10), band(14));
    assert.equal(band(9), '{"from":5,"to":9}');
    assert.equal(band(0), '{"from":0,"to":4}');
    for (const k of [5, 6, 8]) {
      for (let roster = k; roster < 60; roster += 1) {
        const bands = Array.from({ length: roster - k + 1 }, (_, at) => participationOf(k + at, { k, roster }));
        bands.forEach(({ from, to = 0 }, at) => assert.ok(from <= k + at && k + at <= to && from >= k && to <= roster, `${k} ${roster}`));
        // Nobody can count who took part but where no more than so many could have.
        const narrow = bands.filter(({ from, to = 0 }) => 2 * (to - from + 1) <= k);
        assert.ok(narrow.length === 0 || new Set(bands.map(({ to }) => to)).size === 1, `${k} ${roster}`);
      }
    }
    assert.deepEqual(participationOf(12, { k: 5 }), { from: 5 });
    assert.deepEqual(participationOf(4, { k: 5 }), { from: 0 });
  });
});

describe('the ledger', () => {
  let first: Release;
  let second: Release;
  before(async () => {
    first = await built([]);
    second = await buildRelease(contributionTables([]), {
      team: 'payments',
      k: 5,
      counters: registry.counters,
      window: { from: '2026-W49', to: '2026-W52' },
      previous: null,
    });
  });

  it('is whole as it was written, and its head changes with every release', () => {
    const one = appended(emptyLedger('payments'), first);
    const two = appended(one, second);
    assert.deepEqual(chainProblems(two), []);
    assert.notEqual(headOf(one), headOf(two));
    assert.equal(headOf(emptyLedger('payments')), null);
  });

  it('shows what was changed, taken out, put in between or released twice', () => {
    const two = appended(appended(emptyLedger('payments'), first), second);
    const [entry, last] = two.entries;
    assert.ok(entry && last);
    assert.match(chainProblems({ ...two, entries: [{ ...entry, digest: 'sha256:0' }, last] }).join(' '), /Entry 1 .*was changed/);
    assert.match(chainProblems({ ...two, entries: [last] }).join(' '), /does not follow/);
    assert.match(chainProblems({ ...two, entries: [last, entry] }).join(' '), /does not follow/);
    assert.match(chainProblems(appended(two, first)).join(' '), /released before/);
  });
});
