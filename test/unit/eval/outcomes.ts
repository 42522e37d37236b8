import type { CaseOutcome, CaseResult } from '../../../src/core/ai/eval/outcome.ts';
import type { JudgedFinding, Verdict } from '../../../src/core/ai/eval/judge.ts';
import type { Measured } from '../../../src/core/ai/eval/report.ts';

export const MEASURED: Measured = {
  version: '1.2.3',
  model: 'reviewer',
  modelId: 'test-model',
  promptVersion: 'review/1',
  parallel: 2,
  date: '2026-11-20T10:00:00.000Z',
};

export function judged(verdict: Verdict, extra: Partial<JudgedFinding> = {}): JudgedFinding {
  return {
    verdict,
    startLine: 3,
    endLine: 3,
    severity: 'high',
    category: 'bug',
    title: 'T',
    message: 'M',
    source: 'model',
    anchor: 'exact',
    ...extra,
  };
}

/** An outcome with what its result implies; the id tells its language by its beginning. */
export function outcome(id: string, result: CaseResult, extra: Partial<CaseOutcome> = {}): CaseOutcome {
  const kind = extra.kind ?? (result === 'left-alone' || result === 'flagged' ? 'clean' : 'bug');
  return {
    id,
    language: id.startsWith('go') ? 'go' : 'rust',
    kind,
    digest: `sha256:${id}`,
    result,
    findings: result === 'found' ? [judged('hit')] : result === 'flagged' ? [judged('wrong')] : [],
    latency: 100,
    usage: { requests: 1, inputTokens: 1000, outputTokens: 50, cachedTokens: 10, cacheHits: 0 },
    ...(result === 'failed' ? { failure: { reason: 'timeout', message: 'It took too long.' } } : {}),
    ...extra,
  };
}
