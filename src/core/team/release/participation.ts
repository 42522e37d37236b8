/** How many people took part, never as a number: a band as wide as `k`, downward from the roster, or that there were at least `k`. */
export interface Participation {
  from: number;
  /** Missing where the team names no roster. */
  to?: number;
}

/**
 * The band that a number of people is in: with 14 on the roster and k = 5, one of 10-14, 5-9 and 0-4, full participation included. Without
 * a roster, from `k`, or from 0 where there were fewer.
 */
export function participationOf(people: number, { k, roster }: { k: number; roster?: number }): Participation {
  if (roster === undefined) return { from: people >= k ? k : 0 };
  const band = Math.floor((roster - people) / k);
  const to = roster - band * k;
  return { from: Math.max(0, to - k + 1), to };
}
