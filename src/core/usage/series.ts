/**
 * What metrics added since they were heard of last. Kept in memory only, by a keyed hash of what names a series, and bounded.
 *
 * A cumulative value counts from its start. One whose start we have not witnessed says nothing about now: its first value is the mark
 * that later ones are measured from, so that a receiver that starts anew never counts twice what an earlier one has counted.
 */

export interface Point {
  /** Names the series: resource, metric, attributes. */
  key: string;
  cumulative: boolean;
  /** `asTime` of the interval's start and end; empty when absent. */
  start: string;
  time: string;
  /** Of a histogram the sum; `count` is how many values it sums. */
  value: number;
  count: number;
}

interface Amount {
  value: number;
  count: number;
}

export const MOST_SERIES = 4096;

export class Series {
  readonly #cumulative = new Map<string, Amount & { time: string }>();
  readonly #deltas = new Heard();
  readonly #since: string;
  #forgotten = false;

  /** `since`: when listening began, as `asTime`. */
  constructor(since: string) {
    this.#since = since;
  }

  /** What the point adds, or undefined when it adds nothing: said before, or said of a time before us. */
  added(point: Point): Amount | undefined {
    // A counter that begins anew does so with a new start, and is another series.
    const key = `${point.key} ${point.start}`;
    if (!point.cumulative) return this.#deltas.add(`${key} ${point.time}`) ? positive(point) : undefined;
    const before = this.#cumulative.get(key);
    // Exporters send again what nobody acknowledged.
    if (before !== undefined && point.time !== '' && point.time <= before.time) return undefined;
    this.#remember(key, point);
    if (before === undefined) {
      const isWitnessed = point.start !== '' && point.start >= this.#since && !this.#forgotten;
      return isWitnessed ? positive(point) : undefined;
    }
    if (point.value < before.value) return point.start === '' ? positive(point) : undefined;
    return positive({ value: point.value - before.value, count: point.count - before.count });
  }

  #remember(key: string, { time, value, count }: Point): void {
    this.#cumulative.delete(key);
    this.#cumulative.set(key, { time, value, count });
    if (this.#cumulative.size <= MOST_SERIES) return;
    const [oldest] = this.#cumulative.keys();
    if (oldest !== undefined) this.#cumulative.delete(oldest);
    // Should it come back, it must not be taken for a new one.
    this.#forgotten = true;
  }
}

function positive({ value, count }: Amount): Amount | undefined {
  return value > 0 ? { value, count: Math.max(0, count) } : undefined;
}

export const MOST_HEARD = 8192;

/** What was heard already, by its hash; the oldest are forgotten. */
export class Heard {
  readonly #keys = new Set<string>();

  /** Whether it is new. */
  add(key: string): boolean {
    if (this.#keys.has(key)) return false;
    this.#keys.add(key);
    if (this.#keys.size > MOST_HEARD) {
      const [oldest] = this.#keys;
      if (oldest !== undefined) this.#keys.delete(oldest);
    }
    return true;
  }
}
