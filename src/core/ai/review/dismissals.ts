import { isExpired } from '../../expiry.ts';
import type { Finding } from '../finding.ts';
import { sameWords } from './filter.ts';
import { squeeze } from './lines.ts';

/**
 * A remembered "do not show this again", by one person or by the team in `.handrail/dismissals.yml`. What `handrail dismiss` writes
 * is complete; entries that people wrote may hold no more than fingerprint and reason.
 */
export interface Dismissal {
  /** See `fingerprintOf`. */
  fingerprint: string;
  reason: string;
  /** Last day it holds, `YYYY-MM-DD` in UTC; absent means for good. */
  expires?: string;
  /** Where the finding was, relative to the workspace folder; absent means anywhere. */
  file?: string;
  /** Rule of an engine, else the category. */
  rule?: string;
  quote?: string;
  /** Enclosing symbol; absent at the top of a file. */
  symbol?: string;
  title?: string;
}

/** Shorter quotes are part of too many others. */
const MIN_PART = 8;

/** What is asked about: a finding with its enclosing symbol and fingerprint. */
export interface DismissalQuestion {
  finding: Pick<Finding, 'file' | 'title' | 'category' | 'rule' | 'quote'>;
  symbol: string;
  fingerprint: string;
}

export interface DismissalFacts {
  /** Milliseconds since the Unix epoch. */
  now: number;
  /** Whether a file is no longer there: a dismissal follows code that moved to another file only then. */
  isGone(file: string): boolean;
}

/**
 * The dismissal that applies to a finding. The message does not matter, so a reworded finding stays dismissed. In the same file
 * and symbol also: a quote with a line more or less, and the same quote under another category when the titles agree.
 */
export function dismissalFor(question: DismissalQuestion, dismissals: readonly Dismissal[], facts: DismissalFacts): Dismissal | undefined {
  return dismissals.find((dismissal) => {
    if (isExpired(dismissal.expires, facts.now)) return false;
    const sameFingerprint = dismissal.fingerprint === question.fingerprint;
    if (dismissal.file === undefined) return sameFingerprint;
    if (dismissal.file !== question.finding.file) return sameFingerprint && facts.isGone(dismissal.file);
    return sameFingerprint || isAlike(question, dismissal);
  });
}

function isAlike({ finding, symbol }: DismissalQuestion, dismissal: Dismissal): boolean {
  const quote = squeeze(finding.quote);
  const dismissed = squeeze(dismissal.quote ?? '');
  // Behind equal markers there may be different secrets.
  if (dismissed === '' || dismissed.includes('[redacted:') || (dismissal.symbol ?? '') !== symbol) return false;
  if (dismissal.rule === (finding.rule ?? finding.category)) return overlaps(quote, dismissed);
  return quote === dismissed && sameWords(finding.title, dismissal.title ?? '');
}

function overlaps(a: string, b: string): boolean {
  return Math.min(a.length, b.length) >= MIN_PART && (a.includes(b) || b.includes(a));
}
