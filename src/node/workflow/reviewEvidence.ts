import type { CoverageEntry, Finding, ReviewResult, Severity } from '../../core/ai/finding.ts';
import type { ReviewStep } from '../../core/workflow/definition.ts';
import type { EvidenceBody } from '../../core/workflow/evidence.ts';
import { compileGlobs } from '../../core/workflow/globs.ts';

/** Limits of a record, see `core/workflow/evidence.ts`. */
const MAX_NAME = 200;
const MAX_OTHERS = 20;

/** What a finished review leaves as evidence: counts, who reviewed, the prompt's digest; no text of findings or files. */
export function reviewEvidence(
  step: ReviewStep,
  result: ReviewResult,
): Pick<EvidenceBody, 'provider' | 'model' | 'modelId' | 'alsoAnswered' | 'scoredBy' | 'promptDigest' | 'cacheKey' | 'result'> {
  return {
    ...reviewerOf(result),
    ...(result.scoredBy === undefined ? {} : { scoredBy: named(result.scoredBy) }),
    ...(result.promptDigest === undefined ? {} : { promptDigest: result.promptDigest }),
    ...(result.cacheKey === undefined ? {} : { cacheKey: result.cacheKey }),
    result: { outcome: 'done', findings: countFindings(result.findings), coverage: countCoverage(result.coverage, step.inputs) },
  };
}

/** Those who answered, whoever was asked first. */
function reviewerOf({ model, modelId, answeredBy }: ReviewResult): Pick<EvidenceBody, 'provider' | 'model' | 'modelId' | 'alsoAnswered'> {
  if (model === 'builtin') return { provider: 'builtin' };
  const chosen = { name: model, ...(modelId === undefined ? {} : { model: modelId }) };
  const all: { name: string; model?: string }[] = answeredBy ?? [chosen];
  const main = all.find((use) => use.name === chosen.name && use.model === chosen.model) ?? all[0] ?? chosen;
  const others = all.filter((use) => use !== main).slice(0, MAX_OTHERS);
  return { provider: 'model', ...named(main), ...(others.length === 0 ? {} : { alsoAnswered: others.map(named) }) };
}

function named({ name, model }: { name: string; model?: string }): { model: string; modelId?: string } {
  return { model: name.slice(0, MAX_NAME), ...(model === undefined ? {} : { modelId: model.slice(0, MAX_NAME) }) };
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
