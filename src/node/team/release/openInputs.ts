import { asContribution, type Contribution } from '../../../core/team/contribution.ts';
import type { Rejection } from '../../../core/team/release/admit.ts';
import type { TeamKey } from '../keys.ts';
import { type Input, inputsOf, type TakeLine } from './inputFiles.ts';
import type { Piece } from './inputPieces.ts';

export interface OpenOptions {
  key?: TeamKey;
  /** Whether what is not sealed counts. */
  allowPlain: boolean;
}

export type OpenedInput = { contribution: Contribution } | { refused: Rejection };

/**
 * What inputs hold, one by one, opened with the team's key. Nothing that an input holds makes it fail. Where contributions that are not
 * sealed count, `takePlain` may take them before they are parsed.
 */
export async function* openInputs(pieces: Iterable<Piece>, options: OpenOptions, takePlain: TakeLine): AsyncGenerator<OpenedInput> {
  for (const input of inputsOf(pieces, options.allowPlain ? takePlain : undefined)) yield await openInput(input, options);
}

async function openInput(input: Input, { key, allowPlain }: OpenOptions): Promise<OpenedInput> {
  if (input === undefined) return { refused: 'unreadable' };
  const contribution = asContribution(input.value);
  if (contribution !== undefined) return allowPlain ? { contribution } : { refused: 'invalid' };
  // Only what is sealed needs it, and it takes its time to load.
  const { asEnvelope, open } = await import('../envelope.ts');
  const envelope = asEnvelope(input.value);
  if (envelope === undefined) return { refused: 'invalid' };
  return key === undefined ? { refused: 'unreadable' } : await open(envelope, key);
}
