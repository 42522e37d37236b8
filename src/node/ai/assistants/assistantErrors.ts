import type { Assistant } from '../../../core/ai/models/assistants.ts';
import { withoutKeys } from '../../../core/ai/models/said.ts';
import { HandrailError } from '../../../core/errors.ts';
import type { AssistantEvent } from './assistantEvent.ts';

/** What went wrong with an assistant, with the next action. Messages hold one short line of what it said and no secret. */

const SIGN_IN =
  /run \/login|\/login\b|codex login|not logged in|log(?:ged)? ?in (?:is )?required|please (?:log|sign) ?in|invalid (?:api )?key|authentication.{0,20}(?:failed|required|error)|oauth token|token (?:has )?expired|unauthori[sz]ed|\b401\b|set an auth method|manual authorization/i;
const LIMIT = /usage limit|credit balance|rate.?limit|hit your limit|quota|too many requests|resource.?exhausted|\b429\b/i;
const OPTION = /unknown (?:option|argument|flag)|unexpected argument|unrecognized (?:option|argument)|invalid values?:/i;
const QUESTION = /\?\s*$|\[y\/n\]|\(y\/n\)|press (?:any key|enter)|password:\s*$|:\s*$/i;

export function failed(
  { name, signIn }: Assistant,
  event: Pick<Extract<AssistantEvent, { type: 'failure' }>, 'message' | 'kind'>,
): HandrailError {
  const words = oneLine(event.message);
  if (event.kind === 'authentication' || SIGN_IN.test(event.message)) {
    return new HandrailError('unauthorised', `${name} is not signed in: ${words}`, { hint: `${signIn}, then try again.` });
  }
  if (event.kind === 'rate-limit' || LIMIT.test(event.message)) {
    return new HandrailError('rate-limited', `${name} takes no more requests for now: ${words}`, {
      hint: 'Wait until its limit is renewed, or choose another model.',
    });
  }
  return new HandrailError('bad-response', `${name} failed: ${words}`, { hint: 'Try again, or choose another model.' });
}

/** It ended with this exit code and without an answer. */
export function exited(assistant: Assistant, code: number | null, output: string, signInExitCodes: readonly number[]): HandrailError {
  const { name, command } = assistant;
  if (OPTION.test(output)) {
    return new HandrailError('bad-request', `${name} does not know an option that Handrail uses: ${oneLine(output)}`, {
      hint: `Update ${name}, or choose another model.`,
    });
  }
  if (output.trim() === '' && !signInExitCodes.includes(code ?? -1)) {
    const how =
      code === 0 ? 'ended without an answer' : code === null ? 'was ended by the system' : `ended with exit code ${code} and said nothing`;
    return new HandrailError('bad-response', `${name} ${how}.`, { hint: `Run \`${command}\` on a terminal to see whether it works.` });
  }
  return failed(assistant, { message: output, ...(signInExitCodes.includes(code ?? -1) ? { kind: 'authentication' } : {}) });
}

/** Nothing was heard from it for too long. What it said last may be a question that nobody is there to answer. */
export function silent(assistant: Assistant, output: string): HandrailError {
  const { name, command } = assistant;
  const last = lastLine(output);
  if (SIGN_IN.test(output)) return failed(assistant, { message: output, kind: 'authentication' });
  if (QUESTION.test(last)) return asked(assistant, last);
  return new HandrailError('timeout', `${name} stopped answering.`, {
    hint: `Run \`${command}\` on a terminal to see whether it waits for something, then try again.`,
  });
}

export function asked({ name, command }: Assistant, question: string): HandrailError {
  return new HandrailError('timeout', `${name} asks a question, which nobody can answer here: ${oneLine(question)}`, {
    hint: `Run \`${command}\` on a terminal, answer it there, then try again.`,
  });
}

export function notStarted({ name, id }: Assistant, message: string): HandrailError {
  return new HandrailError('config', `${name} could not be started: ${oneLine(message)}`, {
    hint: `Install it again, or name another path for "${id}" in your settings.`,
  });
}

export function notText({ name }: Assistant): HandrailError {
  return new HandrailError('bad-response', `${name} answered with something that is not text.`, {
    hint: 'Check that the right program has this name, or choose another model.',
  });
}

export function tooMuch({ name }: Assistant): HandrailError {
  return new HandrailError('bad-response', `${name} sent far more than an answer.`, { hint: 'Try again, or choose another model.' });
}

/** The end of what was said, as one sentence, without anything that looks like a key. */
function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- colours of a terminal
  const plain = text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '');
  const line = withoutKeys(plain)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  const short = line.length > 200 ? `…${line.slice(-200)}` : line;
  return /[.!?…]$/.test(short) ? short : `${short || 'it did not say why'}.`;
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
