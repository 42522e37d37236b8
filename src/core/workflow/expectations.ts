import type { ChangeSet } from './changes.ts';
import type { Expectation } from './definition.ts';
import type { EvidenceRecord } from './evidence.ts';
import { compileGlob } from './globs.ts';
import type { ExpectationStatus } from './run.ts';
import { SEVERITIES } from '../ai/finding.ts';
import { hasSection } from './sections.ts';

/** What an expectation is judged by. Everything is read before; judging reads nothing. */
export interface ExpectationFacts {
  /** Slug that stands for `${branch}` in paths. */
  branchSlug: string;
  changes: ChangeSet;
  /** Texts of the files that `file` expectations name, by path after `${branch}`; undefined when there is none or it cannot be read. */
  files: Readonly<Record<string, string | undefined>>;
  /** Whether git has nothing uncommitted. */
  clean: boolean;
  /** First line of the head commit's message; null without commits. */
  headSubject: string | null;
}

/** The path a `file` expectation is about: `${branch}` is the branch slug. */
export function expectedPath(path: string, branchSlug: string): string {
  return path.replaceAll('${branch}', branchSlug);
}

/**
 * Judges one expectation in one plain sentence. `record` is the step's latest record, whatever its outcome; what only a record of
 * something done can tell (exit code, findings, someone's word) is unmet without one.
 */
export function judge(expectation: Expectation, facts: ExpectationFacts, record: EvidenceRecord | undefined): ExpectationStatus {
  const { met, detail } = judgement(expectation, facts, record);
  return { kind: expectation.kind, met, detail };
}

interface Judgement {
  met: boolean;
  detail: string;
}

function judgement(expectation: Expectation, facts: ExpectationFacts, record: EvidenceRecord | undefined): Judgement {
  switch (expectation.kind) {
    case 'file':
      return judgeFile(expectedPath(expectation.path, facts.branchSlug), expectation.sections, facts);
    case 'changed':
      return judgeChanged(expectedPath(expectation.glob, facts.branchSlug), facts);
    case 'exit':
      return judgeExit(expectation.code, record);
    case 'findings':
      return judgeFindings(expectation.max, record);
    case 'diagnostics':
      return judgeDiagnostics(expectation.max, record);
    case 'attest':
      return judgeAttest(expectation.statement, record);
    case 'clean':
      return facts.clean
        ? { met: true, detail: 'Everything is committed.' }
        : { met: false, detail: 'There are changes that are not committed.' };
    case 'commit':
      return judgeCommit(expectation.subject, facts.headSubject);
    case 'coverage-receipt':
      return judgeCoverage(record);
  }
}

function judgeFile(path: string, sections: readonly string[], facts: ExpectationFacts): Judgement {
  const text = facts.files[path];
  if (text === undefined) return { met: false, detail: `There is no file ${path}.` };
  const missing = sections.filter((section) => !hasSection(text, section));
  if (missing.length > 0) return { met: false, detail: `${path} lacks the ${plural(missing.length, 'section')} ${missing.join(', ')}.` };
  return { met: true, detail: sections.length === 0 ? `${path} is there.` : `${path} has ${sections.join(', ')}.` };
}

function judgeChanged(glob: string, facts: ExpectationFacts): Judgement {
  const matches = compileGlob(glob);
  const matched = facts.changes.entries.filter((entry) => matches(entry.path));
  const [first] = matched;
  if (first === undefined) return { met: false, detail: `No changed file matches ${glob}.` };
  const detail = matched.length === 1 ? `${first.path} changed.` : `${matched.length} changed files match ${glob}.`;
  return { met: true, detail };
}

function judgeExit(code: number, record: EvidenceRecord | undefined): Judgement {
  const result = record?.result;
  if (result?.outcome === 'running') return { met: false, detail: 'The command has not ended.' };
  const exitCode = result?.outcome === 'done' || result?.outcome === 'failed' ? result.exitCode : undefined;
  if (exitCode === undefined) return { met: false, detail: 'The command has not run yet.' };
  if (exitCode === null) return { met: false, detail: 'The command was ended by a signal.' };
  if (exitCode === code) return { met: true, detail: `The command ended with exit code ${code}.` };
  return { met: false, detail: `The command ended with exit code ${exitCode}, not ${code}.` };
}

function judgeFindings(max: Extract<Expectation, { kind: 'findings' }>['max'], record: EvidenceRecord | undefined): Judgement {
  const found = record?.result.outcome === 'done' ? record.result.findings : undefined;
  if (found === undefined) return { met: false, detail: 'No review has been recorded.' };
  const over: string[] = [];
  for (const severity of SEVERITIES) {
    const ceiling = max[severity];
    if (ceiling === undefined || found[severity] <= ceiling) continue;
    over.push(`${found[severity]} open ${plural(found[severity], `${severity} finding`)} (at most ${ceiling})`);
  }
  if (over.length > 0) return { met: false, detail: `The review left ${over.join(', ')}.` };
  const limited = SEVERITIES.filter((severity) => max[severity] !== undefined);
  return { met: true, detail: `The review left no more ${limited.join(', ')} findings than allowed.` };
}

function judgeDiagnostics(max: Extract<Expectation, { kind: 'diagnostics' }>['max'], record: EvidenceRecord | undefined): Judgement {
  const seen = record?.result.outcome === 'done' ? record.result.diagnostics : undefined;
  if (seen === undefined) return { met: false, detail: 'This needs the editor, which alone knows the problems it shows.' };
  const over: string[] = [];
  for (const severity of ['error', 'warning', 'info', 'hint'] as const) {
    const ceiling = max[severity];
    if (ceiling !== undefined && seen[severity] > ceiling) over.push(`${seen[severity]} of severity ${severity} (at most ${ceiling})`);
  }
  if (over.length > 0) return { met: false, detail: `The editor showed problems: ${over.join(', ')}.` };
  return { met: true, detail: 'The editor showed no more problems than allowed.' };
}

function judgeAttest(statement: string, record: EvidenceRecord | undefined): Judgement {
  const attested = record?.result.outcome === 'done' && record.actor.kind === 'human';
  if (attested) return { met: true, detail: `Someone confirmed: ${statement}` };
  if (record?.result.outcome === 'done') return { met: false, detail: `Only a person can confirm: ${statement}` };
  return { met: false, detail: `Nobody has confirmed yet: ${statement}` };
}

function judgeCommit(subject: string, headSubject: string | null): Judgement {
  if (headSubject === null) return { met: false, detail: 'There is no commit yet.' };
  // A subject is one piece, whatever slashes it holds, and a glob's `*` stops at slashes.
  const unsliced = (text: string): string => text.replaceAll('/', '\u2215');
  if (compileGlob(unsliced(subject))(unsliced(headSubject))) {
    return { met: true, detail: `The last commit is "${headSubject}".` };
  }
  return { met: false, detail: `The last commit "${headSubject}" does not match ${subject}.` };
}

function judgeCoverage(record: EvidenceRecord | undefined): Judgement {
  const read = record?.result.outcome === 'done' ? record.result.coverage : undefined;
  if (read === undefined) return { met: false, detail: 'No review has recorded what it read.' };
  const parts: string[] = [];
  if (read.partial > 0) parts.push(`${read.partial} ${plural(read.partial, 'file')} in part only`);
  if (read.skipped > 0) parts.push(`${read.skipped} ${plural(read.skipped, 'file')} not at all`);
  if (parts.length > 0) return { met: false, detail: `The review read ${parts.join(' and ')}.` };
  return { met: true, detail: `The review read ${read.full} ${plural(read.full, 'file')} in full.` };
}

function plural(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`;
}
