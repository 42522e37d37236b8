import type { CoverageEntry, Finding, ReviewResult, Severity } from '../../core/ai/finding.ts';
import type { ReviewStep } from '../../core/workflow/definition.ts';
import type { EvidenceBody } from '../../core/workflow/evidence.ts';
import { compileGlobs } from '../../core/workflow/globs.ts';

/** What a finished review leaves as evidence: counts, who reviewed, the prompt's digest; no text of findings or files. */
export function reviewEvidence(
  step: ReviewStep,
  result: ReviewResult,
): Pick<EvidenceBody, 'provider' | 'model' | 'modelId' | 'promptDigest' | 'result'> {
  const isBuiltin = result.model === 'builtin';
  return {
    provider: isBuiltin ? 'builtin' : 'model',
    ...(isBuiltin ? {} : { model: result.model }),
    ...(result.modelId === undefined ? {} : { modelId: result.modelId.slice(0, 200) }),
    ...(result.promptDigest === undefined ? {} : { promptDigest: result.promptDigest }),
    result: { outcome: 'done', findings: countFindings(result.findings), coverage: countCoverage(result.coverage, step.inputs) },
  };
}

function countFindings(findings: readonly Finding[]): Record<Severity, number> {
  const counts: Record<Severity, number> = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  for (const finding of findings) counts[finding.severity] += 1;
  return counts;
}

/** Counts what was read of the files the step is about: all of them, or those its `inputs` name. */
function countCoverage(coverage: readonly CoverageEntry[], inputs: readonly string[] | undefined): Record<CoverageEntry['status'], number> {
  const counts = { full: 0, partial: 0, skipped: 0 };
  const isInput = inputs === undefined ? () => true : compileGlobs(inputs);
  for (const entry of coverage) if (isInput(entry.file)) counts[entry.status] += 1;
  return counts;
}
