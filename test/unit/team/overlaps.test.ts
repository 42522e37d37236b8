import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CONTRIBUTION_SCHEMA, type Contribution } from '../../../src/core/team/contribution.ts';
import { registryOf } from '../../../src/core/team/registry.ts';
import { Admission } from '../../../src/core/team/release/admission.ts';
import { contributionTables } from '../../../src/core/team/release/contributionTables.ts';
import { decisionOrder } from '../../../src/core/team/release/overlaps.ts';
import { proofProblems } from '../../../src/core/team/release/prove.ts';
import { buildRelease, type Release, releaseText } from '../../../src/core/team/release/release.ts';
import type { WindowTables } from '../../../src/core/team/release/tables.ts';
import { COUNTERS } from '../../../src/core/telemetry/counters.ts';

type Cells = Contribution['counters'];

const WEEKS = ['2026-W45', '2026-W46', '2026-W47', '2026-W48'];
const K = 5;
const runs = (value: number, outcome = 'completed'): Cells[number] => ({ counter: 'review.runs', dims: { outcome }, value });
const dwell = (value: number, of = 'under-10m', kind = 'review'): Cells[number] => ({
  counter: 'steps.dwell',
  dims: { kind, dwell: of },
  value,
});
const completed = (value: number, kind = 'review'): Cells[number] => ({ counter: 'steps.completed', dims: { kind }, value });
const failed = (value: number, kind = 'review'): Cells[number] => ({ counter: 'steps.failed', dims: { kind }, value });
const outcomes = (value: number, outcome = 'accepted'): Cells[number] => ({ counter: 'generate.outcomes', dims: { outcome }, value });
const findings = (value: number, severity = 'critical'): Cells[number] => ({ counter: 'review.findings', dims: { severity }, value });
const decisions = (value: number, severity = 'critical'): Cells[number] => ({
  counter: 'review.decisions',
  dims: { decision: 'applied', severity },
  value,
});

function contributionOf(
  person: number,
  week: string,
  counters: Cells,
  registry = registryOf(COUNTERS.map(({ name }) => name)),
): Contribution {
  return {
    schema: CONTRIBUTION_SCHEMA,
    week,
    team: 'payments',
    registry: registry.digest,
    token: `${'A'.repeat(14)}${String(person).padStart(4, '0')}${week.slice(-2)}AA`,
    revision: 1,
    counters: counters.filter(({ value }) => value > 0),
  };
}

/** The release of twelve people in one week. */
async function released(
  of: (person: number) => Cells,
  names: readonly string[],
  { steps, people = 12, roster = 14 }: { steps?: readonly string[]; people?: number; roster?: number } = {},
): Promise<Release> {
  const registry = registryOf(names, steps);
  const given = Array.from({ length: people }, (_, person) => contributionOf(person, '2026-W46', of(person), registry));
  const window = { from: '2026-W46', to: '2026-W46' };
  const options = { team: 'payments', k: K, roster, counters: registry.counters };
  const release = await buildRelease(contributionTables(given), { ...options, window, previous: null });
  assert.deepEqual(await proofProblems(release, { ...options, before: [], contributions: given }), []);
  return release;
}

