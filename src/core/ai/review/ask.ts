import type { CancelSignal } from '../../ports.ts';
import type { ModelUse, RawFinding } from '../finding.ts';
import type { ModelChunk, ModelProvider, ModelRequest } from '../provider.ts';
import { AnswerParser, type AnswerEnd } from './answer.ts';
import type { ScoreStep } from './score.ts';

/** What a model says while it answers one request. */
export type AskStep =
  | { type: 'finding'; raw: RawFinding; score?: number }
  /** Tokens written so far, estimated. */
  | { type: 'written'; tokens: number }
  | ScoreStep;

export interface Answer {
  end: AnswerEnd;
  ending: Extract<ModelChunk, { type: 'end' }>['reason'];
  /** Who answered, when it was another entry than the one that was asked. */
  by?: ModelUse;
  /** What was found should have been judged and was not. */
  unjudged?: boolean;
}

/** Progress is told once in so many tokens. */
const TOLD_TOKENS = 50;
const CHARACTERS_PER_TOKEN = 4;

/** Asks once and hands out each finding at the brace that completes it. Fails with the provider's HandrailError. */
export async function* ask(provider: ModelProvider, request: ModelRequest, signal: CancelSignal): AsyncGenerator<AskStep, Answer> {
  const parser = new AnswerParser();
  let ending: Answer['ending'] = 'stop';
  let by: ModelUse | undefined;
  let length = 0;
  let told = 0;
  for await (const chunk of provider.stream(request, signal)) {
    if (chunk.type === 'text') {
      for (const raw of parser.push(chunk.text)) yield { type: 'finding', raw };
      length += chunk.text.length;
      const tokens = Math.ceil(length / CHARACTERS_PER_TOKEN);
      if (tokens - told >= TOLD_TOKENS) {
        told = tokens;
        yield { type: 'written', tokens };
      }
      if (parser.stopped) break;
    } else if (chunk.type === 'end') ending = chunk.reason;
    else if (chunk.type === 'answering') by = { name: chunk.name, model: chunk.model, origin: chunk.origin };
    else yield chunk;
  }
  const end = parser.finish();
  for (const raw of end.findings) yield { type: 'finding', raw };
  return { end, ending, ...(by === undefined ? {} : { by }) };
}

/** Why what was asked about counts as read in part only, and the sentence for it; nothing for a whole answer. */
export function damageOf({ end, ending }: Answer, files: readonly string[]): { reason: string; notice?: string } | undefined {
  if (end.overLimit) {
    return {
      reason: 'the answer did not end and was stopped',
      notice: 'The model did not stop writing; its answer was ended, the findings up to there are kept.',
    };
  }
  if (ending === 'filtered') {
    return {
      reason: 'the answer was withheld by the content filter of the endpoint',
      notice: 'The content filter of the endpoint withheld a part of the answer.',
    };
  }
  if (end.unreadable)
    return { reason: 'the answer could not be read', notice: `The answer about ${files.join(', ')} held no list of findings.` };
  if (ending !== 'stop' || end.cutOff)
    return { reason: 'the answer was cut off', notice: 'The answer was cut off; the findings up to there are kept.' };
  return end.lost > 0 ? { reason: 'a part of the answer could not be read' } : undefined;
}
