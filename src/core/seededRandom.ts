/** Draws numbers from 0 to below 1. For simulations that anybody can repeat, never for secrets. */
export type Random = () => number;

/** Numbers that follow from a text alone: the same seed gives the same numbers everywhere (mulberry32 over FNV-1a). */
export function seededRandom(seed: string): Random {
  let state = 0x811c9dc5;
  for (let at = 0; at < seed.length; at += 1) state = Math.imul(state ^ seed.charCodeAt(at), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A draw of the normal distribution with mean 0 and deviation 1 (Box and Muller). */
export function normalDraw(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A count of what happens so often on average (Poisson; above 30 by its normal approximation). */
export function poissonDraw(mean: number, random: Random): number {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normalDraw(random)));
  const limit = Math.exp(-mean);
  let count = -1;
  for (let left = 1; left > limit; left *= random()) count += 1;
  return Math.max(0, count);
}
