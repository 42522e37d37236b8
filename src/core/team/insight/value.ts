import type { Release } from '../release/release.ts';
import { type Answered } from './enough.ts';
import type { Range } from './statistics.ts';

/** What no release can say, and everybody should be able to change. */
export interface ValueAssumptions {
  /** Minutes that an accepted output saved somebody, reading it included: at least and at most. Less than 0 where it cost more than it saved. */
  readonly minutesSaved: Range;
  /** What an hour of work costs, in the currency of the models' prices. */
  readonly costOfHour: number;
}

export const USUAL_VALUE: ValueAssumptions = { minutesSaved: { low: 2, high: 15 }, costOfHour: 80 };

export interface Value {
  /** Proposals that were accepted, whole or in part, at least: those in remainders are not known. */
  readonly accepted: number;
  /** What the counter was: decisions, or acceptances measured a week later. */
  readonly by: 'generate.outcomes' | 'generate.survival';
  readonly hoursSaved: Range;
  /** What models cost; undefined where that is not published. */
  readonly cost: Range | undefined;
  readonly costPerAccepted: Range | undefined;
  /** Hours saved at their cost, less what models cost; without the latter where it is not published. */
  readonly net: Range;
  readonly assumptions: ValueAssumptions;
}

/** Costs are recorded in ranges of which the upper end is ten times the lower, and summed by the lower ends. */
const COST_RANGE = 10;
/** A call that cost less than a cent is summed as none. */
const LEAST_CALL = 0.01;

/** What accepted output was worth, and what it cost: ranges, under assumptions that are part of the answer. */
export function valueOf(releases: readonly Release[], assumptions: ValueAssumptions = USUAL_VALUE): Answered<Value> {
  const sum = (counter: string, of: (dims: Readonly<Record<string, string>>) => boolean): number =>
    releases
      .flatMap(({ cells }) => cells)
      .reduce(
        (all, cell) => all + (cell.counter === counter && Number.isFinite(cell.value) && of(cell.dims) ? Math.max(0, cell.value) : 0),
        0,
      );
  const decided = sum('generate.outcomes', ({ outcome }) => outcome === 'accepted' || outcome === 'edited');
  const measured = sum('generate.survival', ({ survival }) => survival !== undefined);
  // The two count the same acceptances, and no release has both.
  const accepted = decided + measured;
  if (accepted === 0) return { enough: false, reason: 'counter', have: 0, need: 1, kind: 'generate.outcomes' };
  const { minutesSaved, costOfHour } = assumptions;
  const hoursSaved = { low: (accepted * minutesSaved.low) / 60, high: (accepted * minutesSaved.high) / 60 };
  const isPublished = releases.some(({ cells }) => cells.some(({ counter }) => counter === 'models.cost'));
  const cents = sum('models.cost', () => true);
  const calls =
    sum('models.calls', () => true) ||
    sum('generate.outcomes', () => true) + sum('generate.survival', () => true) + sum('review.runs', () => true);
  const cost = isPublished ? { low: cents / 100, high: (cents / 100) * COST_RANGE + calls * LEAST_CALL } : undefined;
  return {
    enough: true,
    accepted,
    by: decided >= measured ? 'generate.outcomes' : 'generate.survival',
    hoursSaved,
    cost,
    costPerAccepted: cost === undefined ? undefined : { low: cost.low / accepted, high: cost.high / accepted },
    net: { low: hoursSaved.low * costOfHour - (cost?.high ?? 0), high: hoursSaved.high * costOfHour - (cost?.low ?? 0) },
    assumptions,
  };
}
