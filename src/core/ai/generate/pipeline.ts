import { HandrailError } from '../../errors.ts';
import type { CancelSignal } from '../../ports.ts';
import type { Usage } from '../finding.ts';
import type { ModelProvider } from '../provider.ts';
import { digest } from '../review/fingerprint.ts';
import { addUsage } from '../usage.ts';
import { BlockParser, type BlocksEnd } from './blocks.ts';
import { PROMPT_VERSION } from './frame.ts';
import type { GenerateEvent, GenerateResult } from './generation.ts';
import type { GenerateInput, GeneratePorts } from './input.ts';
import { answerTokens, prepareGeneration, throwIfCancelled, type PreparedGeneration } from './prepare.ts';
import { proposeChanges } from './propose.ts';

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
  const notices: string[] = [];
  const notice = (message: string): void => {
    if (notices.includes(message)) return;
    notices.push(message);
    onEvent({ type: 'notice', message });
  };
  input.notices.forEach(notice);
  onEvent({ type: 'progress', message: 'Reading', outputTokens: 0, blocks: 0 });
  const prepared = await prepareGeneration(input, ports, signal);
  const { provider } = ports;
  onEvent({ type: 'progress', message: `${provider.model} reads ${filesCount(prepared.shown.size)}`, outputTokens: 0, blocks: 0 });
  const { end, ending, usage } = await ask(prepared, provider, signal, onEvent, notice);
  explainEnd(end, ending, provider, notice);
  const proposal = await proposeChanges(end.blocks, {
    shown: prepared.shown,
    usedMarkers: prepared.usedMarkers,
    at: input.at,
    named: input.named,
    facts: ports.targets,
    toldPaths: prepared.toldPaths,
  });
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
  };
}

type Ending = 'stop' | 'length' | 'filtered' | 'cut-off';

/** Events come at most once in so many tokens. */
const PROGRESS_TOKENS = 25;

async function ask(
  { system, user }: PreparedGeneration,
  provider: ModelProvider,
  signal: CancelSignal,
  onEvent: (event: GenerateEvent) => void,
  notice: (message: string) => void,
): Promise<{ end: BlocksEnd; ending: Ending; usage: Usage }> {
  const parser = new BlockParser();
  const usage: Usage = { requests: 1, inputTokens: 0, outputTokens: 0, cachedTokens: 0, cacheHits: 0 };
  let ending: Ending = 'stop';
  let length = 0;
  let shown = 0;
  let blocks = 0;
  for await (const chunk of provider.stream({ system, user, maxOutputTokens: answerTokens(provider) }, signal)) {
    if (chunk.type === 'text') {
      parser.push(chunk.text);
      length += chunk.text.length;
      const tokens = Math.ceil(length / 4);
      if (tokens - shown >= PROGRESS_TOKENS || parser.count > blocks) {
        shown = tokens;
        blocks = parser.count;
        onEvent({ type: 'progress', message: `${provider.model} writes`, outputTokens: tokens, blocks });
      }
      if (parser.stopped) break;
    } else if (chunk.type === 'usage') addUsage(usage, chunk);
    else if (chunk.type === 'end') ending = chunk.reason;
    else if (chunk.type === 'notice') notice(chunk.message);
  }
  throwIfCancelled(signal);
  return { end: parser.finish(), ending, usage };
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
