import fs from 'node:fs';
import path from 'node:path';
import { build } from '../../esbuild.mjs';
import type { Measurement } from './benchmark.ts';

const root = path.resolve(import.meta.dirname, '../..');
const LIMIT = 150_000;

interface Output {
  bytes: number;
  imports: { path: string; kind: string; external?: boolean }[];
}

/** Files that `entry` loads before anything runs: itself and what it imports or requires statically. */
function loadedWith(outputs: Record<string, Output>, entry: string, seen = new Set<string>()): Set<string> {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  for (const { path: target, kind, external } of outputs[entry]?.imports ?? []) {
    if (kind !== 'dynamic-import' && !external) loadedWith(outputs, target, seen);
  }
  return seen;
}

/** Bytes of code that VS Code reads when it activates the extension, and what comes on first use. */
export async function run(): Promise<Measurement[]> {
  await build({ production: true });
  const { outputs } = JSON.parse(fs.readFileSync(path.join(root, 'dist/meta.json'), 'utf8')) as { outputs: Record<string, Output> };
  const size = (files: Iterable<string>) => [...files].reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0);
  const row = (metric: string, value: number, baseline: number | null): Measurement => ({
    name: 'bundle',
    metric,
    value,
    unit: 'bytes',
    baseline,
  });
  const chunks = Object.keys(outputs).filter((file) => file.startsWith('dist/chunks/'));
  return [
    row('code loaded at activation', size(loadedWith(outputs, 'dist/extension.js')), LIMIT),
    row('command line entry', size(loadedWith(outputs, 'dist/cli.js')), null),
    row('loaded on first use, all together', size(chunks), null),
  ];
}
