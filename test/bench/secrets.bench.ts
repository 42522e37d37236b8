import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import { scanSecrets } from '../../src/node/ai/builtin/secretScan.ts';
import { measure, positives, type Measured, type Scan } from '../support/secretsCorpus.ts';
import { median, type Measurement } from './benchmark.ts';

const ROUNDS = 7;
const LINES = 1_000;

/** secretlint's recommended preset as it comes: each range it reports is replaced. */
const preset: Scan = async (path, text) => {
  const name = path.split('/').at(-1) ?? path;
  const result = await lintSource({
    source: { filePath: name, content: text, ext: name.includes('.') ? name.slice(name.lastIndexOf('.')) : '', contentType: 'text' },
    options: {
      noPhysicFilePath: true,
      config: { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }] },
    },
  });
  return result.messages.map(({ range: [start, end], ruleId }) => ({ start, end, kind: ruleId }));
};

/** What the scan hides of the corpus of secrets, and what it takes for one, beside secretlint's recommended preset alone. */
export async function run(): Promise<Measurement[]> {
  const [ours, naive] = [await measure(scanSecrets), await measure(preset)];
  const row = (metric: string, share: (measured: Measured) => number): Measurement => ({
    name: 'secrets',
    metric,
    value: Math.round(share(ours) * 1_000) / 10,
    unit: '%',
    baseline: Math.round(share(naive) * 1_000) / 10,
  });
  return [
    row(`${ours.kinds.all} kinds hidden whole in every context`, ({ kinds }) => kinds.whole / kinds.all),
    row(`${ours.kinds.all} kinds hidden whole in some context`, ({ kinds }) => kinds.somewhere / kinds.all),
    row(`${ours.positives.all} texts with a secret hidden whole`, (one) => one.positives.hidden / one.positives.all),
    row(`${ours.negatives.all} texts without one taken for one`, (one) => one.negatives.flagged / one.negatives.all),
    { name: 'secrets', metric: `${LINES} lines, median`, value: await cost(scanSecrets), unit: 'ms', baseline: await cost(preset) },
  ];
}

/** Milliseconds for a file of so many lines of code and settings. */
async function cost(scan: Scan): Promise<number> {
  const lines = positives(1)
    .filter(({ context }) => context === 'ts')
    .flatMap(({ text }) => [...text.split('\n'), 'export function next(value: number): number {', '  return value + 1;', '}', '']);
  const text = Array.from({ length: LINES }, (_, index) =>
    index % 50 === 0 ? lines[index % lines.length] : `  call(${index}, 'text');`,
  ).join('\n');
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    await scan('src/a.ts', text);
    times.push(performance.now() - started);
  }
  return median(times);
}
