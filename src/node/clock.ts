import type { Clock } from '../core/ports.ts';

export const systemClock: Clock = { now: () => Date.now() };

/**
 * The system's clock, or the one that `HANDRAIL_NOW` (an ISO date or time) sets for tests and examples. A value that is no time makes
 * a clock that nobody can believe.
 */
export function environmentClock(env: Readonly<Record<string, string | undefined>>): Clock {
  const set = env['HANDRAIL_NOW'];
  if (set === undefined || set === '') return systemClock;
  const time = Date.parse(set);
  return { now: () => time };
}
