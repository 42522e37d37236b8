import { randomBytes } from 'node:crypto';
import type { EvalCase } from '../../../core/ai/eval/case.ts';
import type { Finding, ReviewResult } from '../../../core/ai/finding.ts';
import type { ModelPrice } from '../../../core/ai/models/models.ts';
import type { BuiltinReviewer, ModelProvider } from '../../../core/ai/provider.ts';
import { PROMPT_VERSION } from '../../../core/ai/review/frame.ts';
import { diffHunks, wholeFileHunk } from '../../../core/ai/review/hunks.ts';
import { previewPipeline, reviewPipeline, type ReviewInput, type ReviewPorts } from '../../../core/ai/review/pipeline.ts';
import type { ModelChoice } from '../../../core/ai/service.ts';
import type { CancelSignal } from '../../../core/ports.ts';
import type { Disposable } from '../../../core/lifecycle.ts';
import { createBuiltinReviewer, createSecretScanner } from '../builtin/builtinReviewer.ts';
import { createEngineHost } from '../builtin/engineHost.ts';

import { chooserRequest, limited, openChooser, type ModelOptions } from '../chosenModel.ts';
import { CONTEXT_LINES } from '../collect.ts';

/**
 * The reviewer that would answer here, ready for cases. All that the evaluation knows of choosing a model and of the pipeline is in
 * this file.
 */
export interface CaseReviewer extends Disposable {
  choice: ModelChoice;
  /** Absent for the built-in reviewer. */
  promptVersion?: string;
  price?: ModelPrice;
  /** Cases that it takes at the same time. */
  parallel: number;
  /** Reviews the change of a case, without anything of the workspace. Fails like a review. */
  review(evalCase: EvalCase, signal: CancelSignal, onFinding: (finding: Finding) => void): Promise<ReviewResult>;
  /** Tokens that would be sent; sends nothing. */
  inputTokens(evalCase: EvalCase, signal: CancelSignal): Promise<number>;
}

const MOST_PARALLEL = 4;
/** What the engines find is told to the model in a line each: too little to run them twice for. */
const SILENT: BuiltinReviewer = { reads: () => true, review: async () => [] };

/**
 * Chooses as a review does, once for all cases, so that consent, keys and a budget a run count for the evaluation as a whole. Fails
 * like a review: `untrusted`, `no-key` and so on.
 */
export async function openCaseReviewer(options: ModelOptions, request: { role?: string; model?: string }): Promise<CaseReviewer> {
  const chosen = await openChooser(options).provide(chooserRequest(request));
  const provider = limited(chosen);
  const host = createEngineHost();
  const ports: ReviewPorts = {
    builtin: createBuiltinReviewer({ host }),
    secrets: createSecretScanner({ host }),
    ...(provider === undefined ? {} : { provider }),
    marker: () => `DATA-${randomBytes(9).toString('base64url')}`,
  };
  return {
    choice: chosen.choice,
    ...(provider === undefined ? {} : { promptVersion: PROMPT_VERSION }),
    ...(chosen.price === undefined ? {} : { price: chosen.price }),
    parallel: parallelOf(chosen.provider),
    review: async (evalCase, signal, onFinding) => drain(reviewPipeline(inputOf(evalCase), ports, signal), onFinding),
    async inputTokens(evalCase, signal) {
      const { requests } = await previewPipeline(inputOf(evalCase), { ...ports, builtin: SILENT }, signal);
      return requests.reduce((sum, one) => sum + one.inputTokens, 0);
    },
    dispose: () => host.dispose(),
  };
}

/** The engines read one file after the other anyway; a model that does not say what it takes at once gets one case at a time. */
function parallelOf(provider: ModelProvider | undefined): number {
  return Math.min(MOST_PARALLEL, provider?.concurrency ?? 1);
}

/** A branch that changed this one file, in a project that says nothing about itself. */
function inputOf({ path, before, after }: EvalCase): ReviewInput {
  const hunks = before === '' ? wholeFileHunk(after) : diffHunks(before, after, CONTEXT_LINES);
  return {
    scope: 'branch',
    units: [{ path, text: after, hunks }],
    skipped: [],
    known: [],
    rules: '',
    instructions: '',
    dismissals: [],
    facts: { now: 0, isGone: () => false },
    notices: [],
  };
}

async function drain(events: ReturnType<typeof reviewPipeline>, onFinding: (finding: Finding) => void): Promise<ReviewResult> {
  for (;;) {
    const step = await events.next();
    if (step.done === true) return step.value;
    if (step.value.type === 'finding') onFinding(step.value.finding);
  }
}
