import type { AnchorStatus, Finding, Severity } from '../finding.ts';
import { placesOf, type BugCategory, type EvalCase, type LineRange } from './case.ts';

/**
 * What a finding is worth.
 * - `hit`: it is the seeded bug.
 * - `beside`: it may be, and neither counts for the reviewer nor against: it stands on the bug's lines and speaks of something else,
 *   or names the bug and could not be placed.
 * - `wrong`: everything else; on a clean change, every finding.
 */
export type Verdict = 'hit' | 'beside' | 'wrong';

/** A finding as the report keeps it. */
export interface JudgedFinding {
  verdict: Verdict;
  startLine?: number;
  endLine?: number;
  severity: Severity;
  category: string;
  title: string;
  message: string;
  source: 'model' | 'builtin';
  rule?: string;
  anchor: AnchorStatus;
}

/** Lines that a finding may be off and still be about the quoted ones: a call and its opening line, a body and its closing bracket. */
const TOLERANCE = 1;
/** A finding about more lines than this points at nothing; it counts as one without a place. */
const MOST_LINES = 10;

/**
 * Judges what a review found in a case. A finding hits the bug when its lines meet the quoted ones, or the lines next to them, and
 * its title or message mentions one of the bug's words. On those lines a finding of the bug's own category hits it as well where that
 * category tells one defect from another (security, performance); "bug" and "reliability" do not.
 */
export function judge(evalCase: EvalCase, findings: readonly Finding[]): JudgedFinding[] {
  const { bug, after } = evalCase;
  const places = bug === undefined ? [] : [bug.quote, ...bug.also].flatMap((quote) => placesOf(quote, after));
  return findings.map((finding) => {
    const { startLine, endLine, severity, category, title, message, source, rule, anchor } = finding;
    return {
      verdict: bug === undefined ? 'wrong' : verdictOf(finding, bug, places),
      ...(startLine === undefined ? {} : { startLine }),
      ...(endLine === undefined ? {} : { endLine }),
      severity,
      category,
      title,
      message,
      source,
      ...(rule === undefined ? {} : { rule }),
      anchor: anchor.status,
    };
  });
}

function verdictOf(finding: Finding, bug: { category: BugCategory; about: readonly string[] }, places: readonly LineRange[]): Verdict {
  const named = mentions(`${finding.title}\n${finding.message}`, bug.about);
  const { startLine, endLine = startLine } = finding;
  if (startLine === undefined || endLine === undefined || endLine - startLine >= MOST_LINES) return named ? 'beside' : 'wrong';
  const meets = places.some(({ start, end }) => startLine <= end + TOLERANCE && endLine >= start - TOLERANCE);
  if (!meets) return 'wrong';
  return named || sameSpecificCategory(bug.category, finding.category) ? 'hit' : 'beside';
}

function sameSpecificCategory(wanted: BugCategory, said: string): boolean {
  if (wanted === 'security') return said === 'security' || said === 'secret';
  return wanted === 'performance' && said === 'performance';
}

/** Whether a text has a word that begins like one of these, whatever their case: `leak` is in `leaks`, `race` is not in `trace`. */
export function mentions(text: string, beginnings: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return beginnings.some((beginning) => {
    const wanted = beginning.toLowerCase();
    for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + 1)) {
      if (at === 0 || !/[\p{L}\p{N}]/u.test(lower[at - 1] ?? '') || !/[\p{L}\p{N}]/u.test(wanted[0] ?? '')) return true;
    }
    return false;
  });
}
