import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Benchmark, Measurement } from './benchmark.ts';

const root = path.resolve(import.meta.dirname, '../..');

function show(value: number | string | null): string {
  if (typeof value !== 'number') return value ?? '';
  return Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 1 ? 4 : 2);
}

function table(rows: readonly Measurement[]): string {
  const lines = [
    ['benchmark', 'metric', 'value', 'unit', 'baseline'],
    ...rows.map((row) => [row.name, row.metric, show(row.value), row.unit, show(row.baseline)]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Runs the benchmarks of those names, or all, prints a table and writes `dist/bench/latest.json`. Fails for an unknown name. */
export async function runBenchmarks(names: readonly string[]): Promise<void> {
  const available = fs
    .readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.bench.ts'))
    .map((file) => file.replace(/\.bench\.ts$/, ''));
  const unknown = names.find((name) => !available.includes(name));
  if (unknown !== undefined) throw new Error(`There is no benchmark "${unknown}". There are: ${available.join(', ')}.`);

  const rows: Measurement[] = [];
  for (const name of available.filter((one) => names.length === 0 || names.includes(one))) {
    console.error(`running ${name}…`);
    const benchmark = (await import(pathToFileURL(path.join(import.meta.dirname, `${name}.bench.ts`)).href)) as Benchmark;
    rows.push(...(await benchmark.run()));
  }
  const out = path.join(root, 'dist/bench/latest.json');
  fs.mkdirSync(path.dirname(out), { recursive: true });
  fs.writeFileSync(out, `${JSON.stringify(rows, null, 2)}\n`);
  console.log(table(rows));
}
