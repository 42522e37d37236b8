import { SEVERITIES, type Finding, type Severity } from '../ai/finding.ts';
import type { StepKind } from './definition.ts';
import type { Assurance, RunStatus, StepEvidence, StepState, StepStatus } from './run.ts';

/** What a reviewer of the pull request is told about the run of its branch: `handrail summary --format json`. Keys are additive. */
export interface RunSummary {
  workflow: { id: string; title: string; digest: string; path: string } | null;
  branch: string | null;
  base: string | null;
  /** Why there is no run, in one sentence, when `workflow` is null. */
  note?: string;
  done: number;
  total: number;
  steps: StepSummary[];
  /** Who answered for the steps that a model, or the built-in reviewer, settled. */
  models: ModelUse[];
  /** What each recorded review read and found when it ran. */
  reviews: ReviewRecord[];
  findings: OpenFindings;
  /** What CI made of it, where a verification was given; the steps then stand as it found them. */
  verified?: { ok: boolean; commit: string; problems: { code: string; detail: string }[] };
}

export interface StepSummary {
  id: string;
  title: string;
  kind: StepKind;
  state: StepState;
  assurance: Assurance;
  /** The state in plain words, e.g. `done` or `stale: src/a.ts changed since`. */
  standing: string;
  /** What the proof is worth in plain words; absent where there is none. */
  proof?: string;
}

export interface ModelUse {
  provider: 'model' | 'builtin';
  /** Name of the entry; `builtin` for the built-in reviewer. */
  name: string;
  /** What the endpoint calls the model, when that was recorded. */
  model?: string;
  /** Titles of the steps. */
  steps: string[];
}

export interface ReviewRecord {
  step: string;
  title: string;
  state: StepState;
  coverage?: NonNullable<StepEvidence['coverage']>;
  found?: NonNullable<StepEvidence['findings']>;
}

export interface OpenFindings {
  counts: Record<Severity, number>;
  /** The most severe first, at most {@link FINDINGS_SHOWN}. */
  shown: { severity: Severity; file: string; startLine?: number; endLine?: number; title: string; source: 'model' | 'builtin' }[];
  /** Findings that are not among `shown`. */
  more: number;
  /** Findings in files that this change does not touch; not counted above. */
  elsewhere: number;
}

export const FINDINGS_SHOWN = 20;

/**
 * Puts a run and the findings that are open in its folder together. `changed` are the paths of the change; findings in other files
 * come from other work and are only counted. The same input gives the same summary: nothing depends on the time of day.
 */
export function summarise(status: RunStatus, findings: readonly Finding[], changed: ReadonlySet<string>): RunSummary {
  const { workflow, branch, base, note, done, total, steps } = status;
  return {
    workflow,
    branch,
    base,
    ...(note === undefined ? {} : { note }),
    done,
    total,
    steps: steps.map(summariseStep),
    models: modelsOf(steps),
    reviews: steps.flatMap(reviewOf),
    findings: openFindings(findings, changed),
  };
}

function summariseStep(step: StepStatus): StepSummary {
  const proof = proofWords(step);
  return {
    id: step.id,
    title: step.title,
    kind: step.kind,
    state: step.state,
    assurance: step.assurance,
    standing: standingOf(step),
    ...(proof === undefined ? {} : { proof }),
  };
}

function standingOf(step: StepStatus): string {
  const because = withoutStop(step.because);
  switch (step.state) {
    case 'done':
      return 'done';
    case 'waived':
      return step.waiver === undefined
        ? `skipped with a reason: ${because}`
        : `skipped with a reason${step.waiver.expires === undefined ? '' : ` until ${step.waiver.expires}`}: ${step.waiver.reason}`;
    case 'skipped':
      return because.startsWith('not needed') ? because : `not needed: ${because}`;
    case 'stale':
      return step.staleBecause === undefined ? `stale: ${because}` : `stale: ${because} since`;
    case 'failed':
      return `failed: ${because}`;
    case 'running':
      return 'running';
    case 'blocked':
      return `not done: ${because}`;
    case 'ready':
      // A record that does not count says more than what is missing.
      return `not done: ${step.evidence === undefined ? lowerFirst(withoutStop(step.missing[0] ?? because)) : because}`;
  }
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}

