import { APIError } from 'openai/core/error';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { Response, ResponseStreamEvent } from 'openai/resources/responses/responses';
import type { AnswerForm } from '../../../../core/ai/models/capabilities.ts';
import type { ModelChunk } from '../../../../core/ai/provider.ts';

/** Events of the two APIs into chunks. Servers leave fields out, so nothing beyond the envelope is taken for granted. */

export interface ChunkOptions {
  /** How the answer was asked for; undefined when it has no prescribed form. */
  form?: AnswerForm;
  /** Currency of a number in `usage.cost`; undefined where nobody knows what the endpoint means by it. */
  costCurrency?: string;
  /** The model calls the function that it was given. */
  onCall?(): void;
  /** The server named the end; the tokens are told after it, and some servers never close the stream. */
  onFinish?(): void;
}

/** Characters of talk that a model may put before a forced call. More of it is an answer, and is shown while it comes. */
const LONGEST_TALK = 4000;

export async function* chatChunks(events: AsyncIterable<ChatCompletionChunk>, options: ChunkOptions = {}): AsyncGenerator<ModelChunk> {
  let reason: string | undefined;
  let refusal = '';
  let usage: ModelChunk | undefined;
  const calls = new CalledFunction(options);
  for await (const event of events) {
    const choice = event?.choices?.[0];
    const text = calls.push(choice?.delta);
    if (text !== '') yield { type: 'text', text };
    if (choice?.delta?.refusal) refusal += choice.delta.refusal;
    if (choice?.finish_reason) {
      reason = choice.finish_reason;
      options.onFinish?.();
    }
    // Some servers tell the sums so far with every event; the last ones count.
    if (event?.usage) usage = chatUsage(event.usage, options);
  }
  const left = calls.rest();
  if (left !== '') yield { type: 'text', text: left };
  if (usage !== undefined) yield usage;
  // OpenRouter ends a stream so when the host behind it failed: https://openrouter.ai/docs/api-reference/streaming.
  if (reason === 'error') throw new Error('The host of the model failed.');
  if (refusal !== '') yield { type: 'notice', message: `The model refused: ${refusal.slice(0, 200)}` };
  if (refusal !== '' || reason === 'content_filter') yield { type: 'end', reason: 'filtered' };
  else if (reason !== undefined) yield { type: 'end', reason: reason === 'length' ? 'length' : 'stop' };
}

/** The text of an answer: what is said or, where a function has to be called, its arguments. */
class CalledFunction {
  readonly #options: ChunkOptions;
  #state: 'talk' | 'call' | 'plain';
  #held = '';
  #index: number | undefined;

  constructor(options: ChunkOptions) {
    this.#options = options;
    this.#state = options.form === 'tool' ? 'talk' : 'plain';
  }

  push(delta: ChatCompletionChunk.Choice.Delta | undefined): string {
    let text = '';
    for (const call of delta?.tool_calls ?? []) {
      const piece: unknown = call?.function?.arguments;
      // Some servers send the arguments as an object, and in one piece.
      text += this.#arguments(
        call?.index,
        typeof piece === 'string' ? piece : piece === undefined || piece === null ? '' : JSON.stringify(piece),
      );
    }
    const content: unknown = delta?.content;
    return text + this.#content(typeof content === 'string' ? content : '');
  }

  /** What was held back for a call that did not come. */
  rest(): string {
    return this.#state === 'talk' ? this.#held : '';
  }

  #arguments(index: number | undefined, piece: string): string {
    if (this.#options.form !== 'tool') return '';
    if (this.#state !== 'call') this.#options.onCall?.();
    this.#state = 'call';
    const isNext = this.#index !== undefined && index !== undefined && index !== this.#index;
    this.#index ??= index;
    if (isNext) this.#index = index;
    return isNext ? `\n${piece}` : piece;
  }

  #content(piece: string): string {
    if (this.#state !== 'talk') return this.#state === 'call' ? '' : piece;
    this.#held += piece;
    if (this.#held.length <= LONGEST_TALK) return '';
    this.#state = 'plain';
    return this.#held;
  }
}

function chatUsage(usage: NonNullable<ChatCompletionChunk['usage']>, { costCurrency }: ChunkOptions): ModelChunk {
  const cost = (usage as { cost?: unknown }).cost;
  return {
    type: 'usage',
    inputTokens: usage.prompt_tokens ?? 0,
    outputTokens: usage.completion_tokens ?? 0,
    cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    ...(costCurrency !== undefined && typeof cost === 'number' && cost >= 0 ? { cost: { amount: cost, currency: costCurrency } } : {}),
  };
}

export async function* responsesChunks(events: AsyncIterable<ResponseStreamEvent>, options: ChunkOptions = {}): AsyncGenerator<ModelChunk> {
  let refusal = '';
  for await (const event of events) {
    switch (event?.type) {
      case 'response.output_text.delta':
        if (event.delta) yield { type: 'text', text: event.delta };
        break;
      case 'response.function_call_arguments.delta':
        options.onCall?.();
        if (event.delta) yield { type: 'text', text: event.delta };
        break;
      case 'response.refusal.delta':
        refusal += event.delta;
        break;
      case 'response.completed':
      case 'response.incomplete':
        if (refusal !== '') yield { type: 'notice', message: `The model refused: ${refusal.slice(0, 200)}` };
        yield* closing(event.response, refusal !== '');
        options.onFinish?.();
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
