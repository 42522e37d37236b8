import type { HandrailError } from '../core/errors.ts';

/** A failure with what was done before it; with `--format json` the parts stand beside the error. */
export class PartialFailure extends Error {
  readonly failure: HandrailError;
  readonly parts: Readonly<Record<string, unknown>>;

  constructor(failure: HandrailError, parts: Readonly<Record<string, unknown>>) {
    super(failure.message, { cause: failure });
    this.name = 'PartialFailure';
    this.failure = failure;
    this.parts = parts;
  }
}

/** Recognised by shape, as bundles are split and class identity does not hold across them. */
export function partialFailureOf(error: unknown): PartialFailure | undefined {
  return error instanceof Error && error.name === 'PartialFailure' && 'failure' in error ? (error as PartialFailure) : undefined;
}
