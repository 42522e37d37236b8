import { parseAllDocuments } from 'yaml';
import { parseWorkflow } from '../../src/core/workflow/parse.ts';
import { median } from './benchmark.ts';
import type { Measurement } from './benchmark.ts';
import { longWorkflow, STEPS } from './longWorkflow.ts';

const ROUNDS = 15;

/** Checking a workflow of 200 steps, beside what the YAML parser alone takes for the same text in the same run. */
export async function run(): Promise<Measurement[]> {
  const text = longWorkflow();
  const time = (work: () => void): number => {
    const started = performance.now();
    work();
    return performance.now() - started;
  };
  const yaml: number[] = [];
  const whole: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    yaml.push(time(() => parseAllDocuments(text, { prettyErrors: false, uniqueKeys: false })));
    whole.push(
      time(() => {
        if (!parseWorkflow(text, 'long.yml').workflow) throw new Error('the benchmark workflow is not valid');
      }),
    );
  }
  return [{ name: 'validate', metric: `${STEPS} steps, median`, value: median(whole), unit: 'ms', baseline: median(yaml) }];
}
