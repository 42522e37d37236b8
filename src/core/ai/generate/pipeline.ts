import { failureOf, HandrailError } from '../../errors.ts';
import type { CancelSignal } from '../../ports.ts';
import type { Usage } from '../finding.ts';
import { collectNotices } from '../notices.ts';
import type { ModelProvider } from '../provider.ts';
import { digest } from '../review/fingerprint.ts';
import { TokenCounter } from '../review/tokenCounter.ts';
import { addUsage } from '../usage.ts';
import { BlockParser, type BlocksEnd } from './blocks.ts';
import { PROMPT_VERSION } from './frame.ts';
import type { GenerateEvent, GenerateResult } from './generation.ts';
import type { GenerateInput, GeneratePorts } from './input.ts';
import { answerTokens, prepareGeneration, SPARE_TOKENS, throwIfCancelled, type PreparedGeneration } from './prepare.ts';
import { ProposalBuilder } from './propose.ts';
import { frameRepair } from './repair.ts';

export type { ContextFile, GenerateInput, GeneratePorts } from './input.ts';

/**
 * Asks the model and places its blocks. Nothing is written. Fails with the provider's HandrailError, with `bad-response` for an answer
 * that holds nothing, or `cancelled`.
 */
export async function runGeneration(
  input: GenerateInput,
  ports: GeneratePorts,
  { signal, onEvent }: { signal: CancelSignal; onEvent(event: GenerateEvent): void },
): Promise<GenerateResult> {
  const { notices, notice } = collectNotices(onEvent);
  input.notices.forEach(notice);
  onEvent({ type: 'progress', message: 'Reading', outputTokens: 0, blocks: 0 });
  const prepared = await prepareGeneration(input, ports, signal);
  const { provider } = ports;
  onEvent({ type: 'progress', message: `${provider.model} reads ${filesCount(prepared.shown.size)}`, outputTokens: 0, blocks: 0 });
  const usage: Usage = { requests: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0, cacheHits: 0 };
  const asking = { provider, signal, onEvent, notice, usage };
  const { end, ending } = await ask(prepared, asking);
  explainEnd(end, ending, provider, notice);
  const builder = new ProposalBuilder({
    shown: prepared.shown,
    usedMarkers: prepared.usedMarkers,
    at: input.at,
    named: input.named,
    facts: ports.targets,
    toldPaths: prepared.toldPaths,
  });
  await builder.addAll(end.blocks);
  const repair = await repairOnce(builder, prepared, ports, asking);
  const proposal = builder.finish();
  proposal.notices.forEach(notice);
  throwIfCancelled(signal);
  return {
    model: provider.name,
    modelId: provider.model,
    promptDigest: `sha256:${digest([PROMPT_VERSION, prepared.system, prepared.stable])}`,
    changes: proposal.changes,
    unplaced: proposal.unplaced,
    explanation: end.prose,
    usage,
    coverage: prepared.coverage,
    redactions: prepared.redactions,
    notices,
    ...(repair ? { repair } : {}),
  };
}

type Ending = 'stop' | 'length' | 'filtered' | 'cut-off';

/** Events come at most once in so many tokens. */
const PROGRESS_TOKENS = 25;

interface Asking {
  provider: ModelProvider;
  signal: CancelSignal;
  onEvent(event: GenerateEvent): void;
  notice(message: string): void;
  /** Of all requests so far; each adds to it, also when it breaks off. */
  usage: Usage;
}

