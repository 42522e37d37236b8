import type { Expectation } from '../../definition.ts';
import { isSame, listDifference, notice, type PolicyChange, relaxed } from './change.ts';

/**
 * What a change of `expect` does. Each expectation is compared with the one of the same subject (the same file, the same glob); a ceiling
 * may only fall, headings may only be added. One that is gone, or whose subject or text is another, is relaxed: that a new text asks for
 * as much cannot be told.
 */
export function compareExpectations(before: readonly Expectation[], after: readonly Expectation[]): PolicyChange[] {
  const left = [...after];
  const changes: PolicyChange[] = [];
  for (const old of before) {
    const at = bestMatch(old, left);
    const now = at === undefined ? undefined : left[at];
    if (at === undefined || now === undefined) changes.push(relaxed(`no longer expects ${described(old)}`));
    else {
      left.splice(at, 1);
      const change = compareOne(old, now);
      if (change !== undefined) changes.push(change);
    }
  }
  return [...changes, ...left.map((added) => notice(`also expects ${described(added)}`))];
}

/** The same expectation before one of the same subject, so that of two with one subject each meets its own. */
function bestMatch(old: Expectation, candidates: readonly Expectation[]): number | undefined {
  const same = candidates.findIndex((candidate) => isSame(candidate, old));
  const alike = same >= 0 ? same : candidates.findIndex((candidate) => subjectOf(candidate) === subjectOf(old));
  return alike >= 0 ? alike : undefined;
}

function subjectOf(expectation: Expectation): string {
  switch (expectation.kind) {
    case 'file':
      return `file ${expectation.path}`;
    case 'changed':
      return `changed ${expectation.glob}`;
    case 'attest':
      return `attest ${expectation.statement}`;
    case 'commit':
      return `commit ${expectation.subject}`;
    case 'exit':
      return `exit ${expectation.code}`;
    case 'findings':
    case 'diagnostics':
    case 'clean':
    case 'coverage-receipt':
      return expectation.kind;
  }
}

function compareOne(before: Expectation, after: Expectation): PolicyChange | undefined {
  if (before.kind === 'file' && after.kind === 'file') {
    const { gone, added } = listDifference(before.sections, after.sections);
    if (gone.length > 0) return relaxed(`no longer expects the sections ${gone.join(', ')} in ${before.path}`);
    return added.length > 0 ? notice(`also expects the sections ${added.join(', ')} in ${before.path}`) : undefined;
  }
  if ((before.kind === 'findings' || before.kind === 'diagnostics') && after.kind === before.kind) {
    return compareCeilings(before.kind, before.max, after.max);
  }
  return undefined;
}

function compareCeilings(
  kind: string,
  before: Readonly<Record<string, number | undefined>>,
  after: Readonly<Record<string, number | undefined>>,
): PolicyChange | undefined {
  const higher = Object.entries(before).filter(([severity, most = Infinity]) => (after[severity] ?? Infinity) > most);
  if (higher.length > 0) return relaxed(`allows more ${kind} than before (${higher.map(([severity]) => severity).join(', ')})`);
  const lower = Object.entries(after).filter(([severity, most = Infinity]) => (before[severity] ?? Infinity) > most);
  return lower.length > 0 ? notice(`allows fewer ${kind} than before`) : undefined;
}

function described(expectation: Expectation): string {
  const subject = subjectOf(expectation);
  return expectation.kind === 'clean' ? 'that everything is committed' : subject;
}
