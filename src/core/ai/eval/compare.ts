import { HandrailError } from '../../errors.ts';
import type { Figures } from './figures.ts';
import { figuresOf } from './figures.ts';
import { isRight, type CaseIdentity, type CaseOutcome, type CaseResult } from './outcome.ts';
import type { EvalReport, Measured } from './report.ts';
import { mcnemar } from './statistics.ts';

/** A case whose outcome is right in one report and not in the other. */
export interface ChangedCase {
  id: string;
  language: string;
  kind: 'bug' | 'clean';
  before: CaseResult;
  after: CaseResult;
}

/** The same cases, measured twice. */
export interface PairedOutcomes {
  cases: number;
  before: number;
  after: number;
  /** Cases right only after, and only before. */
  gained: number;
  lost: number;
  /** Two-sided p-value of McNemar's exact test. */
  p: number;
}

export interface Comparison {
  before: Measured & { figures: Figures };
  after: Measured & { figures: Figures };
  /** Cases that only one report measured, or that were edited in between; they are left out. */
  leftOut: { onlyBefore: string[]; onlyAfter: string[]; edited: string[] };
  /** Bugs found. */
  bugs: PairedOutcomes;
  /** Clean changes left alone. */
  clean: PairedOutcomes;
  changed: ChangedCase[];
}

/**
 * Fails with `usage` when the two do not hold the same cases with the same content. With `common` those in both are enough, but
 * there has to be one.
 */
export function requireSameCases(before: readonly CaseIdentity[], after: readonly CaseIdentity[], { common }: { common: boolean }): void {
  const { onlyBefore, onlyAfter, edited } = leftOutOf(before, after);
  if (!common && onlyBefore.length + onlyAfter.length + edited.length > 0) throw otherCases({ onlyBefore, onlyAfter, edited });
  if (before.length - onlyBefore.length - edited.length > 0) return;
  throw new HandrailError('usage', 'The two reports have no case in common.', { hint: 'Measure the same cases.' });
}

/** Compares two reports case by case. Fails as {@link requireSameCases} does. */
export function compareReports(before: EvalReport, after: EvalReport, { common }: { common: boolean }): Comparison {
  requireSameCases(before.cases, after.cases, { common });
  const later = new Map(after.cases.map((outcome) => [outcome.id, outcome]));
  const pairs = before.cases.flatMap((one) => {
    const other = later.get(one.id);
    return other === undefined || other.digest !== one.digest ? [] : [{ one, other }];
  });
  return {
    before: side(
      before,
      pairs.map(({ one }) => one),
    ),
    after: side(
      after,
      pairs.map(({ other }) => other),
    ),
    leftOut: leftOutOf(before.cases, after.cases),
    bugs: paired(pairs.filter(({ one }) => one.kind === 'bug')),
    clean: paired(pairs.filter(({ one }) => one.kind === 'clean')),
    changed: pairs
      .filter(({ one, other }) => isRight(one) !== isRight(other))
      .map(({ one, other }) => ({ id: one.id, language: one.language, kind: one.kind, before: one.result, after: other.result })),
  };
}

function leftOutOf(before: readonly CaseIdentity[], after: readonly CaseIdentity[]): Comparison['leftOut'] {
  const earlier = new Map(before.map(({ id, digest }) => [id, digest]));
  const later = new Map(after.map(({ id, digest }) => [id, digest]));
  return {
    onlyBefore: [...earlier.keys()].filter((id) => !later.has(id)),
    onlyAfter: [...later.keys()].filter((id) => !earlier.has(id)),
    edited: [...earlier].filter(([id, digest]) => later.has(id) && later.get(id) !== digest).map(([id]) => id),
  };
}

function side(
  { version, model, modelId, promptVersion, parallel, date }: EvalReport,
  outcomes: readonly CaseOutcome[],
): Comparison['before'] {
  return {
    version,
    model,
    ...(modelId === undefined ? {} : { modelId }),
    ...(promptVersion === undefined ? {} : { promptVersion }),
    parallel,
    date,
    figures: figuresOf(outcomes),
  };
}

function paired(pairs: readonly { one: CaseOutcome; other: CaseOutcome }[]): PairedOutcomes {
  const count = (test: (before: boolean, after: boolean) => boolean): number =>
    pairs.filter(({ one, other }) => test(isRight(one), isRight(other))).length;
  const gained = count((before, after) => !before && after);
  const lost = count((before, after) => before && !after);
  return {
    cases: pairs.length,
    before: count((before) => before),
    after: count((_, after) => after),
    gained,
    lost,
    p: mcnemar(gained, lost),
  };
}

function otherCases({ onlyBefore, onlyAfter, edited }: Comparison['leftOut']): HandrailError {
  const parts = [
    ...(onlyBefore.length === 0 ? [] : [`${cases(onlyBefore)} only in the first`]),
    ...(onlyAfter.length === 0 ? [] : [`${cases(onlyAfter)} only in the second`]),
    ...(edited.length === 0 ? [] : [`${cases(edited)} edited in between`]),
  ];
  return new HandrailError('usage', `The two reports did not measure the same cases: ${parts.join(', ')}.`, {
    hint: 'Measure both with the same cases, or add --common to compare only those that both measured.',
  });
}

function cases(ids: readonly string[]): string {
  return ids.length === 1 ? `${ids[0]} is` : `${ids.length} cases are`;
}
