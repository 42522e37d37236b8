import type { CancelSignal } from '../../ports.ts';
import {
  SEVERITIES,
  type CoverageEntry,
  type Finding,
  type ModelUse,
  type Redaction,
  type ReviewEvent,
  type ReviewResult,
} from '../finding.ts';
import type { ModelProvider } from '../provider.ts';
import { askEngines } from './engineReview.ts';
import { digest } from './fingerprint.ts';
import { PROMPT_VERSION } from './frame.ts';
import type { ReviewInput, ReviewPorts } from './input.ts';
import { answerTokens, filesOf, planModel, promptText } from './modelPlan.ts';
import { isSame } from './modelEnd.ts';
import { askModel, type ModelReview } from './modelReview.ts';
import { openReview, type Review } from './review.ts';
import { mostScoring } from './score.ts';

export type { ReviewInput, ReviewPorts } from './input.ts';

/**
 * Reviews: redacts, asks the built-in engines, then the model if there is one, and hands out each finding as soon as it is placed
 * and known to be new. Fails with the provider's HandrailError, or `cancelled`; what was handed out before stays valid.
 */
export async function* reviewPipeline(
  input: ReviewInput,
  ports: ReviewPorts,
  signal: CancelSignal,
): AsyncGenerator<ReviewEvent, ReviewResult> {
  const review = await openReview(input, ports, signal);
  yield* begin(review);
  yield* askEngines(review);
  return resultOf(review, ports.provider && (yield* askModel(review, ports.provider)));
}

export interface PipelinePreview {
  coverage: CoverageEntry[];
  redactions: Redaction[];
  /** `outputTokens` is the most that an answer may have. */
  requests: { files: string[]; text: string; inputTokens: number; outputTokens: number }[];
  /** The second pass, when there is one: at most this. */
  scoring?: { model: string; origin: string; requests: number; inputTokens: number; outputTokens: number };
  /** Parts that an earlier answer is remembered of, so that nothing is sent about them, and the files they are in. */
  remembered: { parts: number; files: string[] };
}

/** What {@link reviewPipeline} would send to this provider first. Nothing is sent. */
export async function previewPipeline(input: ReviewInput, ports: ReviewPorts, signal: CancelSignal): Promise<PipelinePreview> {
  const review = await openReview(input, ports, signal);
  // What the engines find is told to the model, so it belongs to what would be sent.
  for await (const event of askEngines(review)) void event;
  const { provider, scorer } = ports;
  const plan = provider ? await planModel(review, provider) : { requests: [], shortened: [], recalled: [] };
  for (const entry of plan.shortened) review.receipt.cover(entry.file, entry.status, entry.reason);
  const outputTokens = provider ? answerTokens(provider) : 0;
  const requests = plan.requests.map(({ pieces, inputTokens }) => ({
    files: filesOf(pieces),
    text: promptText(review, pieces),
    inputTokens,
    outputTokens,
  }));
  return {
    coverage: review.receipt.coverage,
    redactions: [...review.receipt.redactions],
    requests,
    ...(scorer === undefined ? {} : { scoring: { model: scorer.model, origin: scorer.origin, ...mostScoring(requests) } }),
    remembered: { parts: plan.recalled.length, files: filesOf(plan.recalled.map(({ piece }) => piece)) },
  };
}

function* begin({ input, receipt }: Review): Generator<ReviewEvent> {
  for (const notice of input.notices) yield* receipt.notice(notice);
  if (input.units.length > 0) return;
  yield* receipt.notice(
    input.skipped.length > 0 ? 'Nothing was read: every file was left out.' : 'Nothing changed, so there was nothing to read.',
  );
}

function resultOf({ admission, ports, receipt }: Review, asked: ModelReview | undefined): ReviewResult {
  return {
    ...answererOf(ports.provider, asked),
    ...(ports.scorer === undefined ? {} : { scoredBy: useOf(ports.scorer) }),
    findings: admission.findings.toSorted(byPlace),
    dismissed: admission.dismissed,
    coverage: receipt.coverage,
    usage: { ...receipt.usage },
    redactions: [...receipt.redactions],
    notices: receipt.notices,
  };
}

function useOf({ name, model, origin }: ModelProvider): ModelUse {
  return { name, model, origin };
}

function answererOf(
  provider: ModelProvider | undefined,
  asked: ModelReview | undefined,
): Pick<ReviewResult, 'model' | 'modelId' | 'answeredBy' | 'promptDigest' | 'cacheKey'> {
  if (provider === undefined || asked === undefined) return { model: 'builtin' };
  const { name, model } = provider;
  const { answeredBy, keys, prompts } = asked;
  return {
    model: name,
    modelId: model,
    ...(answeredBy.every((use) => isSame(use, provider)) ? {} : { answeredBy }),
    promptDigest: `sha256:${digest([PROMPT_VERSION, ...prompts])}`,
    cacheKey: `sha256:${digest(keys)}`,
  };
}

/** By file, line and severity: the same whatever order the answers came in. What has no place comes last in its file. */
function byPlace(a: Finding, b: Finding): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  const lines = (a.startLine ?? Number.MAX_SAFE_INTEGER) - (b.startLine ?? Number.MAX_SAFE_INTEGER);
  if (lines !== 0) return lines;
  return SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || (a.id < b.id ? -1 : 1);
}
