import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ReleasedCell } from '../../../src/core/team/release/release.ts';
import { disclosures, type Disclosure, type Given, type Knowledge, type Published } from '../../support/disclosure/checker.ts';
import { ALIKE, contributionOf, historyArb, historyOf, ledgerOf, LINKS, registry, weekAfter } from '../../support/disclosure/history.ts';

/** `HANDRAIL_LEDGERS=20000` looks at so many ledgers instead of what fits into every run. */
const LEDGERS = Number(process.env['HANDRAIL_LEDGERS'] ?? 500);

const knowledge = (k: number, more: Partial<Knowledge> = {}): Knowledge => ({
  k,
  counters: registry.counters,
  links: LINKS,
  alike: ALIKE,
  ...more,
});

describe('what releases tell, by linear algebra and bounds', function () {
  this.timeout(3_600_000);

  it('is nothing of anybody, in ledgers of teams of every kind', async () => {
    let figures = 0;
    await fc.assert(
      fc.asyncProperty(historyArb, fc.integer({ min: 5, max: 6 }), fc.boolean(), async (options, k, withRoster) => {
        const roster = withRoster ? { roster: Math.max(options.people, k) } : {};
        const { published } = await ledgerOf(historyOf(options), { k, window: options.window, ...roster });
        figures += published.reduce((sum, { release }) => sum + release.cells.length, 0);
        assert.deepEqual(disclosures(published, knowledge(k, roster)), []);
      }),
      { numRuns: LEDGERS },
    );
    // Nothing can be told by nothing.
    assert.ok(figures > LEDGERS, `${figures} figures`);
    if (process.env['HANDRAIL_LEDGERS'] !== undefined) console.log(`${figures} figures`);
  });
});

