import { normalDraw, type Random } from '../../seededRandom.ts';
import { bandMoments, type BandCell, fitLogistic, type LogisticFit, shareAt } from './logistic.ts';
import type { ParticipationWindow } from './participationBands.ts';
import { logFactorials } from './statistics.ts';

/** Logistic curves of which the ceiling is not known either: how well each fits, and how sure all of them are. */

const DRAWS = 2000;
/** Teams of the same size in the same band count together. */
export function cellsOf({ bands }: ParticipationWindow, x: number): BandCell[] {
  const cells = new Map<string, BandCell>();
  for (const { roster, from, to } of bands) {
    const key = `${roster} ${from} ${to}`;
    cells.set(key, { x, roster, from, to, teams: (cells.get(key)?.teams ?? 0) + 1 });
  }
  return [...cells.values()];
}

/** Distances of the ceilings that are tried: over all there could be, then around the best of those before. */
const FIRST_DISTANCE = 0.1;
const FINER = [0.02, 0.005];
const LEAST_CEILING = 0.3;

/** The best curve for ceilings from 0.3 to 1, more of them where they fit best; each search starts from the nearest one before. */
export function fitsOf(cells: readonly BandCell[]): LogisticFit[] {
  const fits = new Map<number, LogisticFit>();
  const tryAt = (ceiling: number): void => {
    const rounded = Math.round(ceiling * 1000) / 1000;
    if (rounded > 1 || rounded < LEAST_CEILING || fits.has(rounded)) return;
    const nearest = [...fits.values()].toSorted((a, b) => Math.abs(a.ceiling - rounded) - Math.abs(b.ceiling - rounded))[0];
    fits.set(rounded, fitLogistic(cells, rounded, nearest));
  };
  for (let ceiling = 1; ceiling > LEAST_CEILING - 0.01; ceiling -= FIRST_DISTANCE) tryAt(ceiling);
  let around = FIRST_DISTANCE;
  for (const distance of FINER) {
    const { ceiling } = bestOf([...fits.values()]);
    for (let away = distance; away < around; away += distance) {
      tryAt(ceiling - away);
      tryAt(ceiling + away);
    }
    around = distance;
  }
  return [...fits.values()].toSorted((a, b) => a.ceiling - b.ceiling);
}

export function bestOf(fits: readonly LogisticFit[]): LogisticFit {
  return fits.reduce((one, other) => (other.logLikelihood > one.logLikelihood ? other : one));
}

/** Pearson's statistic of whole windows over its degrees of freedom (McCullagh and Nelder 1989, 4.5), at least 1. */
export function dispersionOf(windows: readonly (readonly BandCell[])[], fit: LogisticFit): number {
  const factorials = logFactorials(Math.max(1, ...windows.flat().map(({ roster }) => roster)));
  let statistic = 0;
  for (const cells of windows) {
    let difference = 0;
    let variance = 0;
    for (const cell of cells) {
      const p = Math.min(1 - 1e-9, Math.max(1e-9, shareAt(fit, cell.x)));
      const expected = cell.roster * p;
      const { mean, variance: hidden } = bandMoments(cell, p, factorials);
      difference += cell.teams * (mean - expected);
      variance += cell.teams * Math.max(0, expected * (1 - p) - hidden);
    }
    if (variance > 1e-9) statistic += difference ** 2 / variance;
  }
  return Math.max(1, statistic / Math.max(1, windows.length - 3));
}

/** Curves as often as they are likely: each ceiling by its likelihood, level and slope around the best ones for it. */
export function drawsOf(
  fits: readonly LogisticFit[],
  dispersion: number,
  random: Random,
): Pick<LogisticFit, 'ceiling' | 'level' | 'slope'>[] {
  const most = Math.max(...fits.map(({ logLikelihood }) => logLikelihood));
  // As much of the line of ceilings as is nearer to this one than to the next.
  const widthOf = (index: number): number =>
    ((fits[index + 1] ?? fits[index])?.ceiling ?? 1) - ((fits[index - 1] ?? fits[index])?.ceiling ?? 1);
  const weights = fits.map(({ logLikelihood }, index) => widthOf(index) * Math.exp((logLikelihood - most) / dispersion));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  let upTo = 0;
  let taken = 0;
  return fits.flatMap((fit, index) => {
    upTo += (weights[index] ?? 0) / all;
    const until = index === fits.length - 1 ? DRAWS : Math.round(DRAWS * upTo);
    const [level, both, slope] = fit.covariance.map((value) => value * dispersion);
    const first = Math.sqrt(Math.max(0, level ?? 0));
    const across = first === 0 ? 0 : (both ?? 0) / first;
    const second = Math.sqrt(Math.max(0, (slope ?? 0) - across ** 2));
    const drawn = Array.from({ length: Math.max(0, until - taken) }, () => {
      const one = normalDraw(random);
      return { ceiling: fit.ceiling, level: fit.level + first * one, slope: fit.slope + across * one + second * normalDraw(random) };
    });
    taken = Math.max(taken, until);
    return drawn;
  });
}
