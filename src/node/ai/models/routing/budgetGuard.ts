import { randomUUID } from 'node:crypto';
import { overBudget, refusalOf, type Spent } from '../../../../core/ai/models/budget.ts';
import type { CalledModel, Money } from '../../../../core/ai/models/health.ts';
import type { ModelBudget } from '../../../../core/ai/models/models.ts';
import { failureOf } from '../../../../core/errors.ts';
import type { CancelSignal } from '../../../../core/ports.ts';
import { unlessCancelled } from '../../../../core/unlessCancelled.ts';
import type { HealthStore } from '../health/healthStore.ts';
import type { Traffic } from './traffic.ts';

/** Keeps one entry within its budget during one run. */
export interface BudgetGuard {
  /**
   * Sets the most that a request can cost aside. Where requests that run now hold the money back, it waits for what they really cost.
   * Fails with `over-budget` when there is not enough, with `io` when the day's sum cannot be kept, with `cancelled`.
   */
  reserve(ceiling: number, signal: CancelSignal): Promise<Reservation>;
}

export interface Reservation {
  /** Of the hold in the health store, which the record of the call settles; absent where the day has no limit. */
  readonly id?: string;
  /** The request has ended, and cost this; nothing where nobody knows. */
  settle(cost: Money | undefined): void;
}

export interface GuardOptions extends CalledModel {
  budget: ModelBudget;
  /** Of the entry's price. */
  currency: string;
  health: HealthStore;
  traffic: Traffic;
  clock: { now(): number };
}

const NOTHING: Spent = { settled: 0, held: 0 };

export function createBudgetGuard(options: GuardOptions): BudgetGuard {
  const { name, model, origin, budget, currency, health, traffic, clock } = options;
  const key = JSON.stringify([name, model, origin]);
  const run: Spent = { settled: 0, held: 0 };

  /** Sets aside for the day too, where it has a limit. Fails with `over-budget` or `io`. */
  async function holdForDay(ceiling: number): Promise<string | undefined> {
    if (budget.perDay === undefined) return undefined;
    const hold = { id: randomUUID(), at: clock.now(), name, model, origin, amount: ceiling, currency };
    const refusal = refusalOf(budget, ceiling, { run: NOTHING, day: await health.hold(hold) });
    if (refusal === undefined) return hold.id;
    await health.release(hold);
    throw overBudget(name, currency, refusal);
  }

  /** One try; nobody else tries meanwhile. */
  async function tryReserve(ceiling: number): Promise<Reservation> {
    const { perDay: _later, ...ofRun } = budget;
    const refusal = refusalOf(ofRun, ceiling, { run, day: NOTHING });
    if (refusal !== undefined) throw overBudget(name, currency, refusal);
    const id = await holdForDay(ceiling);
    run.held += ceiling;
    const account = traffic.useMoney(key);
    return {
      ...(id === undefined ? {} : { id }),
      settle(cost) {
        run.held -= ceiling;
        run.settled += cost?.currency === currency ? cost.amount : 0;
        account();
      },
    };
  }

  /** The reservation, or the account to wait for before the next try. */
  async function reserveOrWait(ceiling: number, signal: CancelSignal): Promise<Reservation | { accounted: Promise<void> }> {
    // Tries of this process take turns: a try that is refused in the end must not make another wait for it.
    const leave = await traffic.enter(`money ${key}`, 1, signal);
    try {
      return await tryReserve(ceiling);
    } catch (error) {
      const accounted = failureOf(error)?.reason === 'over-budget' ? traffic.nextAccount(key) : undefined;
      if (accounted === undefined) throw error;
      return { accounted };
    } finally {
      leave();
    }
  }

  return {
    async reserve(ceiling, signal) {
      for (;;) {
        const found = await reserveOrWait(ceiling, signal);
        if (!('accounted' in found)) return found;
        await unlessCancelled(found.accounted, signal);
      }
    },
  };
}
