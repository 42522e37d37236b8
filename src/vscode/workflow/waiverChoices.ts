import { dayOf } from '../../core/expiry.ts';
import type { RunStatus, StepState, StepStatus } from '../../core/workflow/run.ts';
import type { Localiser } from './words.ts';

/** What *Skip with a Reason…* offers, and what the view knows of it. Pure, so that it is tested without the editor. */

const DAY_MS = 86_400_000;
const OFFERED_DAYS = [1, 3, 7, 14, 30, 90];
/** Reasons that are offered again. */
const REMEMBERED = 4;

/** What was chosen in this workspace before. */
export interface WaiverHabits {
  /** The newest first. */
  reasons: readonly string[];
  days?: number;
}

/** What is shown, and what `expires` becomes; without one a date is asked for. */
export interface EndChoice {
  label: string;
  description?: string;
  days?: number;
}

/** Who may be skipped: what is open. What is done, running or not needed anyway has nothing to skip. */
export function isWaivable({ state }: Pick<StepStatus, 'state'>): boolean {
  return WAIVABLE.has(state);
}

const WAIVABLE: ReadonlySet<StepState> = new Set(['ready', 'blocked', 'stale', 'failed']);

/** The reasons to pick from: those given before, then the usual ones. */
export function reasonChoices(l10n: Localiser, { reasons }: WaiverHabits): string[] {
  const usual = [
    l10n.t('Not needed for a change this small'),
    l10n.t('Done elsewhere, and linked in the pull request'),
    l10n.t('Cannot be done now; it is tracked and will follow'),
  ];
  return [...reasons, ...usual.filter((reason) => !reasons.includes(reason))];
}

/** The days to pick from: the last choice first, else what the workflow takes as usual; none beyond what it allows. */
export function endChoices(l10n: Localiser, waivers: RunStatus['waivers'], habits: WaiverHabits, now: number): EndChoice[] {
  const { usual, longest } = waivers ?? { usual: 14, longest: 90 };
  const first = habits.days !== undefined && habits.days <= longest ? habits.days : usual;
  const days = [first, ...[...new Set([...OFFERED_DAYS, usual])].filter((one) => one <= longest && one !== first).sort((a, b) => a - b)];
  return [
    ...days.map((count) => ({
      label: count === 1 ? l10n.t('Until tomorrow') : l10n.t('For {0} days', count),
      description: l10n.t('until {0}', dayOf(now + count * DAY_MS)),
      days: count,
    })),
    { label: l10n.t('Until a date…'), description: l10n.t('at most {0} days', longest) },
  ];
}

/** What is remembered after a choice. */
export function withHabit(habits: WaiverHabits, reason: string, days: number | undefined): WaiverHabits {
  const reasons = [reason, ...habits.reasons.filter((one) => one !== reason)].slice(0, REMEMBERED);
  const kept = days ?? habits.days;
  return { reasons, ...(kept === undefined ? {} : { days: kept }) };
}

/** What was stored; what is none of ours counts as nothing. */
export function habitsOf(stored: unknown): WaiverHabits {
  const { reasons, days } = (typeof stored === 'object' && stored !== null ? stored : {}) as { reasons?: unknown; days?: unknown };
  const texts = Array.isArray(reasons) ? reasons.filter((one): one is string => typeof one === 'string').slice(0, REMEMBERED) : [];
  return { reasons: texts, ...(typeof days === 'number' && Number.isInteger(days) && days > 0 ? { days } : {}) };
}
