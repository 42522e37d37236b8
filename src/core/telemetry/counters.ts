import { SEVERITIES } from '../ai/finding.ts';
import { DWELL, labelsOf, SURVIVAL } from './buckets.ts';
import { EXPIRES, FIELDS, MODEL_FAMILIES } from './catalogue.ts';

/**
 * Sums over events that a team may choose to see. A team's registry lists some of them; nothing else is ever contributed. How each is
 * summed is in `../team/rollUp.ts`. All are whole numbers.
 */
export interface Counter {
  readonly name: string;
  readonly purpose: string;
  /** What its value is a number of. */
  readonly unit: string;
  /** Name of a dimension to its values. */
  readonly dims: Readonly<Record<string, readonly string[]>>;
  /** The largest value of one cell that counts of one person in one week. */
  readonly clip: number;
  /** Counters whose sums follow from this one's; the two are never both published. */
  readonly excludes: readonly string[];
  /**
   * Counters of which this one says a part again, a week to four weeks later: it is published neither beside one of them nor within the
   * weeks after a release with one. No part of the registry's digest, since nothing that anybody contributes depends on it.
   */
  readonly repeats?: readonly string[];
  /**
   * Cells that count mostly the same events as cells of other counters, so that a difference can be of the few who did one without the
   * other. Where it would be, this counter is not published beside those. No part of the registry's digest either.
   */
  readonly overlaps?: readonly Overlap[];
  /** Last day whose events count. */
  readonly expires: string;
}

/** Values of dimensions: the cells that have one of them in each that is named, so all cells where none is. */
export type CellsOf = Readonly<Record<string, readonly string[]>>;

/** Cells of a counter, and those of others that count mostly the same events. */
export interface Overlap {
  readonly own: CellsOf;
  readonly others: readonly { readonly counter: string; readonly cells: CellsOf }[];
}

const STEP_KINDS = FIELDS.workflowStepKind.values;
const ASSISTANTS = FIELDS.source.values.filter((source) => source !== 'handrail');

/** The counter whose steps a team lists by name. */
export const BY_STEP = 'steps.waits';

/**
 * What is done for a step is counted as a step, done or failed, and by itself; what is done without one only by itself. `own` are groups of
 * the counter that counts it, `kinds` of the steps.
 */
function beside(own: readonly CellsOf[], kinds: readonly (readonly string[])[]): Overlap[] {
  return own.flatMap((cells) =>
    kinds.flatMap((kind) =>
      [['steps.dwell'], ['steps.completed'], ['steps.failed'], ['steps.dwell', 'steps.failed'], ['steps.completed', 'steps.failed']].map(
        (counters) => ({ own: cells, others: counters.map((counter) => ({ counter, cells: { kind } })) }),
      ),
    ),
  );
}

/** The counters of what can be done for a step, with what a counter that tells listed steps apart says of each of them, and of any two. */
export function besideSteps(counter: Counter, steps: readonly string[]): Counter {
  const own = new Set(
    counter.overlaps?.flatMap(({ own: cells, others }) => (others.some((other) => 'kind' in other.cells) ? [cells] : [])),
  );
  const some = [...steps, 'other'].flatMap((one, at, all) => [[one], ...all.slice(at + 1).map((two) => [one, two])]);
  const overlaps = [...own].flatMap((cells) => some.map((step) => ({ own: cells, others: [{ counter: BY_STEP, cells: { step } }] })));
  return overlaps.length === 0 ? counter : { ...counter, overlaps: [...(counter.overlaps ?? []), ...overlaps] };
}

