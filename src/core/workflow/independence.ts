import type { ModelChoice, ReviewService } from '../ai/service.ts';
import type { StepStatus } from './run.ts';

/** A model as it would be asked: the name of its entry, and what the endpoint calls it. */
type Reviewer = Pick<ModelChoice, 'kind' | 'name' | 'model'>;

/**
 * The model that would review the step although it made what it looks at, with what it made; undefined when it may review. Asked before
 * anything is sent, since its review would not settle the step.
 */
export async function ownReviewer(
  step: StepStatus,
  service: Pick<ReviewService, 'choose'>,
): Promise<{ choice: ModelChoice; made: { title: string } } | undefined> {
  if (step.madeBy === undefined) return undefined;
  const choice = await service.choose(step.role === undefined ? {} : { role: step.role });
  const made = ownWork(step, choice);
  return made && { choice, made };
}

/** What this reviewer made itself of what the step has to be independent of, or undefined. Two entries may name one model. */
export function ownWork({ madeBy = [] }: Pick<StepStatus, 'madeBy'>, { kind, name, model }: Reviewer): { title: string } | undefined {
  if (kind === 'builtin') return undefined;
  return madeBy.find((made) => made.model === name || (made.modelId !== undefined && made.modelId === model));
}
