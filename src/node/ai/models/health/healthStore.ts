import { HandrailError } from '../../../../core/errors.ts';
import { startOfDay, type Spent } from '../../../../core/ai/models/budget.ts';
import { CIRCUIT_WINDOW, circuitOf, type Circuit } from '../../../../core/ai/models/circuit.ts';
import {
  costsOf,
  healthOf,
  isSameModel,
  type CalledModel,
  type ModelCall,
  type ModelHealth,
  type Money,
} from '../../../../core/ai/models/health.ts';
import { spentOf, timeOf, type Hold } from '../../../../core/ai/models/journal.ts';
import { createHealthJournal } from './healthJournal.ts';

/** How models did on this machine, and what they cost: one store for all processes of a person. */
export interface HealthStore {
  /** `settles`: the hold that was made for this call. */
  record(call: ModelCall, settles?: string): Promise<void>;
  /** Calls of the last 30 days, by entry, most used first. */
  modelsHealth(): Promise<ModelHealth[]>;
  /** All of it at one moment. */
  look(): Promise<HealthLook>;
  /** Whether this model at this origin is to be asked now, whatever the entry is called. */
  circuit(of: { model: string; origin: string }): Promise<Circuit>;
  /** What the entry has cost today (UTC), in this currency. */
  spentToday(of: CalledModel, currency: string): Promise<Spent>;
  /** Sets money aside and tells what was spent and set aside before it on its day. Fails with `io` where that cannot be noted. */
  hold(hold: Hold): Promise<Spent>;
  /** Ends a hold whose call is not made. */
  release(hold: Hold): Promise<void>;
}

export interface HealthLook {
  /** Calls of the last 30 days, by entry, most used first. */
  health: ModelHealth[];
  circuit(of: { model: string; origin: string }): Circuit;
  /** Of the calls of today (UTC), by currency. */
  costsToday(of: CalledModel): Money[];
  /** Set aside today for calls whose cost is not known yet. */
  heldToday(of: CalledModel, currency: string): number;
}

const WINDOW = 30 * 24 * 3600 * 1000;

export function createHealthStore(options: { home: string; clock?: { now(): number } }): HealthStore {
  const now = () => options.clock?.now() ?? Date.now();
  const journal = createHealthJournal({ home: options.home, lifetime: WINDOW, now });
  const callsSince = async (since: number): Promise<ModelCall[]> =>
    (await journal.read(since)).flatMap((line) => (line.kind === 'call' ? [line.call] : []));
  return {
    async record(call, settles) {
      // A review is worth more than its measurement: a full or read-only home must not fail it.
      await journal.append({ kind: 'call', call, ...(settles === undefined ? {} : { settles }) }).catch(() => undefined);
    },
    async modelsHealth() {
      return healthOf(await callsSince(now() - WINDOW));
    },
    async look() {
      const lines = await journal.read(now() - WINDOW);
      const calls = lines.flatMap((line) => (line.kind === 'call' ? [line.call] : []));
      const today = lines.filter((line) => timeOf(line) >= startOfDay(now()));
      return {
        health: healthOf(calls),
        circuit: (of) => circuitIn(calls, of, now()),
        costsToday: (of) => costsOf(today.flatMap((line) => (line.kind === 'call' && isSameModel(line.call, of) ? [line.call] : []))),
        heldToday: (of, currency) => spentOf(today, { ...of, currency })?.held ?? 0,
      };
    },
    async circuit(of) {
      return circuitIn(await callsSince(now() - CIRCUIT_WINDOW), of, now());
    },
    async spentToday(of, currency) {
      return spentOf(await journal.read(startOfDay(now())), { ...of, currency }) ?? { settled: 0, held: 0 };
    },
    async hold(hold) {
      await journal.append({ kind: 'hold', hold }).catch((cause: unknown) => {
        throw notKept(hold, options.home, cause);
      });
      const spent = spentOf(await journal.read(startOfDay(hold.at)), hold, hold.id);
      if (spent === undefined) throw notKept(hold, options.home);
      return spent;
    },
    async release({ id, at }) {
      // Where it cannot be noted, the money counts as spent until tomorrow: the careful side.
      await journal.append({ kind: 'release', id, at }).catch(() => undefined);
    },
  };
}

function circuitIn(calls: readonly ModelCall[], { model, origin }: { model: string; origin: string }, now: number): Circuit {
  return circuitOf(
    calls.filter((call) => call.model === model && call.origin === origin),
    now,
  );
}

/** Money that cannot be counted must not be spent. */
function notKept({ name }: CalledModel, home: string, cause?: unknown): HandrailError {
  return new HandrailError('io', `The budget of "${name}" cannot be kept: what is spent cannot be noted in ${home}.`, {
    hint: 'Make the folder writable, or set HANDRAIL_HOME to one that is.',
    cause,
  });
}
