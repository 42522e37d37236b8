import { afterAnswer, type EndpointTraits } from '../../../../core/ai/models/capabilities.ts';
import type { ModelParams } from '../../../../core/ai/models/models.ts';
import type { ModelChunk } from '../../../../core/ai/provider.ts';
import type { HandrailError } from '../../../../core/errors.ts';
import type { TraitsMemory } from './endpointTraits.ts';
import type { FormWatch } from './formWatch.ts';
import { httpStatus, isFiltered } from './openaiErrors.ts';
import { adapt } from './openaiRequest.ts';

/** What the attempts of one request show about its endpoint, and how it is asked next. */

export interface CourseOptions {
  model: string;
  /** Fixes the API; found out when absent. */
  api?: 'chat' | 'responses';
  params?: ModelParams;
  key: string | undefined;
  renewKey?(): Promise<string | undefined>;
  traits: TraitsMemory;
}

/** What one request has learned from its attempts so far. */
export interface Course {
  traits: EndpointTraits;
  /** What was learned is not written down yet: it counts once an attempt was accepted. */
  isNew: boolean;
  api: 'chat' | 'responses';
  /** The API is known, from the entry or from before. */
  settled: boolean;
  /** Attempts that failed in a way that may pass. */
  failures: number;
  key: string | undefined;
  isKeyRenewed: boolean;
  /** What Chat Completions said before the Responses API was tried. */
  chatRefusal?: HandrailError;
}

export async function beginCourse(provider: CourseOptions): Promise<Course> {
  const traits = await provider.traits.read();
  const known = provider.api ?? traits.api;
  return {
    traits,
    isNew: false,
    api: known ?? 'chat',
    settled: known !== undefined,
    failures: 0,
    key: provider.key,
    isKeyRenewed: false,
  };
}

/** The endpoint took the request as it was sent, so what was left out of it for that is known. */
export async function accepted(course: Course, provider: CourseOptions): Promise<void> {
  if (course.chatRefusal !== undefined && course.traits.api !== course.api) note(course, { ...course.traits, api: course.api });
  if (!course.isNew) return;
  course.isNew = false;
  await provider.traits.write(course.traits);
}

/** An answer shows whether the form that it was asked for in is kept to. */
export async function ended(
  course: Course,
  provider: CourseOptions,
  watch: FormWatch | undefined,
  reason: Extract<ModelChunk, { type: 'end' }>['reason'],
): Promise<void> {
  const kept = watch?.verdict(reason);
  if (watch !== undefined && kept !== undefined) note(course, afterAnswer(course.traits, watch.form, kept));
  await accepted(course, provider);
}

function note(course: Course, traits: EndpointTraits): void {
  course.isNew ||= traits !== course.traits;
  course.traits = traits;
}

/** A key that was refused may have expired. The empty message when there is another one now. */
export async function renewed(course: Course, provider: CourseOptions, failure: HandrailError): Promise<'' | undefined> {
  if (failure.reason !== 'unauthorised' || course.isKeyRenewed || provider.renewKey === undefined) return undefined;
  course.isKeyRenewed = true;
  const key = await provider.renewKey();
  if (key === undefined || key === course.key) return undefined;
  course.key = key;
  return '';
}

type Sent = Record<string, unknown>;

/** Changes the course where the refusal tells how to ask instead. What to tell the person, or undefined when nothing was learned. */
export function learn(course: Course, provider: CourseOptions, error: unknown, failure: HandrailError, sent: Sent): string | undefined {
  const adaptation = isRefusal(error) ? adapt(refusalOf(error), sent, course.traits, provider.model) : undefined;
  if (adaptation !== undefined) {
    note(course, adaptation.traits);
    return adaptation.notice;
  }
  if (failure.reason !== 'model-not-found' || course.settled || course.api !== 'chat') return undefined;
  // Some models exist only on the Responses API and answer 404 here.
  course.chatRefusal = failure;
  course.api = 'responses';
  return '';
}

/** Where neither API knows the model, what the first one said is the better explanation. */
export function toldFailure({ chatRefusal }: Course, failure: HandrailError): HandrailError {
  return chatRefusal !== undefined && ['model-not-found', 'bad-request'].includes(failure.reason) ? chatRefusal : failure;
}

/** Parameters of the entry that are known to be refused: said every time, since the answer is not what was pinned. */
export function standingNotices(provider: CourseOptions, traits: EndpointTraits): string[] {
  const dropped = Object.keys(provider.params ?? {}).filter((name) => traits.refused.includes(name));
  return dropped.map((name) => `${provider.model} refuses "${name}"; it was left out.`);
}

/** Whether the endpoint says that it does not take the request as it is. Some use another status for calls of functions. */
function isRefusal(error: unknown): error is { status: number; message: string; param?: string | null } {
  const status = httpStatus(error);
  if (status === 400 || status === 422) return !isFiltered(error);
  const text = error instanceof Error ? error.message : '';
  return (status === 404 || status === 500 || status === 501) && /\btools?\b|tool_choice/i.test(text) && /support|requires?\b/i.test(text);
}

function refusalOf(error: { message: string; param?: string | null }): { message: string; param?: string } {
  return { message: error.message, ...(typeof error.param === 'string' ? { param: error.param } : {}) };
}
