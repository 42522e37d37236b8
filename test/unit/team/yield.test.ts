import assert from 'node:assert/strict';
import { yieldText } from '../../../src/cli/text/teamYield.ts';
import { HandrailError } from '../../../src/core/errors.ts';
import { estimateYield, sharingSteps, usualRuns, type YieldQuestion } from '../../../src/core/team/yield.ts';
import { COUNTERS } from '../../../src/core/telemetry/counters.ts';

const NAMES = ['review.runs', 'review.findings', 'generate.outcomes', 'steps.completed', 'models.cost', 'assistants.days'];
const countersOf = (...names: string[]): YieldQuestion['counters'] => COUNTERS.filter(({ name }) => names.includes(name));
const question = (change: Partial<YieldQuestion> = {}): YieldQuestion => ({
  people: 12,
  optIn: 0.85,
  k: 5,
  window: 4,
  counters: countersOf(...NAMES),
  runs: 60,
  ...change,
});

describe('what a team would get to see', () => {
  it('is nearly everything where nearly all of twelve share six tables, and about half of the cells by name', async () => {
    const { events, cells, withheld, nothing, sharing } = await estimateYield(question());
    assert.ok(events.median > 0.95, JSON.stringify(events));
    assert.ok(cells.median > 0.3 && cells.median < 0.8, JSON.stringify(cells));
    assert.equal(withheld.median, 0);
    assert.ok(nothing < 0.05);
    assert.ok(sharing.median >= 9 && sharing.median <= 11);
  });

  it('is nothing where fewer than k share, in every run', async () => {
    const answer = await estimateYield(question({ people: 5, optIn: 0.3 }));
    assert.ok(answer.nothing > 0.9);
    assert.deepEqual(answer.events, { median: 0, from: 0, to: 0 });
    assert.equal(answer.withheld.median, NAMES.length);
  });

  it('grows with the people who share, and with longer windows', async () => {
    const cells: number[] = [];
    for (const change of [{ optIn: 0.5 }, { optIn: 0.7 }, { optIn: 1 }]) cells.push((await estimateYield(question(change))).cells.median);
    assert.deepEqual(
      cells,
      cells.toSorted((a, b) => a - b),
    );
    assert.ok((cells[2] ?? 0) > (cells[0] ?? 1) + 0.1);
    const [week, quarter] = [await estimateYield(question({ window: 1 })), await estimateYield(question({ window: 13 }))];
    assert.ok(quarter.cells.median > week.cells.median);
  });

  it('gives the same answer to the same question, and ranges that hold their middle', async () => {
    const answer = await estimateYield(question({ optIn: 0.6 }));
    assert.deepEqual(await estimateYield(question({ optIn: 0.6 })), answer);
    for (const { from, median, to } of [answer.sharing, answer.events, answer.cells, answer.withheld]) {
      assert.ok(from <= median && median <= to);
    }
  });

  it('says of two linked counters which one comes first, and does not call the other withheld', async () => {
    const answer = await estimateYield(question({ optIn: 1, counters: countersOf('steps.completed', 'steps.dwell') }));
    assert.equal(answer.withheld.median, 0);
    const [dwell, completed] = answer.counters;
    assert.deepEqual(completed?.after, ['steps.dwell']);
    assert.ok((dwell?.published ?? 0) > 0.9 && completed.published < 0.1);
  });

  it('ends when it is cancelled', async () => {
    await assert.rejects(estimateYield(question(), { aborted: true }), { reason: 'cancelled' });
  });

  for (const [why, change] of [
    ['nobody', { people: 0 }],
    ['half a person', { people: 12.5 }],
    ['a whole company', { people: 100_000 }],
    ['fewer than k', { people: 4 }],
    ['no opt-in', { optIn: 0 }],
    ['more than all', { optIn: 1.2 }],
    ['no number', { optIn: Number.NaN }],
    ['a small k', { k: 4 }],
    ['no window', { window: 0 }],
    ['no counter', { counters: [] }],
    ['no runs', { runs: 0 }],
  ] as const) {
    it(`refuses ${why} with a next action`, async () => {
      await assert.rejects(estimateYield(question(change)), (error) => error instanceof HandrailError && error.hint !== undefined);
    });
  }

  it('compares numbers of people from k to everybody', () => {
    assert.deepEqual(sharingSteps({ people: 14, k: 5 }), [5, 6, 7, 8, 10, 14]);
    assert.deepEqual(sharingSteps({ people: 5, k: 5 }), [5]);
    assert.ok(usualRuns(5) >= usualRuns(50) && usualRuns(500) >= 20);
  });

  it('is told with what it rests on, and never as surer than it is', async () => {
    const asked = { ...question(), counters: NAMES };
    const answer = await estimateYield(question());
    const text = yieldText({ question: asked, answer: { ...answer, nothing: 0.004 }, steps: [] }, (_style, said) => said);
    assert.match(text, /In under 1 % of them nothing/);
    assert.match(text, /Assumed, and not measured/);
    assert.match(text, /9 of 10 are within/);
  });
});
