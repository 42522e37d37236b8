import { asContribution, type Contribution } from '../../../core/team/contribution.ts';
import type { Rejection } from '../../../core/team/release/admit.ts';
import { asEnvelope, open } from '../envelope.ts';
import type { TeamKey } from '../keys.ts';
import { type Input, inputsIn, type TakeLine } from './inputFiles.ts';

export interface InputsOptions {
  /** Folder that contributions were collected in. */
  folder: string;
  key?: TeamKey;
  /** Whether what is not sealed counts. */
  allowPlain: boolean;
}

export type OpenedInput = { contribution: Contribution } | { refused: Rejection };

/**
 * What a folder's inputs hold, one by one, opened with the team's key. Nothing that an input holds makes it fail. Where contributions that
 * are not sealed count, `takePlain` may take them before they are parsed.
 */
export async function* openInputs({ folder, ...options }: InputsOptions, takePlain?: TakeLine): AsyncGenerator<OpenedInput> {
  for (const input of inputsIn(folder, options.allowPlain ? takePlain : undefined)) yield await openInput(input, options);
}

async function openInput(input: Input, { key, allowPlain }: Omit<InputsOptions, 'folder'>): Promise<OpenedInput> {
  if (input === undefined) return { refused: 'unreadable' };
  const envelope = asEnvelope(input.value);
  if (envelope !== undefined) return key === undefined ? { refused: 'unreadable' } : await open(envelope, key);
  const contribution = allowPlain ? asContribution(input.value) : undefined;
  return contribution === undefined ? { refused: 'invalid' } : { contribution };
}
