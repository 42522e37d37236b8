import type { CancelSignal } from '../../ports.ts';
import type { CoverageEntry, Redaction, ReviewEvent, ReviewResult } from '../finding.ts';
import { askEngines } from './engineReview.ts';
import { digest } from './fingerprint.ts';
import { PROMPT_VERSION } from './frame.ts';
import type { ReviewInput, ReviewPorts } from './input.ts';
import { filesOf, planModel, promptText } from './modelPlan.ts';
import { askModel } from './modelReview.ts';
import { openReview, type Review } from './review.ts';

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
  const prompts = ports.provider ? yield* askModel(review, ports.provider) : [];
  return resultOf(review, prompts);
}

/** What {@link reviewPipeline} would send to this provider first. Nothing is sent. */
export async function previewPipeline(
  input: ReviewInput,
  ports: ReviewPorts,
  signal: CancelSignal,
): Promise<{ coverage: CoverageEntry[]; redactions: Redaction[]; requests: { files: string[]; text: string; inputTokens: number }[] }> {
  const review = await openReview(input, ports, signal);
  // What the engines find is told to the model, so it belongs to what would be sent.
  for await (const event of askEngines(review)) void event;
  const plan = ports.provider ? await planModel(review, ports.provider) : { requests: [], shortened: [] };
  for (const entry of plan.shortened) review.receipt.cover(entry.file, entry.status, entry.reason);
  return {
    coverage: review.receipt.coverage,
    redactions: [...review.receipt.redactions],
    requests: plan.requests.map(({ pieces, inputTokens }) => ({ files: filesOf(pieces), text: promptText(review, pieces), inputTokens })),
  };
}

function* begin({ input, receipt }: Review): Generator<ReviewEvent> {
  for (const notice of input.notices) yield* receipt.notice(notice);
  if (input.units.length > 0) return;
  yield* receipt.notice(
    input.skipped.length > 0 ? 'Nothing was read: every file was left out.' : 'Nothing changed, so there was nothing to read.',
  );
}

function resultOf({ admission, ports, receipt }: Review, prompts: readonly string[]): ReviewResult {
  const { provider } = ports;
  return {
    model: provider?.name ?? 'builtin',
    ...(provider ? { modelId: provider.model } : {}),
    ...(provider ? { promptDigest: `sha256:${digest([PROMPT_VERSION, ...prompts])}` } : {}),
    findings: admission.findings,
    dismissed: admission.dismissed,
    coverage: receipt.coverage,
    usage: { ...receipt.usage },
    redactions: [...receipt.redactions],
    notices: receipt.notices,
  };
}