describe('counters that count partly the same', () => {
  /** Only one person does `more` of it in the other way. */
  const oneMore = (usual: number, more: number) => (person: number) => usual + (person === 7 ? more : 0);

  it('are not both published where few did one without the other; which one is, is fixed', async () => {
    const review = oneMore(5, 3);
    const withheld = async (
      of: (person: number) => Cells,
      names: readonly string[],
      steps?: readonly string[],
    ): Promise<readonly string[]> => (await released(of, names, steps === undefined ? {} : { steps })).withheld;
    assert.deepEqual(await withheld((who) => [runs(review(who)), completed(5)], ['review.runs', 'steps.completed']), ['review.runs']);
    assert.deepEqual(await withheld((who) => [runs(review(who)), dwell(3), dwell(2, '10m-1h')], ['review.runs', 'steps.dwell']), [
      'review.runs',
    ]);
    assert.deepEqual(await withheld((who) => [outcomes(review(who)), completed(5, 'generate')], ['generate.outcomes', 'steps.completed']), [
      'generate.outcomes',
    ]);
    assert.deepEqual(await withheld((who) => [findings(review(who)), decisions(5)], ['review.findings', 'review.decisions']), [
      'review.decisions',
    ]);
    const calls = (who: number): Cells[number] => ({ counter: 'models.calls', dims: { family: 'claude' }, value: review(who) });
    assert.deepEqual(await withheld((who) => [calls(who), completed(5)], ['steps.completed', 'models.calls']), ['models.calls']);
    const waits: Cells[number] = { counter: 'steps.waits', dims: { step: 'ai-review', dwell: 'unknown' }, value: 5 };
    assert.deepEqual(await withheld((who) => [runs(review(who)), waits], ['review.runs', 'steps.waits'], ['intent', 'ai-review']), [
      'review.runs',
    ]);
  });

  it('are not where the difference is of few once the steps that failed are taken away as well', async () => {
    const of = (person: number): Cells => [runs(person === 7 ? 10 : 7), completed(5), failed(2)];
    assert.deepEqual((await released(of, ['review.runs', 'steps.completed', 'steps.failed'])).withheld, ['review.runs']);
    assert.deepEqual((await released(of, ['review.runs', 'steps.completed'])).withheld, []);
  });

  it('are where nobody did, or many', async () => {
    const names = ['review.runs', 'steps.completed'];
    assert.deepEqual((await released(() => [runs(5), completed(5)], names)).withheld, []);
    assert.deepEqual((await released((person) => [runs(5 + (person % 2)), completed(5)], names)).withheld, []);
  });

  it('are not in a team so small that each must have done one', async () => {
    const of = (): Cells => [runs(6), completed(5)];
    const names = ['review.runs', 'steps.completed'];
    for (const roster of [5, 6]) assert.deepEqual((await released(of, names, { people: 5, roster })).withheld, ['review.runs']);
    assert.deepEqual((await released(of, names, { people: 5, roster: 14 })).withheld, []);
    assert.deepEqual((await released(() => [runs(7), completed(5)], names, { people: 5, roster: 5 })).withheld, []);
  });

  it('are where the few cannot be told from others, in the rest that a reader has as a whole', async () => {
    // Four people's approvals are in the rest, and with them the steps of reviews: then it differs by five.
    const approving = (people: number) => (person: number) => [
      runs(oneMore(5, 3)(person)),
      completed(5),
      completed(person < people ? 4 : 0, 'approval'),
    ];
    const figures = async (people: number): Promise<string[]> =>
      (await released(approving(people), ['review.runs', 'steps.completed'])).cells.map(
        ({ counter, dims }) => `${counter} ${JSON.stringify(dims)}`,
      );
    assert.deepEqual(await figures(4), ['review.runs {"outcome":"completed"}', 'steps.completed {"*":"other"}']);
    assert.deepEqual(await figures(3), ['steps.completed {"*":"other"}']);
  });

  it('are decided about in an order that puts last what can give way, and changes nothing else', () => {
    const order = decisionOrder(COUNTERS).map(({ name }) => name);
    assert.equal(order.length, COUNTERS.length);
    const at = (name: string): number => order.indexOf(name);
    for (const { name, overlaps = [], excludes, repeats = [] } of COUNTERS) {
      for (const { others } of overlaps) for (const { counter } of others) assert.ok(at(counter) < at(name), `${counter} before ${name}`);
      // Of two that exclude each other the first of the catalogue is published still.
      for (const other of [...excludes, ...repeats]) {
        const inCatalogue = COUNTERS.findIndex((one) => one.name === other) - COUNTERS.findIndex((one) => one.name === name);
        assert.equal(Math.sign(at(other) - at(name)), Math.sign(inCatalogue), `${name} and ${other}`);
      }
    }
    const known = new Set(COUNTERS.map(({ name }) => name));
    for (const { dims, overlaps = [] } of COUNTERS) {
      for (const { own, others } of overlaps) {
        const sides = [{ dims, cells: own }, ...others.map(({ counter, cells }) => ({ dims: dimsOf(counter), cells }))];
        for (const side of sides) {
          for (const [dim, values] of Object.entries(side.cells)) for (const value of values) assert.ok(side.dims[dim]?.includes(value));
        }
        assert.ok(others.every(({ counter }) => known.has(counter)));
      }
    }
  });

  const dimsOf = (counter: string): Readonly<Record<string, readonly string[]>> =>
    COUNTERS.find(({ name }) => name === counter)?.dims ?? {};
});

/** A team that works by its workflow, and some of it beside: mostly few people, or nobody. */
const personArb = fc.record({
  person: fc.nat(13),
  week: fc.constantFrom(...WEEKS),
  steps: fc.array(
    fc.tuple(
      fc.constantFrom('review', 'generate', 'manual'),
      fc.constantFrom('under-10m', '1h-4h', 'unknown'),
      fc.integer({ min: 1, max: 9 }),
    ),
    {
      minLength: 1,
      maxLength: 5,
    },
  ),
  tried: fc.oneof(fc.constant(0), fc.nat(2)),
  beside: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 30 }) }),
  cancelled: fc.oneof(fc.constant(0), fc.nat(3)),
  found: fc.array(fc.tuple(fc.constantFrom('critical', 'high', 'low'), fc.integer({ min: 1, max: 6 })), { maxLength: 3 }),
  undecided: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 5 }) }),
  counts: fc.constantFrom('dwell', 'completed'),
});

