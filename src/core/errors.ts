/**
 * Expected failures. Callers decide on `reason`, never on message text; bundles are split, so a class identity is not
 * reliable across them and {@link failureOf} recognises a failure by its shape.
 */
export type FailureReason =
  | 'usage' // wrong arguments
  | 'config' // an invalid file of the team or the person
  | 'not-found'
  | 'no-git'
  | 'no-merge-base'
  | 'untrusted' // workspace or workflow digest not trusted, endpoint not confirmed
  | 'key-origin' // a key is stored for another origin
  | 'no-key'
  | 'unauthorised'
  | 'unreachable'
  | 'redirect'
  | 'rate-limited'
  | 'model-not-found'
  | 'bad-request'
  | 'bad-response'
  | 'timeout'
  | 'too-large'
  | 'over-budget' // the call could cost more than models.yml allows
  | 'read-only'
  | 'conflict' // the text changed in between
  | 'io'
  | 'cancelled'
  | 'internal';

export interface FailureDetails {
  /** The next action in one sentence, imperative. */
  hint?: string;
  /** Where the mend belongs. Line and column count from 1. */
  location?: { path: string; line?: number; column?: number };
  cause?: unknown;
}

export class HandrailError extends Error {
  readonly reason: FailureReason;
  readonly hint: string | undefined;
  readonly location: FailureDetails['location'] | undefined;

  constructor(reason: FailureReason, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'HandrailError';
    this.reason = reason;
    this.hint = details.hint;
    this.location = details.location;
  }
}

/** The expected failure behind `error`, or undefined when it is a defect. */
export function failureOf(error: unknown): HandrailError | undefined {
  if (error instanceof HandrailError) return error;
  if (error instanceof Error && error.name === 'HandrailError' && 'reason' in error) return error as HandrailError;
  return undefined;
}

const MODEL_SIDE: ReadonlySet<FailureReason> = new Set([
  'unreachable',
  'redirect',
  'rate-limited',
  'model-not-found',
  'unauthorised',
  'bad-request',
  'bad-response',
  'timeout',
  'over-budget',
]);

/** Process exit code of a failure as fixed by the command-line contract: 2 usage or configuration, 3 model side, 130 interrupted. */
export function exitCodeOf(reason: FailureReason): 2 | 3 | 130 {
  if (reason === 'cancelled') return 130;
  return MODEL_SIDE.has(reason) ? 3 : 2;
}
