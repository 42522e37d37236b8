import type { FailureReason } from '../../errors.ts';
import type { Finding, ReviewResult, Usage } from '../finding.ts';
import { caseDigest, type EvalCase, type EvalLanguage } from './case.ts';
import { judge, type JudgedFinding } from './judge.ts';

/**
 * How a review did on one case. `found` and `left-alone` are right. A review that failed for a reason of its own (an answer that
 * nobody can read, a time-out) is neither: who relies on the reviewer has no review of that change.
 */
export type CaseResult = 'found' | 'missed' | 'left-alone' | 'flagged' | 'failed';

export interface CaseOutcome {
  id: string;
  language: EvalLanguage;
  kind: 'bug' | 'clean';
  /** Of the case's content, so that an edited case is not taken for the same. */
  digest: string;
  result: CaseResult;
  findings: JudgedFinding[];
  /** Of the whole review, in milliseconds. */
  latency: number;
  usage: Usage;
  /** Why the change was not read in full. */
  partial?: string;
  failure?: { reason: FailureReason; message: string };
}

export function isRight({ result }: Pick<CaseOutcome, 'result'>): boolean {
  return result === 'found' || result === 'left-alone';
}

/** The outcome of a review that ended. One that could not read the change has failed, though it ended well. */
export function outcomeOf(evalCase: EvalCase, result: ReviewResult, latency: number): CaseOutcome {
  const findings = judge(evalCase, result.findings);
  const cut = result.coverage.find(({ status }) => status !== 'full');
  if (cut?.status === 'skipped') {
    const message = `The change was not read: ${cut.reason ?? 'no reason is known'}.`;
    return { ...failedOutcome(evalCase, { reason: 'internal', message }, { findings: [], latency }), usage: result.usage };
  }
  return {
    ...identityOf(evalCase),
    result: resultOf(evalCase, findings),
    findings,
    latency,
    usage: result.usage,
    ...(cut === undefined ? {} : { partial: cut.reason ?? cut.status }),
  };
}

/** The outcome of a review that failed; what it found before stays to be looked at and counts for nothing. */
export function failedOutcome(
  evalCase: EvalCase,
  failure: { reason: FailureReason; message: string },
  { findings, latency }: { findings: readonly Finding[]; latency: number },
): CaseOutcome {
  const usage: Usage = { requests: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0, cacheHits: 0 };
  return { ...identityOf(evalCase), result: 'failed', findings: judge(evalCase, findings), latency, usage, failure };
}

/** What tells a case from another one, and from itself before it was edited. */
export type CaseIdentity = Pick<CaseOutcome, 'id' | 'language' | 'kind' | 'digest'>;

export function identityOf(evalCase: EvalCase): CaseIdentity {
  const { id, language, bug } = evalCase;
  return { id, language, kind: bug === undefined ? 'clean' : 'bug', digest: caseDigest(evalCase) };
}

function resultOf({ bug }: EvalCase, findings: readonly JudgedFinding[]): CaseResult {
  if (bug === undefined) return findings.length === 0 ? 'left-alone' : 'flagged';
  return findings.some(({ verdict }) => verdict === 'hit') ? 'found' : 'missed';
}