const teamArb = fc.array(personArb, { minLength: 15, maxLength: 56 }).map((given) => {
  const names = [
    'review.runs',
    'review.findings',
    'review.decisions',
    'generate.outcomes',
    given[0]?.counts === 'dwell' ? 'steps.dwell' : 'steps.completed',
    'steps.failed',
    'models.calls',
  ];
  const registry = registryOf(names);
  const once = new Map(given.map((one) => [`${one.person} ${one.week}`, one]));
  const contributions = [...once.values()].map(({ person, week, steps, tried, beside, cancelled, found, undecided }) => {
    const of = (kind: string): number => steps.reduce((sum, [one, , value]) => (one === kind ? sum + value : sum), 0);
    const severities = found.flatMap(([severity, value]) => [findings(value + undecided, severity), decisions(value, severity)]);
    const cells = [
      runs(of('review') + tried + beside),
      runs(cancelled, 'cancelled'),
      outcomes(of('generate') + Math.floor(beside / 2)),
      ...steps.map(([kind, range, value]) => (names.includes('steps.dwell') ? dwell(value, range, kind) : completed(value, kind))),
      failed(tried),
      { counter: 'models.calls', dims: { family: 'claude' }, value: of('review') + tried + beside + cancelled },
      ...severities,
    ];
    const sums = new Map<string, Cells[number]>();
    for (const cell of cells) {
      const key = `${cell.counter} ${Object.values(cell.dims).join()}`;
      sums.set(key, { ...cell, value: cell.value + (sums.get(key)?.value ?? 0) });
    }
    return contributionOf(person, week, [...sums.values()], registry);
  });
  return { registry, contributions };
});

describe('published counters of teams that work by their workflow', () => {
  const window = { from: '2026-W45', to: '2026-W48' };
  const columns = ({
    registry,
    contributions,
  }: {
    registry: ReturnType<typeof registryOf>;
    contributions: readonly Contribution[];
  }): WindowTables => {
    const admission = new Admission({ team: 'payments', registry, window: 4, now: Date.UTC(2026, 11, 14), lastReleased: '' });
    for (const one of contributions) admission.add(one);
    return admission.admitted().windows[0]?.tables ?? contributionTables([]);
  };

  it('never differ by few people, are attacked in vain, and are the same from columns', async () => {
    let [both, withheld] = [0, 0];
    await fc.assert(
      fc.asyncProperty(teamArb, async (team) => {
        const { registry, contributions } = team;
        const options = { team: 'payments', k: K, roster: 14, counters: registry.counters };
        const release = await buildRelease(contributionTables(contributions), { ...options, window, previous: null });
        assert.deepEqual(await proofProblems(release, { ...options, before: [], contributions }), []);
        assert.equal(releaseText(await buildRelease(columns(team), { ...options, window, previous: null })), releaseText(release));
        // By hand: what the whole tables of runs and of steps, and of findings and decisions, differ by.
        const published = new Set(release.cells.map(({ counter }) => counter));
        if (published.has('review.findings') && published.has('review.decisions')) {
          both += 1;
          assert.ok(isOfNobodyOrMany(contributions, 'review.findings', 'review.decisions'));
        } else if (published.has('review.findings')) {
          withheld += 1;
        }
      }),
      { numRuns: 400 },
    );
    assert.ok(both > 10 && withheld > 10, `${both} with both, ${withheld} with one`);
  });

  function isOfNobodyOrMany(contributions: readonly Contribution[], one: string, other: string): boolean {
    const differences = contributions.map(({ week, counters }) => ({
      week,
      value: Math.abs(counters.reduce((sum, { counter, value }) => sum + (counter === one ? value : counter === other ? -value : 0), 0)),
    }));
    const weeks = Map.groupBy(
      differences.filter(({ value }) => value > 0),
      ({ week }) => week,
    );
    return weeks.size === 0 || Math.max(...[...weeks.values()].map(({ length }) => length)) >= K;
  }

  it('differ by the same in every way of holding what was given', async () => {
    await fc.assert(
      fc.asyncProperty(teamArb, fc.array(fc.tuple(fc.nat(30), fc.boolean()), { minLength: 1, maxLength: 8 }), async (team, picks) => {
        const plain = contributionTables(team.contributions);
        const all = (
          await Promise.all(
            team.registry.counters.map(async (counter) => (await plain.cells(counter)).map(({ key }) => ({ counter, key }))),
          )
        ).flat();
        const side = (is: boolean) => picks.flatMap(([at, first]) => (first === is ? [all[at % all.length] ?? []].flat() : []));
        const pairs = [{ one: side(true), other: side(false) }];
        const [figures] = await plain.differences(pairs);
        assert.deepEqual(await columns(team).differences(pairs), [figures]);
        // Once more, since what the first took must be given back.
        assert.deepEqual(await columns(team).differences([...pairs, ...pairs]), [figures, figures]);
      }),
      { numRuns: 200 },
    );
  });
});
