import { costOf } from '../../core/ai/models/models.ts';
import type { ModelProvider } from '../../core/ai/provider.ts';
import type { PipelinePreview, ReviewPorts } from '../../core/ai/review/pipeline.ts';
import type { ModelChoice, ReviewPreview, ReviewRequest } from '../../core/ai/service.ts';
import { failureOf } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import { workspaceFiles } from '../workspaceFiles.ts';
import type { Chooser, Chosen } from './models/chooser.ts';
import { chooserRequest, entryBehind, limited, previewProvider, type ModelOptions } from './chosenModel.ts';
import { readModels } from './models/modelsFile.ts';
import { createReviewCache } from './reviewCache.ts';

/** The role whose model judges findings before they are shown. */
const SCORE_ROLE = 'score';

/** Who is asked in a review: the model, the one that judges what it found, and what is remembered of both. */
export type ReviewModels = Pick<ReviewPorts, 'provider' | 'scorer' | 'cache'> & {
  /** What a person should know about it. */
  notes: string[];
};

export interface ReviewModelsParts {
  chooser: Chooser;
  options: ModelOptions;
  clock: Clock;
  answersFolder: string;
}

/** For a review: ready to be asked. */
export async function reviewModels(chosen: Chosen, request: ReviewRequest, parts: ReviewModelsParts): Promise<ReviewModels> {
  const provider = limited(chosen);
  if (provider === undefined) return { notes: [] };
  const judging = await judge(parts);
  return {
    provider,
    cache: cacheOf(chosen.choice, request, parts),
    ...judging,
  };
}

/** For a preview: nobody can be asked, and nothing is confirmed for it. */
export async function previewModels(choice: ModelChoice, request: ReviewRequest, parts: ReviewModelsParts): Promise<ReviewModels> {
  if (choice.kind !== 'model') return { notes: [] };
  const { chooser, options } = parts;
  const provide = (of: Parameters<Chooser['provide']>[0]) => () => chooser.provide(of);
  const name = scorerName(options);
  const scoring = name === undefined ? undefined : await chooser.choose({ model: name });
  const isReady = scoring?.kind === 'model' && scoring.confirmed && !scoring.needsKey && scoring.problem === undefined;
  return {
    provider: await previewProvider(choice, options, provide(chooserRequest(request))),
    ...(scoring !== undefined && isReady ? { scorer: await previewProvider(scoring, options, provide({ model: scoring.name })) } : {}),
    cache: cacheOf(choice, request, parts),
    notes: [],
  };
}

/** The second pass, where the team's file names a model for it. That it cannot be had keeps nobody from a review. */
async function judge({ chooser, options }: ReviewModelsParts): Promise<{ scorer?: ModelProvider; notes: string[] }> {
  const name = scorerName(options);
  if (name === undefined) return { notes: [] };
  try {
    const chosen = await chooser.provide({ model: name });
    const scorer = limited(chosen);
    return { ...(scorer === undefined ? {} : { scorer }), notes: [] };
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    return { notes: [['The second pass was left out.', failure.message, failure.hint ?? ''].join(' ').trim()] };
  }
}

function scorerName({ root, trusted }: ModelOptions): string | undefined {
  const roles = (trusted() ? readModels(workspaceFiles(root)) : undefined)?.roles ?? {};
  return Object.hasOwn(roles, SCORE_ROLE) ? roles[SCORE_ROLE] : undefined;
}

/** Pinned parameters decide the answers, so they belong to what is remembered. */
function cacheOf(
  choice: ModelChoice,
  { fresh }: ReviewRequest,
  { answersFolder, clock, options }: ReviewModelsParts,
): NonNullable<ReviewPorts['cache']> {
  const params = Object.entries(entryBehind(choice, options)?.params ?? {});
  return {
    answers: createReviewCache(answersFolder, clock),
    variant: JSON.stringify(params.sort(([a], [b]) => (a < b ? -1 : 1))),
    fresh: fresh === true,
  };
}

/** What the requests of a preview could take at most; the cost where every entry that is asked has a price, in one currency. */
export function estimateOf(
  { requests, scoring }: Pick<PipelinePreview, 'requests' | 'scoring'>,
  choice: ModelChoice,
  options: ModelOptions,
): NonNullable<ReviewPreview['estimate']> {
  const entry = entryBehind(choice, options);
  const most = entry?.limits?.outputTokens ?? Number.POSITIVE_INFINITY;
  const inputTokens = requests.reduce((sum, request) => sum + request.inputTokens, 0);
  const outputTokens = requests.reduce((sum, request) => sum + Math.min(request.outputTokens, most), 0);
  const own = costOf(entry?.price, { inputTokens, outputTokens, cachedTokens: 0 });
  const estimate = { requests: requests.length, inputTokens, outputTokens };
  if (scoring === undefined || requests.length === 0) return { ...estimate, ...(own === undefined ? {} : { cost: own }) };
  const name = scorerName(options);
  const price = name === undefined ? undefined : readModels(workspaceFiles(options.root))?.models[name]?.price;
  const second = costOf(price, { inputTokens: scoring.inputTokens, outputTokens: scoring.outputTokens, cachedTokens: 0 });
  const isOne = own !== undefined && second !== undefined && own.currency === second.currency;
  return {
    requests: estimate.requests + scoring.requests,
    inputTokens: inputTokens + scoring.inputTokens,
    outputTokens: outputTokens + scoring.outputTokens,
    ...(isOne ? { cost: { amount: own.amount + second.amount, currency: own.currency } } : {}),
  };
}
