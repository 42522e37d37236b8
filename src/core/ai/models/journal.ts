import type { Spent } from './budget.ts';
import { isSameModel, type CalledModel, type ModelCall, type Money } from './health.ts';

/** The notes about calls of models that all processes of a person share, in one order. */
export type JournalLine =
  | { kind: 'call'; call: ModelCall; settles?: string }
  /** Money set aside for a call that is about to be made. The call that settles it, or a release, ends it. */
  | { kind: 'hold'; hold: Hold }
  | { kind: 'release'; id: string; at: number };

export interface Hold extends CalledModel, Money {
  id: string;
  /** Milliseconds since the Unix epoch. */
  at: number;
}

/**
 * What a model has cost, by the lines of a day: its calls, and its holds that nothing has ended yet. Given `before`, only holds that stand
 * before that one count, and undefined comes back when it is not there. As everybody sees the holds in the same order and each counts
 * those before it, of two processes that set aside the last money at the same moment exactly one gets it, without a lock.
 */
export function spentOf(lines: readonly JournalLine[], of: CalledModel & { currency: string }, before?: string): Spent | undefined {
  const ended = new Set(lines.flatMap((line) => (line.kind === 'call' ? (line.settles ?? []) : line.kind === 'release' ? line.id : [])));
  let settled = 0;
  let held = 0;
  let isBefore = true;
  for (const line of lines) {
    if (line.kind === 'call') {
      const { cost } = line.call;
      if (cost?.currency === of.currency && isSameModel(line.call, of)) settled += cost.amount;
    } else if (line.kind === 'hold') {
      isBefore &&= line.hold.id !== before;
      if (isBefore && line.hold.currency === of.currency && isSameModel(line.hold, of) && !ended.has(line.hold.id))
        held += line.hold.amount;
    }
  }
  return before !== undefined && isBefore ? undefined : { settled, held };
}

/** When the request of a line was made, in milliseconds since the Unix epoch. */
export function timeOf(line: JournalLine): number {
  return line.kind === 'call' ? line.call.at : line.kind === 'hold' ? line.hold.at : line.at;
}
