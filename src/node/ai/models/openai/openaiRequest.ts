import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import type { ResponseCreateParamsStreaming } from 'openai/resources/responses/responses';
import { formOf, type AnswerForm, type EndpointTraits } from '../../../../core/ai/models/capabilities.ts';
import type { ModelParams } from '../../../../core/ai/models/models.ts';
import type { ModelRequest } from '../../../../core/ai/provider.ts';

/** Bodies of the two APIs from one request, without what this model refuses. */

export interface BodyInput {
  model: string;
  request: ModelRequest;
  params: ModelParams;
  traits: EndpointTraits;
  /** Limit of the answer in tokens. */
  maxOutputTokens: number;
  /** The limit's name where nothing is known yet. */
  tokenLimit: 'max_tokens' | 'max_completion_tokens';
}

/** How the answer's form is asked for; undefined when the request prescribes none. */
export function formOfRequest({ request, traits }: Pick<BodyInput, 'request' | 'traits'>): AnswerForm | undefined {
  return request.schema && formOf(traits);
}

export function chatBody(input: BodyInput): ChatCompletionCreateParamsStreaming {
  const { request, traits } = input;
  const allowed = (name: string) => !traits.refused.includes(name);
  return {
    model: input.model,
    messages: allowed('system')
      ? [
          { role: 'system', content: request.system },
          { role: 'user', content: request.user },
        ]
      : [{ role: 'user', content: `${request.system}\n\n${request.user}` }],
    stream: true,
    ...(allowed('stream_options') ? { stream_options: { include_usage: true } } : {}),
    ...chatForm(input),
    ...(allowed('max_tokens') || traits.tokenLimit ? { [traits.tokenLimit ?? input.tokenLimit]: input.maxOutputTokens } : {}),
    ...acceptedParams(input),
  };
}

function chatForm(input: BodyInput): Partial<ChatCompletionCreateParamsStreaming> {
  const { schema } = input.request;
  const form = formOfRequest(input);
  if (schema === undefined || form === 'prompt') return {};
  if (form === 'schema') return { response_format: { type: 'json_schema', json_schema: { ...schema, strict: true } } };
  return {
    tools: [{ type: 'function', function: { name: schema.name, description: CALL, parameters: schema.schema, strict: true } }],
    tool_choice: { type: 'function', function: { name: schema.name } },
  };
}

/** What the function is for, where the answer is had as the arguments of a forced call. */
const CALL = 'Takes the answer.';

function responsesForm(input: BodyInput): Partial<ResponseCreateParamsStreaming> {
  const { schema } = input.request;
  const form = formOfRequest(input);
  if (schema === undefined || form === 'prompt') return {};
  if (form === 'schema') return { text: { format: { type: 'json_schema', ...schema, strict: true } } };
  return {
    tools: [{ type: 'function', name: schema.name, description: CALL, parameters: schema.schema, strict: true }],
    tool_choice: { type: 'function', name: schema.name },
  };
}

export function responsesBody(input: BodyInput): ResponseCreateParamsStreaming {
  const { request } = input;
  const { reasoning_effort: effort, seed: _unknownThere, ...params } = acceptedParams(input);
  return {
    model: input.model,
    instructions: request.system,
    input: request.user,
    stream: true,
    // The API keeps answers for 30 days unless told otherwise.
    store: false,
    // 16 is the least the API takes.
    max_output_tokens: Math.max(16, input.maxOutputTokens),
    ...responsesForm(input),
    ...params,
    ...(effort === undefined ? {} : { reasoning: { effort: effort as 'low' } }),
  };
}

// The SDK's type names known efforts only; endpoints have others.
function acceptedParams({ params, traits }: BodyInput): Omit<ModelParams, 'reasoning_effort'> & { reasoning_effort?: 'low' } {
  return Object.fromEntries(
    Object.entries(params).filter(([name, value]) => value !== undefined && !traits.refused.includes(name)),
  ) as Omit<ModelParams, 'reasoning_effort'> & { reasoning_effort?: 'low' };
}

/** Parameters that can be left out without changing what is asked, in the words endpoints use for them. */
const DROPPABLE: readonly [name: string, pattern: RegExp][] = [
  ['response_format', /response_format|text\.format|json_schema|structured output|\bschema\b/i],
  ['tools', /\btools?\b|tool_choice|function.?call/i],
  ['stream_options', /stream_options|include_usage/i],
  ['temperature', /temperature/i],
  ['top_p', /top_p/i],
  ['seed', /\bseed\b/i],
  ['reasoning_effort', /reasoning/i],
  ['system', /messages\[0\]\.role|system (role|message|prompt)|role 'system'/i],
];

export interface Adaptation {
  traits: EndpointTraits;
  /** For the person. */
  notice: string;
}

/**
 * How to ask again after a 400, or undefined when the refusal names nothing that can be left out. `sent` are the body's keys.
 * An endpoint that refuses without saying what is asked again in the next form of an answer, the usual cause.
 */
export function adapt(
  refusal: { message: string; param?: string | undefined },
  sent: Record<string, unknown>,
  traits: EndpointTraits,
  model: string,
): Adaptation | undefined {
  const about = `${refusal.param ?? ''} ${refusal.message}`;
  const limit = adaptTokenLimit(about, sent, traits);
  if (limit !== undefined) return { traits: limit, notice: `${model} names its output limit differently; the request was adapted.` };
  const present = (name: string) =>
    name === 'response_format'
      ? 'response_format' in sent || 'text' in sent
      : name === 'reasoning_effort'
        ? 'reasoning_effort' in sent || 'reasoning' in sent
        : name === 'system'
          ? 'messages' in sent
          : name in sent;
  const untried = DROPPABLE.filter(([name]) => present(name) && !traits.refused.includes(name));
  const named = untried.find(([name]) => refusal.param === name) ?? untried.find(([, pattern]) => pattern.test(about));
  const isForm = (name: string): boolean => name === 'response_format' || name === 'tools';
  const blind = untried.find(([name]) => isForm(name) && !/context|too long|too large/i.test(about));
  const drop = (named ?? blind)?.[0];
  if (drop === undefined) return undefined;
  return { traits: { ...traits, refused: [...traits.refused, drop] }, notice: `${model} refuses ${plainName(drop)}; it was left out.` };
}

function adaptTokenLimit(about: string, sent: Record<string, unknown>, traits: EndpointTraits): EndpointTraits | undefined {
  if (!/max_(completion_)?tokens/.test(about) || traits.tokenLimit !== undefined) return undefined;
  if ('max_tokens' in sent) return { ...traits, tokenLimit: 'max_completion_tokens' };
  if ('max_completion_tokens' in sent) return { ...traits, tokenLimit: 'max_tokens' };
  return undefined;
}

function plainName(name: string): string {
  if (name === 'response_format') return 'a prescribed answer format';
  if (name === 'tools') return 'to answer by calling a function';
  if (name === 'stream_options') return 'to count tokens while streaming';
  if (name === 'system') return 'a separate system message';
  return `"${name}"`;
}