export const COUNTERS: readonly Counter[] = [
  {
    name: 'review.runs',
    purpose: 'Reviews that were started, by how they ended.',
    unit: 'reviews',
    dims: { outcome: ['completed', 'cancelled', 'failed', 'other'] },
    clip: 200,
    excludes: ['models.calls'],
    overlaps: beside([{ outcome: ['completed'] }, {}], [['review']]),
    expires: EXPIRES,
  },
  {
    name: 'review.findings',
    purpose: 'Findings of reviews, by severity.',
    unit: 'findings',
    dims: { severity: [...SEVERITIES, 'other'] },
    clip: 500,
    excludes: [],
    expires: EXPIRES,
  },
  {
    name: 'review.decisions',
    purpose:
      'Findings that were decided about, by what was decided and by severity; other: of an earlier version, which did not record it.',
    unit: 'findings',
    dims: { decision: ['applied', 'dismissed', 'other'], severity: [...SEVERITIES, 'other'] },
    clip: 300,
    excludes: [],
    overlaps: [...SEVERITIES.map((severity) => ({ severity: [severity] })), {}].map((cells) => ({
      own: cells,
      others: [{ counter: 'review.findings', cells }],
    })),
    expires: EXPIRES,
  },
  {
    name: 'generate.outcomes',
    purpose: 'What became of generated changes; other: nobody decided, or a text was drafted.',
    unit: 'generations',
    dims: { outcome: ['accepted', 'edited', 'rejected', 'abandoned', 'cancelled', 'failed', 'other'] },
    clip: 200,
    excludes: ['generate.survival', 'models.calls'],
    overlaps: beside([{ outcome: ['accepted', 'edited'] }, {}], [['generate']]),
    expires: EXPIRES,
  },
  {
    // What is measured was accepted a week before, so beside the outcomes its sum would say again what they say; beside the calls, what
    // is left of those would be of the few who had other answers.
    name: 'generate.survival',
    purpose: 'Accepted proposals, by how much of them is still there after a week.',
    unit: 'accepted proposals',
    dims: { survival: [...labelsOf(SURVIVAL), 'other'] },
    clip: 200,
    excludes: ['generate.outcomes'],
    repeats: ['generate.outcomes', 'models.calls'],
    expires: EXPIRES,
  },
  {
    // Says more than the number of steps alone, and so comes before it. What was never seen to become ready is `unknown`, not `other`:
    // it is common, and can be published like any other figure.
    name: 'steps.dwell',
    purpose: 'Steps that became done, by kind and by how long they had been ready; unknown: that was not seen.',
    unit: 'steps',
    dims: { kind: STEP_KINDS, dwell: [...labelsOf(DWELL), 'unknown', 'other'] },
    clip: 200,
    excludes: ['steps.completed', BY_STEP],
    expires: EXPIRES,
  },
  {
    name: 'steps.completed',
    purpose: 'Steps that became done, by kind.',
    unit: 'steps',
    dims: { kind: STEP_KINDS },
    clip: 200,
    excludes: ['steps.dwell', BY_STEP],
    expires: EXPIRES,
  },
  {
    name: 'steps.failed',
    purpose: 'Attempts after which a step was not done, by kind.',
    unit: 'attempts',
    dims: { kind: STEP_KINDS },
    clip: 200,
    excludes: [],
    expires: EXPIRES,
  },
  {
    // The team's file says which steps, and `registryOf` puts them in.
    name: BY_STEP,
    purpose:
      'Steps that became done, by which of the listed steps it was and how long it had been ready; other: a step that is not listed; unknown: that was not seen.',
    unit: 'steps',
    dims: { step: ['other'], dwell: [...labelsOf(DWELL), 'unknown', 'other'] },
    clip: 200,
    excludes: ['steps.completed', 'steps.dwell'],
    expires: EXPIRES,
  },
  {
    name: 'steps.waived',
    purpose: 'Steps that were waived, by kind.',
    unit: 'steps',
    dims: { kind: STEP_KINDS },
    clip: 50,
    excludes: [],
    expires: EXPIRES,
  },
  {
    name: 'models.calls',
    purpose: 'Reviews and generations that a model answered, by family.',
    unit: 'calls',
    dims: { family: MODEL_FAMILIES },
    clip: 400,
    excludes: ['generate.outcomes', 'review.runs'],
    overlaps: beside([{}], [['review'], ['generate'], ['review', 'generate']]),
    expires: EXPIRES,
  },
  {
    name: 'models.cost',
    purpose: 'Cost of models in cents, by family, from the lower ends of the cost ranges.',
    unit: 'cents',
    dims: { family: MODEL_FAMILIES },
    clip: 10_000,
    excludes: [],
    expires: EXPIRES,
  },
  {
    name: 'assistants.tokens',
    purpose: 'Thousands of tokens that other assistants read and wrote, from the lower ends of the token ranges.',
    unit: 'thousands of tokens',
    dims: { source: ASSISTANTS, direction: ['input', 'output', 'other'] },
    clip: 50_000,
    excludes: [],
    expires: EXPIRES,
  },
  {
    name: 'assistants.days',
    purpose: 'Days on which an assistant was used.',
    unit: 'days',
    dims: { source: ASSISTANTS },
    clip: 7,
    excludes: [],
    expires: EXPIRES,
  },
];
