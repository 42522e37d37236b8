/**
 * What a figure tells beside its sum, because everybody knows how many people there are, that nobody counts for more than the clip, and
 * that at least `k` gave something. Near either end each person's own part follows from it. Only what is public decides, so that nothing
 * is learnt from the decision but that.
 */
export interface Bounds {
  k: number;
  /** How many people the team has, where it says so, and the most that took part by the release's own words. */
  roster?: number;
  people?: number;
  /** The most that one person can have in the figure, over all of the window. */
  most: number;
}

/** Whether a sum is so near to the most, or to the least, that it could be that somebody's part is known within a tenth. */
export function tellsOfEach(total: number, { k, roster, people, most }: Bounds): boolean {
  // Everyone gave something, or all but one, who knows it. A sum below two of each can leave one of each to whoever takes their own away.
  if (roster !== undefined && roster <= k + 1 && total < 2 * k) return true;
  // What is missing to the most must be more than one person can be missing, whoever takes their own away: a fifth of it more.
  return people !== undefined && 5 * (people * most - total) < 6 * most;
}
