import { HandrailError } from '../../errors.ts';
import type { ModelChoice } from '../service.ts';

/** The failure behind a choice that cannot be asked, or undefined for one that can. */
export function choiceFailure({ problem }: ModelChoice): HandrailError | undefined {
  if (problem === undefined) return undefined;
  const { reason, message, hint } = problem;
  return new HandrailError(reason, message, hint === undefined ? {} : { hint });
}
