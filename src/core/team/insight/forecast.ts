import type { Release } from '../release/release.ts';
import { type Backtest, backtestOf } from './backtest.ts';
import { type CurveForecast, forecastOf, type ForecastPoint } from './curveForecast.ts';
import { type Answered, LEAST_WINDOWS, notEnough } from './enough.ts';
import { participationWindows, type Rosters } from './participationBands.ts';
import type { Range } from './statistics.ts';

export interface Forecast extends CurveForecast {
  /** Undefined with too few windows to compare. The points' intervals are widened by what it says. */
  readonly backtest: Backtest | undefined;
}

export interface ForecastOptions {
  readonly rosters: Rosters;
  /** Windows to look ahead; 6 when absent. */
  readonly ahead?: number;
  /** The same seed and releases give the same figures. */
  readonly seed?: string;
}

/**
 * How participation is likely to go on: a logistic curve of which level, slope and ceiling are not known for sure, on binomial counts of
 * which only bands are. It is a lower bound of use: who does not share is not seen. How it is computed is in docs/reference/figures.md.
 */
export function forecastAdoption(
  releases: readonly Release[],
  { rosters, ahead = 6, seed = 'forecast' }: ForecastOptions,
): Answered<Forecast> {
  // People of teams without a roster are in no share, so they make no forecast better.
  const known = releases.filter(({ team }) => Object.hasOwn(rosters, team));
  const missing = notEnough(known.length === 0 ? releases : known);
  if (missing !== undefined) return missing;
  const windows = participationWindows(known, rosters);
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