const PROOF: Readonly<Record<Assurance, string | undefined>> = {
  verified: 'checked by CI',
  bound: 'checked here',
  'self-reported': "someone's word",
  stale: 'no longer covers the present content',
  missing: 'what was recorded does not count',
  waived: undefined,
  none: undefined,
};

/** An agent's or a script's word is named as such: a reader must not take it for a person's. */
function proofWords({ assurance, evidence }: StepStatus): string | undefined {
  if (assurance !== 'self-reported') return PROOF[assurance];
  if (evidence?.actor === 'agent') return "someone's word: an agent's";
  return evidence?.actor === 'machine' ? "someone's word: a script's" : PROOF[assurance];
}

function modelsOf(steps: readonly StepStatus[]): ModelUse[] {
  const uses = new Map<string, ModelUse>();
  for (const { title, evidence } of steps) {
    if (evidence?.provider !== 'model' && evidence?.provider !== 'builtin') continue;
    const { provider } = evidence;
    const name = provider === 'builtin' ? 'builtin' : (evidence.model ?? 'unnamed');
    for (const { model, modelId } of [{ model: name, modelId: evidence.modelId }, ...(evidence.alsoAnswered ?? [])]) {
      const key = JSON.stringify([model, modelId ?? null]);
      const use = uses.get(key) ?? { provider, name: model, ...(modelId === undefined ? {} : { model: modelId }), steps: [] };
      uses.set(key, { ...use, steps: [...use.steps, title] });
    }
  }
  return [...uses.values()];
}

function reviewOf({ id, title, kind, state, evidence }: StepStatus): ReviewRecord[] {
  if (kind !== 'review' || evidence === undefined) return [];
  return [
    {
      step: id,
      title,
      state,
      ...(evidence.coverage === undefined ? {} : { coverage: evidence.coverage }),
      ...(evidence.findings === undefined ? {} : { found: evidence.findings }),
    },
  ];
}

function openFindings(findings: readonly Finding[], changed: ReadonlySet<string>): OpenFindings {
  const own = findings.filter(({ file }) => changed.has(file)).toSorted(compareFindings);
  const counts: Record<Severity, number> = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  for (const { severity } of own) counts[severity] += 1;
  const shown = own.slice(0, FINDINGS_SHOWN).map(({ severity, file, startLine, endLine, title, source }) => ({
    severity,
    file,
    ...(startLine === undefined ? {} : { startLine }),
    ...(endLine === undefined ? {} : { endLine }),
    title,
    source,
  }));
  return { counts, shown, more: own.length - shown.length, elsewhere: findings.length - own.length };
}

/** By severity, then by place; unplaced ones after the placed ones of their file. */
function compareFindings(a: Finding, b: Finding): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    compareText(a.file, b.file) ||
    (a.startLine ?? Infinity) - (b.startLine ?? Infinity) ||
    compareText(a.id, b.id)
  );
}

/** By code unit, so that the order is the same in every language. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `2 high, 1 low`; `none` when there is none. */
export function countsText(counts: Readonly<Record<Severity, number>>): string {
  const parts = SEVERITIES.flatMap((severity) => (counts[severity] > 0 ? [`${counts[severity]} ${severity}`] : []));
  return parts.length === 0 ? 'none' : parts.join(', ');
}

/** What a review read and found, in plain words: `12 files in full, 1 in part, 0 not at all; findings when it ran: 1 high`. */
export function reviewText({ coverage, found, state }: ReviewRecord): string {
  return [
    coverage === undefined ? 'not recorded' : coverageText(coverage),
    ...(found === undefined ? [] : [`findings when it ran: ${countsText(found)}`]),
    ...(state === 'stale' ? ['the content changed since'] : []),
  ].join('; ');
}

function coverageText({ full, partial, skipped }: NonNullable<ReviewRecord['coverage']>): string {
  return `${full} ${full === 1 ? 'file' : 'files'} in full, ${partial} in part, ${skipped} not at all`;
}

/** Inside a sentence that names what answered. */
export function modelText({ provider, name, model }: ModelUse): string {
  if (provider === 'builtin') return 'the built-in reviewer, which is no model';
  return model === undefined || model === name ? name : `${name} (${model})`;
}

/** One sentence when no finding can be listed: none is open, or nobody looked. */
export function withoutFindings({ reviews, findings }: RunSummary): string {
  if (findings.shown.length > 0) return '';
  return reviews.length === 0 ? 'not known, since no review is recorded for this branch' : 'none';
}
