import { SEVERITIES } from '../ai/finding.ts';
import { DWELL, labelsOf, SURVIVAL } from './buckets.ts';
import { FIELDS, MODEL_FAMILIES } from './catalogue.ts';

/**
 * Sums over events that a team may choose to see. A team's registry lists some of them; nothing else is ever contributed. On this
 * machine they only describe what could be shared later.
 */
export interface Counter {
  readonly name: string;
  readonly purpose: string;
  /** Name of a dimension to its values. */
  readonly dims: Readonly<Record<string, readonly string[]>>;
  /** The largest value of one cell that counts of one person in one week. */
  readonly clip: number;
  /** Counters whose sums follow from this one's; the two are never both published. */
  readonly excludes: readonly string[];
}

const STEP_KINDS = FIELDS.workflowStepKind.values;
const ASSISTANTS = FIELDS.source.values.filter((source) => source !== 'handrail');

export const COUNTERS: readonly Counter[] = [
  {
    name: 'review.runs',
    purpose: 'Reviews that were started, by how they ended.',
    dims: { outcome: ['completed', 'cancelled', 'failed', 'other'] },
    clip: 200,
    excludes: ['models.calls'],
  },
  {
    name: 'review.findings',
    purpose: 'Findings of reviews, by severity.',
    dims: { severity: [...SEVERITIES, 'other'] },
    clip: 500,
    excludes: [],
  },
  {
    name: 'generate.outcomes',
    purpose: 'What became of generated changes.',
    dims: { outcome: ['accepted', 'edited', 'rejected', 'abandoned', 'cancelled', 'failed', 'other'] },
    clip: 200,
    excludes: ['generate.survival', 'models.calls'],
  },
  {
    // What is measured was accepted a week before, so beside the outcomes its sum would say again what they say.
    name: 'generate.survival',
    purpose: 'Accepted proposals, by how much of them is still there after a week.',
    dims: { survival: [...labelsOf(SURVIVAL), 'other'] },
    clip: 200,
    excludes: ['generate.outcomes'],
  },
  {
    name: 'steps.completed',
    purpose: 'Steps that became done, by kind.',
    dims: { kind: STEP_KINDS },
    clip: 200,
    excludes: ['steps.dwell'],
  },
  {
    name: 'steps.dwell',
    purpose: 'Steps that became done, by how long they had been ready.',
    dims: { dwell: [...labelsOf(DWELL), 'other'] },
    clip: 200,
    excludes: ['steps.completed'],
  },
  {
    name: 'steps.waived',
    purpose: 'Steps that were waived, by kind.',
    dims: { kind: STEP_KINDS },
    clip: 50,
    excludes: [],
  },
  {
    name: 'models.calls',
    purpose: 'Reviews and generations that a model answered, by family.',
    dims: { family: MODEL_FAMILIES },
    clip: 400,
    excludes: ['generate.outcomes', 'review.runs'],
  },
  {
    name: 'models.cost',
    purpose: 'Cost of models in cents, by family, from the lower ends of the cost ranges.',
    dims: { family: MODEL_FAMILIES },
    clip: 10_000,
    excludes: [],
  },
  {
    name: 'assistants.tokens',
    purpose: 'Thousands of tokens that other assistants read and wrote.',
    dims: { source: ASSISTANTS, direction: ['input', 'output', 'other'] },
    clip: 50_000,
    excludes: [],
  },
  {
    name: 'assistants.days',
    purpose: 'Days on which an assistant was used.',
    dims: { source: ASSISTANTS },
    clip: 7,
    excludes: [],
  },
];
