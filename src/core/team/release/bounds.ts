/**
 * What a figure tells beside its sum, because people know how many they are, that nobody counts for more than the clip, and that at least
 * `k` gave something. Near either end each person's own part follows from it.
 */
export interface Bounds {
  k: number;
  /** How many people the team has, where it says so. */
  roster?: number;
  /**
   * The most that took part by the release's own words, so that nothing is learnt from what is decided by it. Without a roster it says
   * nothing, while whoever is in the team may know: then those who did take part.
   */
  people: number;
  /** The most that one person can have in the figure, over all of the window. */
  most: number;
}

/** Whether a sum is so near to the most, or to the least, that it could be that somebody's part is known within a tenth. */
export function tellsOfEach(total: number, { k, roster, people, most }: Bounds): boolean {
  // Everyone gave something, or all but one, who knows it. A sum below two of each can leave one of each to whoever takes their own away.
  // A team that names no roster may be so small. How many took part must not decide: a small sum that is published would tell it.
  if ((roster === undefined || roster <= k + 1) && total < 2 * k) return true;
  // What is missing to the most must be more than one person can be missing, whoever takes their own away: a fifth of it more.
  return 5 * (people * most - total) < 6 * most;
}
