import { HandrailError } from '../../core/errors.ts';
import type { PrivacyOptions } from '../../core/team/privacy/privacy.ts';

const KEYS = ['epsilon', 'delta', 'budget', 'unit', 'clip'] as const;

/** `--dp epsilon=1,delta=1e-5,budget=4,unit=person,clip=0.1` as options; `delta`, `unit` and `clip` may be left out. Fails with `usage`. */
export function privacyOf(text: string): PrivacyOptions {
  const given = new Map<string, string>();
  for (const part of text.split(',')) {
    const [key = '', value = '', ...more] = part.trim().split('=');
    if (!KEYS.some((known) => known === key) || value === '' || more.length > 0 || given.has(key)) {
      throw wrong(`--dp ${JSON.stringify(part)} is none of ${KEYS.join(', ')}.`);
    }
    given.set(key, value);
  }
  const unit = given.get('unit') ?? 'person';
  if (unit !== 'person' && unit !== 'week') throw wrong(`unit=${unit} is neither person nor week.`);
  const epsilon = numberOf(given.get('epsilon'), 'epsilon', 0.01, 10);
  if (unit === 'person' && !given.has('budget')) {
    throw wrong('budget is missing: how much epsilon all releases of the ledger together may mean for a person.');
  }
  return {
    unit,
    epsilon,
    delta: numberOf(given.get('delta') ?? '1e-5', 'delta', 1e-12, 1e-3),
    budget: given.has('budget') ? numberOf(given.get('budget'), 'budget', 0.01, 100) : epsilon,
    clip: numberOf(given.get('clip') ?? '1', 'clip', 0.001, 1),
  };
}

function numberOf(text: string | undefined, key: string, least: number, most: number): number {
  const value = text !== undefined && /^\d+(?:\.\d+)?(?:e-?\d{1,2})?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw wrong(text === undefined ? `${key} is missing.` : `${key}=${text} is no number from ${least} to ${most}.`);
}

function wrong(message: string): HandrailError {
  return new HandrailError('usage', message, {
    hint: 'Write it like --dp epsilon=1,budget=4,clip=0.1; docs/reference/team.md explains each.',
  });
}
