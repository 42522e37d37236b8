import type { z } from 'zod';
import { failureOf, HandrailError, type FailureReason } from '../errors.ts';
import { dataOf, Framed, oneLine } from './framed.ts';
import type { AgentPorts, ToolAnswer, ToolCall, ToolFailure } from './tool.ts';

/**
 * A refusal in our own words, with nothing of the repository in it but ids: told to the agent as it is, while other failures may quote
 * the repository and stand in a fence.
 */
export class Refusal extends HandrailError {
  readonly plain = true;

  constructor(reason: FailureReason, message: string, hint: string) {
    super(reason, message, { hint });
  }
}

const MOST = 2_000;

/** Arguments that do not fit the schema. Names and values that were given are not repeated beyond a line. */
export function unfit(tool: string, error: z.ZodError): ToolAnswer {
  const [issue] = error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'The arguments' : `The argument ${oneLine(issue.path.join('.'), 60)}`;
  const what = oneLine(issue?.message ?? 'not fitting', 200);
  return answer({
    reason: 'usage',
    message: `${where} of ${tool} cannot be used: ${what}.`,
    hint: `Call ${tool} with arguments that its schema allows.`,
  });
}

/** What a call that failed tells the agent. Anything that is no expected failure is a defect of ours, and tells no more than that. */
export function failed(error: unknown, ports: Pick<AgentPorts, 'marker'>, { signal }: Pick<ToolCall, 'signal'>): ToolAnswer {
  if (signal.aborted) return answer({ reason: 'cancelled', message: 'The call was cancelled.', hint: 'Call it again when it is wanted.' });
  const failure = failureOf(error);
  if (failure === undefined) {
    return quoted({ reason: 'internal', message: error instanceof Error ? error.message : String(error) }, ports);
  }
  const { reason, message, hint } = failure;
  const told: ToolFailure = { reason, message, ...(hint === undefined ? {} : { hint }) };
  return 'plain' in failure ? answer(told) : quoted(told, ports);
}

function answer(failure: ToolFailure): ToolAnswer {
  const text = [failure.message, failure.hint].filter((part) => part !== undefined).join(' ');
  return { text, data: dataOf({ error: failure }), failure };
}

function quoted(failure: ToolFailure, { marker }: Pick<AgentPorts, 'marker'>): ToolAnswer {
  const [message, hint] = [oneLine(failure.message, MOST), failure.hint === undefined ? undefined : oneLine(failure.hint, MOST)];
  const text = new Framed()
    .say(`Nothing was done (${failure.reason}). What Handrail says about it may quote the repository:`)
    .quote('Failure:', message)
    .quote('What would mend it; leave it to a person where it takes trust, a key or a decision:', hint ?? '')
    .toText(marker);
  return { text, data: dataOf({ error: failure }), failure };
}
