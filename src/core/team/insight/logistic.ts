import { logFactorials } from './statistics.ts';

/** `teams` teams of `roster` people each, of whom `from` to `to` took part, at the time `x` (about -1 to 1). */
export interface BandCell {
  readonly x: number;
  readonly roster: number;
  readonly from: number;
  readonly to: number;
  readonly teams: number;
}

/** The share `ceiling / (1 + exp(-(level + slope * x)))`, how sure level and slope are, and how well it fits. */
export interface LogisticFit {
  readonly ceiling: number;
  readonly level: number;
  readonly slope: number;
  /** Of level, of both, of slope. */
  readonly covariance: readonly [number, number, number];
  readonly logLikelihood: number;
}

export function shareAt({ ceiling, level, slope }: Pick<LogisticFit, 'ceiling' | 'level' | 'slope'>, x: number): number {
  return ceiling / (1 + Math.exp(-(level + slope * x)));
}

/** Deviation of the normal prior of level and slope: wide, but nobody ever having taken part still has a finite answer. */
const PRIOR = 5;
const MOST_STEPS = 60;

/**
 * The most likely logistic curve with this ceiling, of binomial counts of which only a band is known: the likelihood of a cell is the
 * probability of its band. Newton's method with the expected information less what the bands hide (Louis, J. R. Stat. Soc. B 44, 1982),
 * and a weakly informative prior (Gelman and others, Ann. Appl. Stat. 2, 2008).
 */
export function fitLogistic(
  cells: readonly BandCell[],
  ceiling: number,
  start: { level: number; slope: number } = { level: 0, slope: 0 },
): LogisticFit {
  const factorials = logFactorials(Math.max(1, ...cells.map(({ roster }) => roster)));
  let at = { ceiling, level: start.level, slope: start.slope };
  let here = likelihood(cells, at, factorials);
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const [covLevel, covBoth, covSlope] = inverse(here.information);
    let dLevel = covLevel * here.score[0] + covBoth * here.score[1];
    let dSlope = covBoth * here.score[0] + covSlope * here.score[1];
    let next = here;
    let there = at;
    // A step that overshoots is halved.
    for (let halving = 0; halving < 20; halving += 1) {
      there = { ceiling, level: at.level + dLevel, slope: at.slope + dSlope };
      next = likelihood(cells, there, factorials);
      if (next.value >= here.value) break;
      dLevel /= 2;
      dSlope /= 2;
    }
    if (!(next.value >= here.value)) break;
    const gained = next.value - here.value;
    at = there;
    here = next;
    if (gained < 1e-7) break;
  }
  return { ...at, covariance: inverse(here.information), logLikelihood: here.value };
}

interface Likelihood {
  value: number;
  score: [number, number];
  information: [number, number, number];
}

function likelihood(
  cells: readonly BandCell[],
  at: Pick<LogisticFit, 'ceiling' | 'level' | 'slope'>,
  factorials: Float64Array,
): Likelihood {
  const prior = 1 / (PRIOR * PRIOR);
  let value = -0.5 * prior * (at.level ** 2 + at.slope ** 2);
  const score: [number, number] = [-prior * at.level, -prior * at.slope];
  const information: [number, number, number] = [prior, 0, prior];
  for (const cell of cells) {
    const { x, roster, teams } = cell;
    const p = clamp(shareAt(at, x));
    const { log, mean, variance } = bandMoments(cell, p, factorials);
    const s = p / at.ceiling;
    // How much the count's own parameter, log(p / (1 - p)), moves with level + slope * x.
    const moves = (1 - s) / (1 - p);
    value += teams * log;
    const slope = teams * moves * (mean - roster * p);
    score[0] += slope;
    score[1] += slope * x;
    // What the bands hide is never all: a cell that says anything keeps a little.
    const known = teams * moves ** 2 * Math.max(1e-6, roster * p * (1 - p) - variance);
    information[0] += known;
    information[1] += known * x;
    information[2] += known * x * x;
  }
  return { value, score, information };
}

/** Probability of a band under the binomial distribution (its logarithm), and mean and variance of a count within it. */
export function bandMoments(
  { roster, from, to }: Pick<BandCell, 'roster' | 'from' | 'to'>,
  p: number,
  factorials: Float64Array,
): { log: number; mean: number; variance: number } {
  const odds = Math.log(p / (1 - p));
  const logOf = (count: number): number =>
    (factorials[roster] ?? 0) - (factorials[count] ?? 0) - (factorials[roster - count] ?? 0) + count * odds;
  const peak = logOf(Math.max(from, Math.min(to, Math.floor((roster + 1) * p))));
  let mass = 0;
  let first = 0;
  let second = 0;
  for (let count = from; count <= to; count += 1) {
    const weight = Math.exp(logOf(count) - peak);
    mass += weight;
    first += weight * count;
    second += weight * count * count;
  }
  const mean = first / mass;
  return { log: Math.log(mass) + peak + roster * Math.log(1 - p), mean, variance: Math.max(0, second / mass - mean * mean) };
}

/** The one share of everybody that makes these bands most likely (expectation and maximisation: Dempster, Laird and Rubin 1977). */
export function likelyShare(cells: readonly BandCell[]): number {
  const factorials = logFactorials(Math.max(1, ...cells.map(({ roster }) => roster)));
  const all = cells.reduce((sum, { roster, teams }) => sum + roster * teams, 0);
  let share = cells.reduce((sum, { from, to, teams }) => sum + (teams * (from + to)) / 2, 0) / Math.max(1, all);
  for (let step = 0; step < 200; step += 1) {
    const p = clamp(share);
    const next = cells.reduce((sum, cell) => sum + cell.teams * bandMoments(cell, p, factorials).mean, 0) / Math.max(1, all);
    if (Math.abs(next - share) < 1e-6) return next;
    share = next;
  }
  return share;
}

function clamp(p: number): number {
  return Math.min(1 - 1e-9, Math.max(1e-9, p));
}

/** Of a symmetric matrix of two rows: first, both, second. */
function inverse([first, both, second]: readonly [number, number, number]): [number, number, number] {
  const determinant = Math.max(first * second - both * both, 1e-12);
  return [second / determinant, -both / determinant, first / determinant];
}
