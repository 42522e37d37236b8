import type { ModelHealth } from './health.ts';
import type { ModelEntry } from './models.ts';

/** Calls below which a percentile is chance. */
export const CALLS_FOR_SLO = 20;

/** How a model's calls of the last 30 days stand against the entry's `slo`. It is shown, never enforced. */
export interface SloVerdict {
  verdict: 'met' | 'missed' | 'too-few-calls';
  /** Calls that were answered or failed. */
  calls: number;
  /** Milliseconds; `actual` is absent while no call was answered. */
  p95?: { target: number; actual?: number; met: boolean };
  /** Shares from 0 to 1. */
  errors?: { target: number; actual: number; met: boolean };
}

/** Undefined for an entry without an `slo`. */
export function sloOf(
  slo: ModelEntry['slo'],
  health: Pick<ModelHealth, 'settled' | 'p95' | 'errorRate'> | undefined,
): SloVerdict | undefined {
  if (slo === undefined || (slo.p95 === undefined && slo.errors === undefined)) return undefined;
  const calls = health?.settled ?? 0;
  const actual = health?.p95;
  const p95 =
    slo.p95 === undefined
      ? undefined
      : { target: slo.p95, ...(actual === undefined ? {} : { actual }), met: actual === undefined || actual <= slo.p95 };
  const share = health?.errorRate ?? 0;
  const errors = slo.errors === undefined ? undefined : { target: slo.errors, actual: share, met: share <= slo.errors };
  const isMet = (p95?.met ?? true) && (errors?.met ?? true);
  return {
    verdict: calls < CALLS_FOR_SLO ? 'too-few-calls' : isMet ? 'met' : 'missed',
    calls,
    ...(p95 === undefined ? {} : { p95 }),
    ...(errors === undefined ? {} : { errors }),
  };
}
