import { HandrailError } from '../../errors.ts';
import type { Release } from '../release/release.ts';
import type { PrivacyOptions } from './privacy.ts';
import { epsilonOf, RHO_PARTS, rhoPartsOf } from './zcdp.ts';

/** The most of what the roster could give that the noise of a figure may be, 95 times of 100. */
const MOST_NOISE = 0.02;

/**
 * Refuses a release that its ledger has no budget left for, or that does not go with it. Of a person's week there is one release, so weeks
 * spend nothing of one another; of a person, all releases of the ledger add up. Fails with `conflict`.
 */
export function requireBudget(before: readonly Pick<Release, 'id' | 'privacy'>[], options: PrivacyOptions): void {
  const { unit, delta, budget } = options;
  const exact = before.find(({ privacy }) => privacy === undefined);
  if (exact !== undefined) {
    throw refused(`${exact.id} in this ledger has no noise, and what it told cannot be taken back.`, 'Begin another ledger: --out DIR');
  }
  const other = before.find(
    ({ privacy }) => privacy !== undefined && !(privacy.unit === unit && privacy.delta === delta && privacy.budget === budget),
  );
  if (other?.privacy !== undefined) {
    const agreed = `unit=${other.privacy.unit}, delta=${other.privacy.delta} and budget=${other.privacy.budget}`;
    throw refused(`This ledger was begun with ${agreed}, which hold for all of it.`, 'Say the same with --dp.');
  }
  const spent = unit === 'week' ? 0 : before.reduce((sum, { privacy }) => sum + (privacy?.rho ?? 0), 0);
  const epsilon = epsilonOf((spent + Number(rhoPartsOf(options.epsilon, delta))) / Number(RHO_PARTS), delta);
  if (epsilon > budget * (1 + 1e-9)) {
    throw refused(
      `With this release the ledger would mean epsilon ${epsilon.toFixed(2)} for each ${unit === 'week' ? "person's week" : 'person'}, more than its budget of ${budget}.`,
      spent === 0 ? 'Name a smaller epsilon, or a larger budget.' : 'The budget of this ledger is spent. What was released stays as it is.',
    );
  }
}

/** Refuses an exact release in a ledger whose releases have noise: it would undo what they promise. Fails with `conflict`. */
export function requireExactLedger(before: readonly Pick<Release, 'id' | 'privacy'>[]): void {
  const noisy = before.find(({ privacy }) => privacy !== undefined);
  if (noisy === undefined) return;
  throw refused(
    `${noisy.id} in this ledger is differentially private, and a release without noise would undo that.`,
    'Say --dp as before.',
  );
}

/**
 * Refuses noise in which the figures would drown. How large it is beside what a team of this size could give at most is all that is looked
 * at, never what was given: the refusal tells nothing. Fails with `conflict`.
 */
export function requireLegible(
  options: PrivacyOptions,
  { roster, weeks, counters }: { roster: number; weeks: number; counters: number },
): void {
  const rho = Number(rhoPartsOf(options.epsilon, options.delta)) / Number(RHO_PARTS);
  // In clips, for one figure: so many clips are the noise, and so many the team could give.
  const noise = 1.96 * Math.sqrt(counters / (2 * rho)) * (options.unit === 'person' ? weeks : 1);
  const part = noise / (roster * weeks);
  if (part <= MOST_NOISE) return;
  const alone = 1.96 * Math.sqrt(1 / (2 * rho));
  throw refused(
    `The figures would drown: at epsilon ${options.epsilon} and delta ${options.delta} one count alone carries noise of ±${alone.toFixed(1)} times the clip ` +
      `(95 %), and with ${counters} counters that is ${(part * 100).toFixed(1)} % of the most that ${roster} people could give.`,
    `It takes ${Math.ceil((roster * part) / MOST_NOISE)} people, fewer counters, or a larger epsilon. Without --dp, the rule of safe groups holds for any team.`,
  );
}

function refused(message: string, hint: string): HandrailError {
  return new HandrailError('conflict', message, { hint });
}
