import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { Response, ResponseStreamEvent } from 'openai/resources/responses/responses';
import { APIError } from 'openai/core/error';
import type { ModelChunk } from '../../core/ai/provider.ts';

/** Events of the two APIs into chunks. Servers leave fields out, so nothing beyond the envelope is taken for granted. */

/** The end comes as soon as the server names it; the tokens are told after it, and some servers never close the stream. */
export async function* chatChunks(events: AsyncIterable<ChatCompletionChunk>): AsyncGenerator<ModelChunk> {
  let refusal = '';
  let ended = false;
  for await (const event of events) {
    const choice = event?.choices?.[0];
    const content: unknown = choice?.delta?.content;
    if (typeof content === 'string' && content !== '') yield { type: 'text', text: content };
    if (choice?.delta?.refusal) refusal += choice.delta.refusal;
    if (choice?.finish_reason && !ended) {
      ended = true;
      yield* ending(choice.finish_reason, refusal);
    }
    if (event?.usage) {
      yield {
        type: 'usage',
        inputTokens: event.usage.prompt_tokens ?? 0,
        outputTokens: event.usage.completion_tokens ?? 0,
        cachedTokens: event.usage.prompt_tokens_details?.cached_tokens ?? 0,
      };
    }
  }
  if (!ended && refusal !== '') yield* ending('stop', refusal);
}

function* ending(reason: string, refusal: string): Generator<ModelChunk> {
  if (refusal !== '') yield { type: 'notice', message: `The model refused: ${refusal.slice(0, 200)}` };
  if (refusal !== '' || reason === 'content_filter') yield { type: 'end', reason: 'filtered' };
  else yield { type: 'end', reason: reason === 'length' ? 'length' : 'stop' };
}

export async function* responsesChunks(events: AsyncIterable<ResponseStreamEvent>): AsyncGenerator<ModelChunk> {
  let refusal = '';
  for await (const event of events) {
    switch (event?.type) {
      case 'response.output_text.delta':
        if (event.delta) yield { type: 'text', text: event.delta };
        break;
      case 'response.refusal.delta':
        refusal += event.delta;
        break;
      case 'response.completed':
      case 'response.incomplete':
        if (refusal !== '') yield { type: 'notice', message: `The model refused: ${refusal.slice(0, 200)}` };
        yield* closing(event.response, refusal !== '');
        break;
      case 'response.failed':
        throw brokenOff(event.response?.error?.message);
      case 'error':
        throw brokenOff(event.message);
      default:
        break;
    }
  }
}

/** An error that a server tells within its stream, as the SDK throws it for Chat Completions. */
function brokenOff(message: string | undefined): APIError {
  return new APIError(undefined, { message: message ?? 'It does not say why.' }, undefined, undefined);
}

function* closing(response: Response, refused: boolean): Generator<ModelChunk> {
  const { usage } = response;
  if (usage) {
    yield {
      type: 'usage',
      inputTokens: usage.input_tokens ?? 0,
      outputTokens: usage.output_tokens ?? 0,
      cachedTokens: usage.input_tokens_details?.cached_tokens ?? 0,
    };
  }
  const cause = response.incomplete_details?.reason;
  if (refused || cause === 'content_filter') yield { type: 'end', reason: 'filtered' };
  else if (response.status === 'incomplete') yield { type: 'end', reason: 'length' };
  else yield { type: 'end', reason: 'stop' };
}
