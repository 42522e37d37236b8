import type { StepStatus } from './run.ts';

/** A model as it would be asked: the name of its entry, and what the endpoint calls it. */
export interface Reviewer {
  kind: 'builtin' | 'model';
  name: string;
  model?: string;
}

/**
 * What this reviewer made itself of what the step has to be independent of, or undefined when it may review. Asked before anything is
 * sent, since its review would not settle the step. Two entries may name one model.
 */
export function ownWork({ madeBy = [] }: Pick<StepStatus, 'madeBy'>, { kind, name, model }: Reviewer): { title: string } | undefined {
  if (kind === 'builtin') return undefined;
  return madeBy.find((made) => made.model === name || (made.modelId !== undefined && made.modelId === model));
}
