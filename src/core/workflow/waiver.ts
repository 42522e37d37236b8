import { HandrailError } from '../errors.ts';
import { dayOf, endOfDay, parseExpiry } from '../expiry.ts';
import type { Approvers, Step, Workflow } from './definition.ts';
import type { RunStatus } from './run.ts';

/** Skipping a step with a reason, until the end of a day. */

const DAY_MS = 86_400_000;
/** No waiver holds longer, whatever a workflow says. Days. */
const LONGEST = 90;
/** How long one holds where neither the workflow nor the person says. Days. */
const USUAL = 14;
/** UTF-16 units. A reason is a sentence, and it stands in views and pull requests. */
export const MAX_REASON = 500;

/** How long a step of the workflow may be skipped, and how long it is where nobody says. Days. */
export interface WaiverDays {
  usual: number;
  longest: number;
}

/** `waive.expires` is both: what holds where nobody says, and the most that anybody may say. */
export function waiverDays(waive: Workflow['waive']): WaiverDays {
  const days = waive?.expires === undefined ? undefined : Number.parseInt(waive.expires, 10);
  return { usual: days ?? USUAL, longest: days ?? LONGEST };
}

/** Last day of a waiver given now. `wish` like `14d` or `2026-12-31`. Fails with `usage` where the wish is no day, past, or too far off. */
export function waiverEnd(wish: string | undefined, waive: Workflow['waive'], now: number): string {
  const { usual, longest } = waiverDays(waive);
  const latest = dayOf(now + longest * DAY_MS);
  const end = parseExpiry(wish ?? `${usual}d`, now);
  if (end <= latest) return end;
  throw new HandrailError('usage', `A step of this workflow may be skipped for ${longest} days at most, until ${latest}.`, {
    hint: 'Name an earlier day; when it is over, the step can be skipped again.',
  });
}

/** The reason as it is recorded: one line. Fails with `usage` where it says nothing or is no sentence any more. */
export function waiverReason(text: string): string {
  const reason = text.trim().replace(/\s+/gu, ' ');
  if (reason === '')
    throw new HandrailError('usage', 'Skipping a step needs a reason.', { hint: 'Say in one sentence why it is not needed here.' });
  if (reason.length > MAX_REASON) {
    throw new HandrailError('usage', `The reason is longer than ${MAX_REASON} characters.`, {
      hint: 'Say it in one sentence, and put the rest where it can be read.',
    });
  }
  return reason;
}

/**
 * Whose proof a waiver of the step takes in CI: whoever may approve an approval, elsewhere whom the workflow names. Here it is a claim,
 * since nobody can be told apart. Undefined where anybody may.
 */
export function waiverProof(step: Step, waive: Workflow['waive']): Approvers | undefined {
  return step.kind === 'approval' ? step.by : waive?.by;
}

/** When the first of a run's waivers ends, in milliseconds since the Unix epoch; undefined while none holds that ends. */
export function nextWaiverEnd(run: RunStatus | undefined): number | undefined {
  const ends = (run?.steps ?? []).flatMap(({ waiver }) => (waiver?.expires === undefined ? [] : [endOfDay(waiver.expires)]));
  return ends.length === 0 ? undefined : Math.min(...ends);
}
