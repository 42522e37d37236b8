import { normalDraw, seededRandom } from '../../seededRandom.ts';
import { weekOf } from '../../telemetry/week.ts';
import { bestOf, cellsOf, dispersionOf, drawsOf, fitsOf } from './curves.ts';
import { likelyShare, shareAt } from './logistic.ts';
import { type ParticipationWindow, shareOf } from './participationBands.ts';
import { middleOf, quantile, type Range } from './statistics.ts';

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

export interface CurveForecast {
  /** Released windows, then those to come. */
  readonly points: readonly ForecastPoint[];
  /** How many of the points are released windows. */
  readonly released: number;
  /** The share at which the curve levels off. */
  readonly ceiling: { readonly median: number; readonly within80: Range };
  /** How much more the counts vary than chance alone would have it; 1 or more. The intervals are widened by its root. */
  readonly dispersion: number;
}

/** The forecast of these windows, however few they are. */
export function forecastOf(windows: readonly ParticipationWindow[], { ahead, seed }: { ahead: number; seed: string }): CurveForecast {
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

function rosterOf({ bands }: ParticipationWindow): number {
  return bands.reduce((sum, { roster }) => sum + roster, 0);
}
