import { HandrailError } from '../../errors.ts';
import { moneyText } from './figures.ts';
import { costOf, type ModelEntry, type ModelPrice } from './models.ts';

/** May this request be made for the money that is left? Decided before it is made, against the most it could cost. */

/** Amounts in the currency of the entry's price. */
export interface Spent {
  /** Of calls that ended. */
  settled: number;
  /** Ceilings of calls that run, or whose process ended before it could say what they cost. */
  held: number;
}

export interface BudgetRefusal {
  limit: 'perRun' | 'perDay';
  allowed: number;
  spent: Spent;
  /** Most that the request could cost. */
  ceiling: number;
}

/** Adding floating point amounts goes wrong by less than this. */
const ROUNDING = 1e-9;

/** Most that a request of so many tokens can cost: nothing of it cached, and an answer as long as it may be. */
export function ceilingOf(price: ModelPrice, tokens: { input: number; output: number }): number {
  return costOf(price, { inputTokens: tokens.input, outputTokens: tokens.output, cachedTokens: 0 })?.amount ?? 0;
}

/** Why the request is too dear, or undefined when it may be made. `day` is the present day in UTC. */
export function refusalOf(
  budget: NonNullable<ModelEntry['budget']>,
  ceiling: number,
  { run, day }: { run: Spent; day: Spent },
): BudgetRefusal | undefined {
  const limits = [
    { limit: 'perRun', allowed: budget.perRun, spent: run },
    { limit: 'perDay', allowed: budget.perDay, spent: day },
  ] as const;
  for (const { limit, allowed, spent } of limits) {
    if (allowed !== undefined && spent.settled + spent.held + ceiling > allowed + ROUNDING) return { limit, allowed, spent, ceiling };
  }
  return undefined;
}

/** The failure of a request that is too dear, with what was spent, what is allowed, and what to do. */
export function overBudget(name: string, currency: string, { limit, allowed, spent, ceiling }: BudgetRefusal): HandrailError {
  const sum = (amount: number): string => moneyText({ amount, currency });
  const held = spent.held > ROUNDING ? ` (${sum(spent.held)} more may be due for requests without a known cost yet)` : '';
  const scope = limit === 'perRun' ? 'in this run' : 'today (UTC)';
  const mend =
    limit === 'perRun'
      ? `Review fewer files, raise budget.perRun of "${name}", or give it a fallback that costs less.`
      : `Wait until midnight UTC, raise budget.perDay of "${name}", or choose another model.`;
  return new HandrailError(
    'over-budget',
    `"${name}" has cost ${sum(spent.settled)} ${scope}${held}, and one more request could cost up to ${sum(ceiling)}: .handrail/models.yml allows ${sum(allowed)} a ${limit === 'perRun' ? 'run' : 'day'}.`,
    { hint: mend },
  );
}

/** Midnight UTC before `now`, both in milliseconds since the Unix epoch. */
export function startOfDay(now: number): number {
  return Math.floor(now / 86_400_000) * 86_400_000;
}
