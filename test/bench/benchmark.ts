/** One measured figure. `baseline` is what it is compared with, in the same unit and, for times, from the same run. */
export interface Measurement {
  name: string;
  metric: string;
  value: number;
  unit: string;
  baseline: number | string | null;
}

/** A module `test/bench/<name>.bench.ts`. */
export interface Benchmark {
  run(): Promise<Measurement[]>;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[middle - 1], sorted[middle]];
  if (high === undefined) throw new RangeError('a median needs values');
  return sorted.length % 2 === 1 || low === undefined ? high : (low + high) / 2;
}
