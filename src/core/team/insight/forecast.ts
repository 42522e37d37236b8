import { normalDraw, seededRandom } from '../../seededRandom.ts';
import { weekOf } from '../../telemetry/week.ts';
import type { Release } from '../release/release.ts';
import { type Answered, LEAST_WINDOWS, notEnough } from './enough.ts';
import { bandMoments, type BandCell, fitLogistic, likelyShare, type LogisticFit, shareAt } from './logistic.ts';
import { type ParticipationWindow, participationWindows, type Rosters, shareOf } from './participationBands.ts';
import { logFactorials, middleOf, quantile, type Range, Z80 } from './statistics.ts';

/** The share of people who take part, 0 to 1, as a window would have it. */
export interface ForecastPoint {
  /** First week of the window. */
  readonly week: string;
  readonly median: number;
  readonly within80: Range;
  readonly within95: Range;
  /** Of a released window: the share by the lower and upper ends of its bands. */
  readonly observed?: Range & {
    /** The share that is most likely by these bands alone. */
    readonly likely: number;
  };
}

/** How good forecasts of the next window would have been, each made with the windows before it only. */
export interface Backtest {
  /** How many forecasts could be compared; the first is made with {@link LEAST_BACKTEST} windows. */
  readonly forecasts: number;
  /** Mean distance of the forecasts' median from what the window's bands make most likely, in shares: 0.03 is 3 percentage points. */
  readonly meanError: number;
  /** The same of the forecast that nothing changes. */
  readonly meanErrorOfNoChange: number;
  /** The part of the forecasts whose interval held what the window's bands make most likely, 0 to 1. */
  readonly coverage80: number;
  readonly coverage95: number;
  /** Half the width of the bands on average: the part of the error that could be theirs. */
  readonly bandHalfWidth: number;
  /**
   * How many times wider the intervals should have been, 1 or more: the root of the mean square of errors over their expected deviations.
   * The coverage is from before, and the forecast's own intervals are that much wider.
   */
  readonly widened: number;
}

export interface Forecast {
  /** Released windows, then those to come. */
  readonly points: readonly ForecastPoint[];
  /** How many of the points are released windows. */
  readonly released: number;
  /** The share at which the curve levels off. */
  readonly ceiling: { readonly median: number; readonly within80: Range };
  /** How much more the counts vary than chance alone would have it; 1 or more. The intervals are widened by its root. */
  readonly dispersion: number;
  readonly backtest: Backtest | undefined;
}

export interface ForecastOptions {
  readonly rosters: Rosters;
  /** Windows to look ahead; 6 when absent. */
  readonly ahead?: number;
  /** The same seed and releases give the same figures. */
  readonly seed?: string;
}

export const LEAST_BACKTEST = 5;
const DRAWS = 2000;

/**
 * How participation is likely to go on: a logistic curve of which level, slope and ceiling are not known for sure, on binomial counts of
 * which only bands are. It is a lower bound of use: who does not share is not seen. How it is computed is in docs/reference/figures.md.
 */
export function forecastAdoption(
  releases: readonly Release[],
  { rosters, ahead = 6, seed = 'forecast' }: ForecastOptions,
): Answered<Forecast> {
  const missing = notEnough(releases);
  if (missing !== undefined) return missing;
  const windows = participationWindows(releases, rosters);
  if (windows.length === 0) return { enough: false, reason: 'roster', have: 0, need: 1 };
  if (windows.length < LEAST_WINDOWS) return { enough: false, reason: 'windows', have: windows.length, need: LEAST_WINDOWS };
  const forecast = forecastOf(windows, { ahead, seed });
  const backtest = backtestOf(windows, seed);
  const points = forecast.points.map((point) => widenedBy(backtest?.widened ?? 1, point));
  return { enough: true, ...forecast, points, backtest };
}

/** The intervals of a curve that was further off than it expected are too narrow, whatever the reason: teams that differ, a change. */
function widenedBy(times: number, point: ForecastPoint): ForecastPoint {
  const wider = ({ low, high }: Range): Range => ({
    low: Math.max(0, point.median - times * (point.median - low)),
    high: Math.min(1, point.median + times * (high - point.median)),
  });
  return { ...point, within80: wider(point.within80), within95: wider(point.within95) };
}

/** The forecast of these windows, however few they are. */
export function forecastOf(
  windows: readonly ParticipationWindow[],
  { ahead, seed }: { ahead: number; seed: string },
): Omit<Forecast, 'backtest'> {
  const scale = scaleOf(windows);
  const cells = windows.map((window) => cellsOf(window, scale.at(window.start)));
  const fits = fitsOf(cells.flat());
  const best = bestOf(fits);
  const dispersion = dispersionOf(cells, best);
  const draws = drawsOf(fits, dispersion, seededRandom(`${seed} curves`));
  const noise = seededRandom(`${seed} counts`);
  const last = windows.at(-1);
  const to = Array.from({ length: Math.max(0, Math.floor(ahead)) }, (_, index) => (last?.start ?? 0) + (index + 1) * scale.step);
  const point = (start: number, roster: number): Omit<ForecastPoint, 'observed'> => {
    const x = scale.at(start);
    const shares = Float64Array.from(draws, (draw) => {
      const p = shareAt(draw, x);
      const deviation = Math.sqrt((dispersion * p * (1 - p)) / Math.max(1, roster));
      return Math.max(0, Math.min(1, p + deviation * normalDraw(noise)));
    }).sort();
    return { week: weekOf(start), median: quantile(shares, 0.5), within80: middleOf(shares, 0.8), within95: middleOf(shares, 0.95) };
  };
  const released = windows.map((window) => {
    return { ...point(window.start, rosterOf(window)), observed: { ...shareOf(window), likely: likelyShare(cellsOf(window, 0)) } };
  });
  const roster = last === undefined ? 1 : rosterOf(last);
  const ceilings = Float64Array.from(draws, ({ ceiling }) => ceiling).sort();
  return {
    points: [...released, ...to.map((start) => point(start, roster))],
    released: released.length,
    ceiling: { median: quantile(ceilings, 0.5), within80: middleOf(ceilings, 0.8) },
    dispersion,
  };
}

