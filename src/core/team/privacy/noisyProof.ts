import type { Counter } from '../../telemetry/counters.ts';
import type { Release } from '../release/release.ts';
import { weeksBetween } from '../window.ts';
import { epsilonOf, RHO_PARTS } from './zcdp.ts';

export interface NoisyProofParts {
  before: readonly Release[];
  counters: readonly Counter[];
  roster?: number;
}

/**
 * What is wrong with a differentially private release, one sentence each: its figures must be the ones that any other team of the same
 * size would have, its noise as large as it says, and the ledger within its budget. Worked out from what the release says, not from what
 * was given, which must not decide anything.
 */
export function noisyProofProblems(release: Release, { before, counters, roster }: NoisyProofParts): string[] {
  const { privacy, cells, window, participation, withheld } = release;
  if (privacy === undefined) return ['It says nothing of its noise.'];
  const problems: string[] = [];
  if (before.some((other) => other.window.from <= window.to && window.from <= other.window.to)) {
    problems.push('A window that overlaps it was released before, which spends the same budget twice.');
  }
  if (before.some((other) => other.privacy === undefined)) problems.push('A release of this ledger has no noise.');
  if (participation.from !== 0 || participation.to !== roster) problems.push('Its participation tells how many took part.');
  const weeks = weeksBetween(window);
  const published = new Set(cells.map(({ counter }) => counter));
  for (const { name, dims, clip } of counters) {
    const own = cells.filter(({ counter }) => counter === name);
    const all = Object.values(dims).reduce((count, values) => count * values.length, 1);
    const different = new Set(own.map((cell) => JSON.stringify(Object.entries(cell.dims).toSorted())));
    const isWhole = own.length === all && different.size === all;
    if (withheld.includes(name) ? own.length > 0 : !isWhole) problems.push(`Which figures there are of ${name} tells what was given.`);
    if (own.length === 0) continue;
    const noise = privacy.noise.find(({ counter }) => counter === name);
    if (noise === undefined || noise.clip > clip || noise.clip < 1) {
      problems.push(`It says no clip of ${name}.`);
      continue;
    }
    // The margin is 1.96 sigma; one person moves the counter by its clip in each week of the unit.
    const sensitivity = noise.clip * (privacy.unit === 'person' ? weeks : 1);
    const rho = sensitivity ** 2 / (2 * (noise.margin / 1.96) ** 2);
    // The margin is a whole number, rounded up.
    const allowed = sensitivity ** 2 / (2 * (Math.max(noise.margin - 1, 0.5) / 1.96) ** 2);
    const share = privacy.rho / Number(RHO_PARTS) / published.size;
    if (rho > share * (1 + 1e-9) || allowed < share * (1 - 1e-9)) problems.push(`The noise of ${name} is not what its epsilon takes.`);
  }
  if (epsilonOf(privacy.rho / Number(RHO_PARTS), privacy.delta) > privacy.epsilon * (1 + 1e-6))
    problems.push('It spends more than its epsilon.');
  const spent = privacy.unit === 'week' ? privacy.rho : [...before, release].reduce((sum, one) => sum + (one.privacy?.rho ?? 0), 0);
  if (epsilonOf(spent / Number(RHO_PARTS), privacy.delta) > privacy.budget * (1 + 1e-6)) problems.push('Its ledger is over its budget.');
  return problems;
}