async function ask(
  { system, user }: { system: string; user: string },
  { provider, signal, onEvent, notice, usage }: Asking,
  repairing?: number,
): Promise<{ end: BlocksEnd; ending: Ending }> {
  const parser = new BlockParser();
  const message = repairing === undefined ? `${provider.model} writes` : repairWords(provider, repairing);
  const more = repairing === undefined ? {} : { repairing };
  let ending: Ending = 'stop';
  let length = 0;
  let shown = 0;
  let blocks = 0;
  let counted = false;
  for await (const chunk of provider.stream({ system, user, maxOutputTokens: answerTokens(provider) }, signal)) {
    // Only what was sent is a request: a budget refuses before.
    if (!counted) usage.requests++;
    counted = true;
    if (chunk.type === 'text') {
      parser.push(chunk.text);
      length += chunk.text.length;
      const tokens = Math.ceil(length / 4);
      if (tokens - shown >= PROGRESS_TOKENS || parser.count > blocks) {
        shown = tokens;
        blocks = parser.count;
        onEvent({ type: 'progress', message, outputTokens: tokens, blocks, files: parser.files, ...more });
      }
      if (parser.stopped) break;
    } else if (chunk.type === 'usage') addUsage(usage, chunk);
    else if (chunk.type === 'end') ending = chunk.reason;
    else if (chunk.type === 'notice') notice(chunk.message);
  }
  if (!counted) usage.requests++;
  throwIfCancelled(signal);
  return { end: parser.finish(), ending };
}

/**
 * Asks once more for the blocks that had no place. Whatever comes of it, what was placed before stays; only a cancel ends the generation.
 */
async function repairOnce(
  builder: ProposalBuilder,
  prepared: PreparedGeneration,
  ports: GeneratePorts,
  asking: Asking,
): Promise<GenerateResult['repair']> {
  const failed = builder.requotable;
  if (failed.length === 0) return undefined;
  const { provider, signal, onEvent, notice } = asking;
  const what = editsCount(failed.length);
  try {
    const room = provider.contextTokens - answerTokens(provider) - SPARE_TOKENS;
    const counter = new TokenCounter(provider, signal);
    const asked = await frameRepair({ failed, prepared, placedIn: (path) => builder.placedIn(path) }, ports.marker, {
      room,
      count: (text) => counter.count(text),
    });
    if (!asked) {
      notice(`${what} had no place, and there was no room to ask about ${failed.length === 1 ? 'it' : 'them'} once more.`);
      return undefined;
    }
    onEvent({ type: 'progress', message: repairWords(provider, failed.length), outputTokens: 0, blocks: 0, repairing: failed.length });
    const { end, ending } = await ask(asked, asking, failed.length);
    const placed = await builder.repair(end.blocks);
    notice(
      `${what} had no place at first; ${provider.model} was asked once more, and ${placed === 0 ? 'none has' : `${placed} got`} one now.`,
    );
    if (ending === 'length' || end.cutOff || end.overLimit)
      notice('The second answer was cut off; the complete edits up to there are kept.');
    return { asked: failed.length, placed };
  } catch (error) {
    throwIfCancelled(signal);
    const failure = failureOf(error);
    if (failure === undefined || failure.reason === 'cancelled') throw error;
    notice(`${what} had no place, and asking once more failed: ${failure.message} What was placed before is kept.`);
    return { asked: failed.length, placed: 0 };
  }
}

function repairWords({ model }: ModelProvider, count: number): string {
  return `${model} quotes ${count === 1 ? 'an edit' : `${count} edits`} without a place once more`;
}

function editsCount(count: number): string {
  return count === 1 ? '1 edit' : `${count} edits`;
}

function explainEnd(end: BlocksEnd, ending: Ending, provider: ModelProvider, notice: (message: string) => void): void {
  if (end.blocks.length === 0 && end.prose === '') {
    throw new HandrailError('bad-response', `${provider.model} gave an empty answer.`, { hint: 'Try again, or choose another model.' });
  }
  if (end.overLimit) notice('The model did not stop writing; its answer was ended, the complete edits up to there are kept.');
  else if (ending === 'filtered') notice('The content filter of the endpoint withheld a part of the answer.');
  else if (ending !== 'stop' || end.cutOff) notice('The answer was cut off; the complete edits up to there are kept.');
  else if (end.blocks.length === 0) notice(`${provider.model} proposed no change.`);
}

function filesCount(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}