/** Rolling origin (Tashman, Int. J. Forecasting 16, 2000): the next window from those before it, again and again. */
export function backtestOf(windows: readonly ParticipationWindow[], seed: string): Backtest | undefined {
  const compared = windows.slice(LEAST_BACKTEST).map((window, index) => {
    const before = windows.slice(0, LEAST_BACKTEST + index);
    const points = forecastOf(before, { ahead: 1, seed }).points;
    const { low, high } = shareOf(window);
    const [seen, last] = [window, before.at(-1) ?? window].map((one) => likelyShare(cellsOf(one, 0)));
    return { seen: seen ?? 0, last: last ?? 0, half: (high - low) / 2, next: points.at(-1) };
  });
  const forecasts = compared.flatMap(({ next, ...one }) => (next === undefined ? [] : [{ ...one, next }]));
  if (forecasts.length === 0) return undefined;
  const mean = (of: (one: (typeof forecasts)[number]) => number): number =>
    forecasts.reduce((sum, one) => sum + of(one), 0) / forecasts.length;
  return {
    forecasts: forecasts.length,
    meanError: mean(({ next, seen }) => Math.abs(next.median - seen)),
    meanErrorOfNoChange: mean(({ last, seen }) => Math.abs(last - seen)),
    coverage80: mean(({ next, seen }) => (isWithin(next.within80, seen) ? 1 : 0)),
    coverage95: mean(({ next, seen }) => (isWithin(next.within95, seen) ? 1 : 0)),
    bandHalfWidth: mean(({ half }) => half),
    widened: Math.max(1, Math.sqrt(mean(({ next, seen }) => ((seen - next.median) / deviationOf(next)) ** 2))),
  };
}

/** About one standard deviation, by the width of the 80 % interval. */
function deviationOf({ within80: { low, high } }: ForecastPoint): number {
  return Math.max(1e-6, (high - low) / (2 * Z80));
}

function isWithin({ low, high }: Range, value: number): boolean {
  return low <= value && value <= high;
}

/** Time as -1 to 1 over the released windows, and how far one begins from the next: the middle of the distances. */
function scaleOf(windows: readonly ParticipationWindow[]): { at(start: number): number; step: number } {
  const starts = windows.map(({ start }) => start);
  const first = starts[0] ?? 0;
  const half = Math.max(1, ((starts.at(-1) ?? 0) - first) / 2);
  const steps = starts.slice(1).map((start, index) => start - (starts[index] ?? start));
  const WEEK = 7 * 24 * 3600 * 1000;
  const step = steps.length === 0 ? 4 * WEEK : quantile(Float64Array.from(steps).sort(), 0.5);
  return { at: (start) => (start - first) / half - 1, step: Math.max(WEEK, Math.round(step / WEEK) * WEEK) };
}

/** Teams of the same size in the same band count together. */
function cellsOf({ bands }: ParticipationWindow, x: number): BandCell[] {
  const cells = new Map<string, BandCell>();
  for (const { roster, from, to } of bands) {
    const key = `${roster} ${from} ${to}`;
    cells.set(key, { x, roster, from, to, teams: (cells.get(key)?.teams ?? 0) + 1 });
  }
  return [...cells.values()];
}

function rosterOf({ bands }: ParticipationWindow): number {
  return bands.reduce((sum, { roster }) => sum + roster, 0);
}

/** Distances of the ceilings that are tried: over all there could be, then around the best of those before. */
const FIRST_DISTANCE = 0.1;
const FINER = [0.02, 0.005];
const LEAST_CEILING = 0.3;

/** The best curve for ceilings from 0.3 to 1, more of them where they fit best; each search starts from the nearest one before. */
function fitsOf(cells: readonly BandCell[]): LogisticFit[] {
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

function bestOf(fits: readonly LogisticFit[]): LogisticFit {
  return fits.reduce((one, other) => (other.logLikelihood > one.logLikelihood ? other : one));
}

/** Pearson's statistic of whole windows over its degrees of freedom (McCullagh and Nelder 1989, 4.5), at least 1. */
function dispersionOf(windows: readonly (readonly BandCell[])[], fit: LogisticFit): number {
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
function drawsOf(
  fits: readonly LogisticFit[],
  dispersion: number,
  random: () => number,
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
