import { parseAllDocuments } from 'yaml';
import { completionsAt } from '../../src/core/workflow/authoring/completion.ts';
import { definitionAt } from '../../src/core/workflow/authoring/definition.ts';
import { Draft } from '../../src/core/workflow/authoring/draft.ts';
import { hoverAt } from '../../src/core/workflow/authoring/hover.ts';
import { fixesFor } from '../../src/core/workflow/authoring/quickFixes.ts';
import type { Surroundings } from '../../src/core/workflow/authoring/surroundings.ts';
import { outlineOf } from '../../src/core/workflow/authoring/symbols.ts';
import { parseWorkflow } from '../../src/core/workflow/parse.ts';
import { median } from './benchmark.ts';
import type { Measurement } from './benchmark.ts';
import { longWorkflow, STEPS } from './longWorkflow.ts';

const ROUNDS = 15;
const PATH = '.handrail/workflows/long.yml';

/** A branch with some changes, and nothing else around. */
const around: Surroundings = {
  exists: () => false,
  read: () => undefined,
  isFree: () => true,
  entries: () => [],
  files: async () => [],
  branch: async () => ({
    slug: 'feat-x',
    facts: {
      branch: 'feat/x',
      base: 'main',
      changes: CHANGES,
      added: [],
      deleted: [],
      lines: { added: 9, deleted: 1 },
      labels: [],
      ci: false,
    },
  }),
  step: () => undefined,
};
const CHANGES = Array.from({ length: 100 }, (_, index) => `src/${index}/file.ts`);

/**
 * Each answer near the end of a workflow of 200 steps, in a text that was just changed, so that nothing can be remembered. Beside it what
 * the YAML parser alone takes for the same text in the same run.
 */
export async function run(): Promise<Measurement[]> {
  const text = longWorkflow();
  const place = (what: string, within = 0): number => text.lastIndexOf(what) + within;
  const [broken, key] = [text.replace(/needs: \[s198\]/, 'needs: [s198x]'), `${text}    lea`];
  const problem = parseWorkflow(broken, PATH).problems[0];
  if (problem === undefined) throw new Error('the benchmark file has no problem to mend');
  const draft = (of: string): Draft => Draft.of(of, PATH) ?? fail();
  const questions: [string, () => unknown][] = [
    ['complete a key', () => completionsAt(key, key.length, PATH, around)],
    ['complete a step', () => completionsAt(text, place('[s198]', 3), PATH, around)],
    ['hover an expression', () => hoverAt(draft(text), place('when: changes', 8), around)],
    ['hover a step', () => hoverAt(draft(text), place('[s198]', 2), around)],
    ['go to a step', () => definitionAt(draft(text), place('[s198]', 2), around)],
    ['mend a step', () => fixesFor(draft(broken), problem, around)],
    ['outline', () => outlineOf(draft(text))],
  ];
  const baseline = await timed(() => parseAllDocuments(text, { prettyErrors: false, uniqueKeys: false }));
  const measured: Measurement[] = [];
  for (const [metric, ask] of questions) {
    const answer = await ask();
    if (answer === undefined || (Array.isArray(answer) && answer.length === 0)) throw new Error(`nothing to ${metric}`);
    measured.push({ name: 'authoring', metric: `${metric}, ${STEPS} steps, median`, value: await timed(ask), unit: 'ms', baseline });
  }
  return measured;
}

async function timed(work: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return median(times);
}

function fail(): never {
  throw new Error('the benchmark file is none of ours');
}
