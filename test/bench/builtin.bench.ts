import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createBuiltinReviewer } from '../../src/node/ai/builtin/builtinReviewer.ts';
import { createEngineHost, type EngineHost } from '../../src/node/ai/builtin/engineHost.ts';
import { median, type Measurement } from './benchmark.ts';

/**
 * The built-in reviewer on files of about 1,000 lines: from nothing to the first answer, and each further file, beside loading the engines
 * for each file. And what is resident before, while and after the worker is there.
 */

const ROOT = path.resolve(import.meta.dirname, '../..');
const LINES = 1000;
const REPETITIONS = 7;
const LOADS = 3;
const GOAL = 1000;
const never = new AbortController().signal;

export async function run(): Promise<Measurement[]> {
  const files = samples();
  // First, as nothing else has been loaded yet.
  const rows = await memory(files);
  for (const [name, text] of files) {
    const lines = text.split('\n').length;
    const label = `${name} (${lines} lines)`;
    const loads: number[] = [];
    for (let turn = 0; turn < LOADS; turn++) loads.push(await withHost((host) => milliseconds(() => review(host, name, text))));
    const next = await withHost(async (host) => {
      await review(host, name, text);
      const times: number[] = [];
      for (let turn = 0; turn < REPETITIONS; turn++) times.push(await milliseconds(() => review(host, name, text)));
      return times;
    });
    rows.push(
      { name: label, metric: 'first file, engine loaded for it', value: median(loads), unit: 'ms', baseline: null },
      { name: label, metric: 'next files, median', value: median(next), unit: 'ms', baseline: median(loads) },
      { name: label, metric: 'next files, worst', value: Math.max(...next), unit: 'ms', baseline: GOAL },
    );
  }
  return rows;
}

async function memory(files: readonly [string, string][]): Promise<Measurement[]> {
  const before = resident();
  const host = createEngineHost({ idle: 200 });
  for (const [name, text] of files) await review(host, name, text);
  const loaded = resident();
  const worker = residentOf(host.pid);
  while (host.alive) await new Promise((resolve) => setTimeout(resolve, 50));
  // The system takes memory back a little later.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const after = resident();
  return [
    { name: 'memory', metric: 'before', value: before, unit: 'MB', baseline: null },
    { name: 'memory', metric: 'both engines loaded, here', value: loaded, unit: 'MB', baseline: before },
    ...(worker === undefined
      ? []
      : [{ name: 'memory', metric: 'both engines loaded, the worker', value: worker, unit: 'MB', baseline: before }]),
    { name: 'memory', metric: 'after the worker ended', value: after, unit: 'MB', baseline: loaded + (worker ?? 0) },
  ];
}

function resident(): number {
  return Math.round(process.memoryUsage.rss() / 1e6);
}

/** Of another process, where the system tells it. */
function residentOf(pid: number | undefined): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1000);
  } catch {
    return undefined;
  }
}

async function withHost<T>(use: (host: EngineHost) => Promise<T>): Promise<T> {
  const host = createEngineHost();
  try {
    return await use(host);
  } finally {
    host.dispose();
  }
}

async function review(host: EngineHost, name: string, text: string): Promise<void> {
  await createBuiltinReviewer({ host }).review(name, text, never);
}

async function milliseconds(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function samples(): [string, string][] {
  return [
    ['real.ts', nearest('openai/src', '.ts')],
    ['real.js', nearest('yaml/dist', '.js')],
    ['mistakes.ts', repeated((index) => `export const f${index} = (x: unknown) => {\n  if (x == ${index}) debugger;\n  return x;\n};\n`)],
    [
      'styles.css',
      repeated((index) => `.row-${index} > a:hover {\n  color: rgb(${index % 255} 10 20);\n  margin: 0 ${index % 40}px;\n}\n`),
    ],
    ['data.json', `{\n${repeated((index) => `  "key ${index}": { "a": [1, 2, 3], "text": "some words" },\n`)}  "end": null\n}\n`],
    [
      'module.py',
      `import os\n${repeated((index) => `def f${index}(items):\n    total = os.getpid()\n    for item in items:\n        total += item * ${index}\n    return total\n\n`)}`,
    ],
    [
      'mistakes.py',
      repeated(
        (index) => `def f${index}(x, items=[]):\n    if x == None:\n        return nothing\n    items.append(x)\n    return items\n\n`,
      ),
    ],
  ];
}

function repeated(item: (index: number) => string): string {
  const perItem = item(0).split('\n').length - 1;
  return Array.from({ length: Math.floor(LINES / perItem) }, (_, index) => item(index)).join('');
}

/** The file of an installed package whose length is nearest to {@link LINES}. */
function nearest(folder: string, extension: string): string {
  const root = path.join(ROOT, 'node_modules', folder);
  const texts = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(extension) && !name.endsWith('.d.ts'))
    .map((name) => readFileSync(path.join(root, name), 'utf8'));
  const off = (text: string): number => Math.abs(text.split('\n').length - LINES);
  return texts.sort((a, b) => off(a) - off(b))[0] ?? '';
}
