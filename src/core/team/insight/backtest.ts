import { cellsOf } from './curves.ts';
import { type ForecastPoint, forecastOf } from './curveForecast.ts';
import { likelyShare } from './logistic.ts';
import { type ParticipationWindow, shareOf } from './participationBands.ts';
import { type Range, Z80 } from './statistics.ts';

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

export const LEAST_BACKTEST = 5;

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