describe('what a broken rule tells', () => {
  const WEEK = '2026-W05';
  const cellOf = (value: number, outcome = 'completed', counter = 'review.runs'): ReleasedCell => ({ counter, dims: { outcome }, value });
  const person = (who: number, counters: readonly ReleasedCell[], week = WEEK, revision = 1): Given => ({
    contribution: contributionOf(who, week, counters, revision),
    person: who,
  });
  const all = (values: readonly number[], outcome?: string): Given[] => values.map((value, who) => person(who, [cellOf(value, outcome)]));
  const release = (given: readonly Given[], cells: readonly ReleasedCell[], weeks = 1): Published => ({
    given,
    weeks,
    release: { cells, window: { from: WEEK, to: weekAfter(WEEK, weeks - 1) }, participation: { from: 5 } },
  });
  const kinds = (found: readonly Disclosure[]): string[] => [...new Set(found.map(({ kind }) => kind))].toSorted();
  const found = (published: readonly Published[], more: Partial<Knowledge> = {}): string[] =>
    kinds(disclosures(published, knowledge(5, more)));

  it('is of k - 1 people, of one or two mostly, and no sum', () => {
    assert.deepEqual(found([release(all([3, 3, 3, 3, 3]), [cellOf(15)])]), []);
    assert.deepEqual(found([release(all([3, 3, 3, 3]), [cellOf(12)])]), ['few']);
    assert.deepEqual(found([release(all([30, 3, 3, 3, 3, 3]), [cellOf(45)])]), ['half']);
    assert.deepEqual(found([release(all([80, 80, 1, 1, 1, 1]), [cellOf(164)])]), ['two']);
    assert.deepEqual(found([release(all([3, 3, 3, 3, 3]), [cellOf(16)])]), ['wrong']);
  });

  it('is of k - 1 people every week though the window has more', () => {
    const weeks = [0, 1].flatMap((later) => [0, 1, 2, 3].map((who) => person(4 * later + who, [cellOf(3)], weekAfter(WEEK, later))));
    assert.deepEqual(found([release(weeks, [cellOf(24)], 2)]), ['few']);
  });

  it('is a total beside its cells, however it is spelt', () => {
    const given = [...all([3, 3, 3, 3, 3, 3]), person(9, [cellOf(2, 'failed')])];
    const beside = { ...release(given, [cellOf(18)]) };
    const total = release(given, [{ counter: 'review.runs', dims: { '*': 'other' }, value: 20 }]);
    assert.deepEqual(found([beside]), []);
    assert.ok(found([beside, total]).includes('few'));
  });

  it('is the difference of overlapping groups, over three figures too', () => {
    // a+b, b+c, and a+b+c with d: d alone follows from none of them, but from all.
    const given = ['completed', 'cancelled', 'failed'].flatMap((outcome, at) =>
      [0, 1, 2, 3, 4].map((who) => person(10 * at + who, [cellOf(4, outcome)])),
    );
    const lonely = person(99, [cellOf(7, 'other')]);
    const rest = (named: readonly string[], of: readonly Given[]): Published => {
      const cells = named.map((outcome) => cellOf(20, outcome));
      const left = of
        .filter(({ contribution }) => !named.includes(contribution.counters[0]?.dims['outcome'] ?? ''))
        .reduce((sum, { contribution }) => sum + (contribution.counters[0]?.value ?? 0), 0);
      return release(of, [...cells, { counter: 'review.runs', dims: { '*': 'other' }, value: left }]);
    };
    assert.deepEqual(found([rest(['completed'], [...given, lonely])]), []);
    assert.ok(found([rest(['completed'], [...given, lonely]), rest(['cancelled', 'failed'], [...given, lonely])]).includes('few'));
  });

  it('is who joined when a window is released twice, and who changed their mind', () => {
    const given = all([3, 3, 3, 3, 3, 3]);
    const twice = [release(given, [cellOf(18)]), release([...given, person(9, [cellOf(5)])], [cellOf(23)])];
    assert.ok(found(twice).includes('few'));
    const changed = given.with(0, person(0, [cellOf(8)], WEEK, 2));
    assert.ok(found([release(given, [cellOf(18)]), release(changed, [cellOf(23)])]).includes('few'));
  });

  it('is a week inside of a window, and a window that rolls on', () => {
    const first = all([3, 3, 3, 3, 3, 3]);
    const second = [0, 1].map((who) => person(who, [cellOf(2)], weekAfter(WEEK, 1)));
    const both = [...first, ...second];
    assert.deepEqual(found([release(both, [cellOf(22)], 2)]), []);
    assert.ok(found([release(both, [cellOf(22)], 2), release(first, [cellOf(18)])]).includes('few'));
  });

  it('is what two ledgers differ in', async () => {
    const history = historyOf({ seed: 4, people: 12, window: 2, windows: 2, skew: 0, idle: 0, refusing: 0, late: 0 });
    const without = { ...history, given: history.given.filter(({ person: who }) => who !== 3) };
    const [one, two] = await Promise.all([history, without].map(async (of) => (await ledgerOf(of, { k: 5, window: 2 })).published));
    assert.ok(one && two);
    assert.deepEqual(found(one), []);
    assert.deepEqual(found(two), []);
    assert.ok(found([...one, ...two]).includes('few'));
  });

  it('is what two linked counters leave over', () => {
    const calls = (value: number): ReleasedCell => ({ counter: 'models.calls', dims: { family: 'claude' }, value });
    const given = [0, 1, 2, 3, 4, 5].map((who) => person(who, [cellOf(3), calls(3)]));
    const lonely = person(9, [cellOf(4, 'accepted', 'generate.outcomes'), calls(4)]);
    const linked = [release([...given, lonely], [cellOf(18), calls(22)])];
    assert.deepEqual(found(linked, { links: [] }), []);
    assert.ok(found(linked).includes('few'));
  });

  it('is what two counters of the same events differ by', () => {
    const steps = (value: number): ReleasedCell => ({ counter: 'steps.completed', dims: { kind: 'review' }, value });
    const given = [0, 1, 2, 3, 4, 5].map((who) => person(who, [cellOf(who === 3 ? 8 : 5), steps(5)]));
    const both = [release(given, [cellOf(33), steps(30)])];
    assert.deepEqual(found(both, { alike: [] }), []);
    assert.deepEqual(found(both), ['few']);
    const many = [0, 1, 2, 3, 4, 5].map((who) => person(who, [cellOf(8), steps(5)]));
    assert.deepEqual(found([release(many, [cellOf(48), steps(30)])]), []);
  });

  it('is what survival leaves over of the calls', () => {
    const calls = (value: number): ReleasedCell => ({ counter: 'models.calls', dims: { family: 'claude' }, value });
    const survived: ReleasedCell = { counter: 'generate.survival', dims: { survival: 'all' }, value: 3 };
    const first = [0, 1, 2, 3, 4, 5].map((who) => person(who, [cellOf(3, 'accepted', 'generate.outcomes'), calls(3)]));
    const rejecting = person(9, [cellOf(4, 'rejected', 'generate.outcomes'), calls(4)]);
    const second = [0, 1, 2, 3, 4, 5].map((who) => person(who, [survived], weekAfter(WEEK, 1)));
    const given = [...first, rejecting, ...second];
    const both = [release(given, [calls(22), { ...survived, value: 18 }], 2)];
    assert.deepEqual(found(both, { links: [] }), []);
    assert.ok(found(both).includes('few'));
  });

  it('is who left in between, where survival follows the outcomes of the week before', async () => {
    const accepted = (value: number): ReleasedCell => cellOf(value, 'accepted', 'generate.outcomes');
    const survived = (value: number): ReleasedCell => ({ counter: 'generate.survival', dims: { survival: 'all' }, value });
    const first = [0, 1, 2, 3, 4, 5].map((who) => person(who, [accepted(3)]));
    const second = [0, 1, 2, 3, 4].map((who) => person(who, [survived(3)], weekAfter(WEEK, 1)));
    const later: Published = { ...release(second, [survived(15)]), release: { ...release(second, [survived(15)]).release } };
    assert.deepEqual(found([release(first, [accepted(18)]), later], { links: [] }), []);
    assert.ok(found([release(first, [accepted(18)]), later]).includes('few'));
    // The real release leaves it out for that reason, and has it where nothing went before.
    const { published } = await ledgerOf({ given: [...first, ...second], late: [] }, { k: 5, window: 1 });
    const counters = published.map(({ release: { cells } }) => cells.map(({ counter }) => counter));
    assert.deepEqual(counters, [['generate.outcomes'], []]);
    const alone = await ledgerOf({ given: second, late: [] }, { k: 5, window: 1 });
    assert.equal(alone.published[0]?.release.cells[0]?.counter, 'generate.survival');
  });

  it('is who left in between, where survival follows the outcomes after windows without either', async () => {
    const accepted = (value: number): ReleasedCell => cellOf(value, 'accepted', 'generate.outcomes');
    const survived: ReleasedCell = { counter: 'generate.survival', dims: { survival: 'all' }, value: 4 };
    const first = Array.from({ length: 12 }, (_, who) => person(who, [accepted(4)]));
    const few = [0, 1].map((who) => person(who, [accepted(4)], weekAfter(WEEK, 1)));
    const figures = async (later: number): Promise<string[]> => {
      const last = Array.from({ length: 11 }, (_, who) => person(who, [survived], weekAfter(WEEK, later)));
      const { published } = await ledgerOf({ given: [...first, ...few, ...last], late: [] }, { k: 5, window: 1, roster: 14 });
      return published.map(({ release: { cells } }) => cells.map(({ counter }) => counter).join());
    };
    assert.deepEqual(await figures(2), ['generate.outcomes', '', '']);
    assert.deepEqual(await figures(4), ['generate.outcomes', '', '']);
    assert.deepEqual(await figures(6), ['generate.outcomes', '', 'generate.survival']);
  });

  it("is everybody's own where all did the most, or the least, that there is", async () => {
    const days = (value: number): ReleasedCell => ({ counter: 'assistants.days', dims: { source: 'codex' }, value });
    const used = (values: readonly number[]): Given[] => values.map((value, who) => person(who, [days(value)]));
    const told = (values: readonly number[], roster: number): string[] => {
      const given = used(values);
      const sum = values.reduce((total, value) => total + value, 0);
      const one = release(given, [days(sum)]);
      return found([{ ...one, release: { ...one.release, participation: { from: 1, to: roster } } }], { roster });
    };
    assert.deepEqual(told([7, 7, 7, 7, 7, 7], 6), ['known']);
    assert.deepEqual(told([7, 7, 7, 7, 7, 7], 14), []);
    assert.deepEqual(told([1, 1, 1, 1, 1], 5), ['known']);
    assert.deepEqual(told([1, 1, 1, 1, 3], 5), ['known']);
    assert.deepEqual(told([1, 1, 1, 1, 1], 6), ['known']);
    // The real release says nothing of these, and does of the next.
    const figures = async (values: readonly number[], roster: number): Promise<number> =>
      (await ledgerOf({ given: used(values), late: [] }, { k: 5, window: 1, roster })).published[0]?.release.cells.length ?? -1;
    assert.equal(await figures([7, 7, 7, 7, 7, 7], 6), 0);
    assert.equal(await figures([7, 7, 7, 7, 7, 6], 6), 0);
    assert.equal(await figures([1, 1, 1, 1, 1], 5), 0);
    assert.equal(await figures([1, 1, 1, 1, 3], 5), 0);
    assert.equal(await figures([1, 1, 1, 1, 1], 6), 0);
    assert.equal(await figures([1, 1, 1, 1, 1], 7), 1);
    assert.equal(await figures([5, 5, 5, 5, 5, 5], 6), 1);
    assert.equal(await figures([7, 7, 7, 7, 7, 7], 14), 1);
  });

  it('is never told by the real release near the most and the least that there is', async () => {
    const saturated = fc.record({
      people: fc.integer({ min: 5, max: 7 }),
      spare: fc.integer({ min: 0, max: 2 }),
      weeks: fc.integer({ min: 1, max: 2 }),
      values: fc.array(fc.oneof(fc.constantFrom(1, 7), fc.integer({ min: 1, max: 2 }), fc.integer({ min: 5, max: 7 })), {
        minLength: 14,
        maxLength: 14,
      }),
    });
    await fc.assert(
      fc.asyncProperty(saturated, async ({ people, spare, weeks, values }) => {
        const given = Array.from({ length: people * weeks }, (_, index) =>
          person(
            index % people,
            [{ counter: 'assistants.days', dims: { source: 'codex' }, value: values[index] ?? 7 }],
            weekAfter(WEEK, Math.floor(index / people)),
          ),
        );
        const roster = people + spare;
        const { published } = await ledgerOf({ given, late: [] }, { k: 5, window: weeks, roster });
        assert.deepEqual(disclosures(published, knowledge(5, { roster })), []);
      }),
      { numRuns: 1500 },
    );
  });
});
