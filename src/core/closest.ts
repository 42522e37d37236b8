import { distance } from 'fastest-levenshtein';

/** Longest distance at which a name is still taken for a slip of another. */
const CLOSE = 3;

/** The candidate someone probably meant, or undefined when none is close. */
export function closest(name: string, candidates: Iterable<string>): string | undefined {
  let best: { candidate: string; apart: number } | undefined;
  for (const candidate of candidates) {
    const apart = distance(name.toLowerCase(), candidate.toLowerCase());
    if (!best || apart < best.apart) best = { candidate, apart };
  }
  return best && best.apart <= Math.min(CLOSE, Math.floor(name.length / 2)) ? best.candidate : undefined;
}
