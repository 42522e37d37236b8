import { HandrailError } from '../../errors.ts';
import type { CancelSignal } from '../../ports.ts';
import type { Usage } from '../finding.ts';
import { digest } from '../review/fingerprint.ts';
import { addUsage } from '../usage.ts';
import { collectNotices } from '../notices.ts';
import { answerText } from './answerText.ts';
import { commitMessageOf } from './commitMessage.ts';
import { descriptionOf } from './description.ts';
import type { DraftEvent, DraftResult } from './draft.ts';
import { PROMPT_VERSION } from './frame.ts';
import type { DraftInput, DraftPorts } from './input.ts';
import { answerTokens, prepareDraft } from './prepare.ts';

/** UTF-16 units after which a model that does not stop is ended. */
const LONGEST = { 'commit-message': 16_000, 'pull-request': 60_000 } as const;
/** A new look at the draft at most once in so many characters of the answer. */
const TEXT_STEP = 24;

/**
 * Asks the model for the text. Nothing is written. Fails with the provider's HandrailError, with `bad-response` for an answer that holds
 * no text, or `cancelled`.
 */
export async function runDraft(
  input: DraftInput,
  ports: DraftPorts,
  { signal, onEvent }: { signal: CancelSignal; onEvent(event: DraftEvent): void },
): Promise<DraftResult> {
  const { notices, notice } = collectNotices(onEvent);
  input.notices.forEach(notice);
  onEvent({ type: 'progress', message: 'Reading the change', outputTokens: 0 });
  const prepared = await prepareDraft(input, ports, signal);
  const { provider } = ports;
  onEvent({ type: 'progress', message: `${provider.model} reads the change`, outputTokens: 0 });
  const usage: Usage = { requests: 1, inputTokens: 0, outputTokens: 0, cachedTokens: 0, cacheHits: 0 };
  const answer = await ask(prepared, input, provider, { signal, onEvent, notice, usage });
  const text = textOf(answer, input, notice);
  if (text === undefined) {
    throw new HandrailError('bad-response', `${provider.model} gave an empty answer.`, { hint: 'Try again, or choose another model.' });
  }
  return {
    kind: input.kind,
    text,
    source: input.source,
    model: provider.name,
    modelId: provider.model,
    promptDigest: `sha256:${digest([PROMPT_VERSION, prepared.system, prepared.stable])}`,
    usage,
    coverage: prepared.coverage,
    redactions: prepared.redactions,
    notices,
  };
}

async function ask(
  { system, user }: { system: string; user: string },
  { kind }: DraftInput,
  provider: DraftPorts['provider'],
  parts: { signal: CancelSignal; onEvent(event: DraftEvent): void; notice(message: string): void; usage: Usage },
): Promise<string> {
  const { signal, onEvent, notice, usage } = parts;
  let answer = '';
  let told = 0;
  for await (const chunk of provider.stream({ system, user, maxOutputTokens: answerTokens(provider, kind) }, signal)) {
    if (chunk.type === 'text') {
      answer += chunk.text;
      if (answer.length > LONGEST[kind]) {
        notice('The model did not stop writing; its answer was ended.');
        answer = answer.slice(0, LONGEST[kind]);
        break;
      }
      if (answer.length - told < TEXT_STEP) continue;
      told = answer.length;
      onEvent({ type: 'progress', message: `${provider.model} writes`, outputTokens: Math.ceil(answer.length / 4) });
      if (kind === 'commit-message') onEvent({ type: 'text', text: answerText(answer) });
    } else if (chunk.type === 'usage') addUsage(usage, chunk);
    else if (chunk.type === 'notice') notice(chunk.message);
    else if (chunk.type === 'end' && chunk.reason === 'filtered') {
      notice('The content filter of the endpoint withheld a part of the answer.');
    } else if (chunk.type === 'end' && chunk.reason !== 'stop') notice('The answer was cut off.');
  }
  if (signal.aborted) throw new HandrailError('cancelled', 'The draft was cancelled.');
  return answer;
}

function textOf(answer: string, { kind, sections, hint, branch }: DraftInput, notice: (message: string) => void): string | undefined {
  if (kind === 'pull-request') return descriptionOf(answer, sections);
  const message = commitMessageOf(answer, { said: `${hint}\n${branch ?? ''}` });
  message?.notices.forEach(notice);
  return message?.text;
}
