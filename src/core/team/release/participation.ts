/** How many people took part, never as a number: a band as wide as `k`, downward from the roster, or that there were at least `k`. */
export interface Participation {
  from: number;
  /** Missing where the team names no roster. */
  to?: number;
}

/**
 * The band that a number of people is in: with 14 on the roster and k = 5, one of 10-14 and 5-9, full participation included; without a
 * roster, from `k`. That there is a release says that there were `k` people, so no band goes below it, and one that would have no more than
 * half of its numbers left, 5 alone with 10 on the roster, joins the one above. Fewer than `k` are always one band.
 */
export function participationOf(people: number, { k, roster }: { k: number; roster?: number }): Participation {
  if (people < k) return { from: 0, ...(roster === undefined ? {} : { to: Math.min(roster, k - 1) }) };
  if (roster === undefined) return { from: k };
  const numbers = roster - k + 1;
  const bands = Math.max(1, Math.floor(numbers / k) + (2 * (numbers % k) > k ? 1 : 0));
  const band = Math.min(Math.floor((roster - people) / k), bands - 1);
  const to = roster - band * k;
  return { from: band === bands - 1 ? k : to - k + 1, to };
}
