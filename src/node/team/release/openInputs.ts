import { asContribution, type Contribution } from '../../../core/team/contribution.ts';
import { NONE_REJECTED, type Rejected } from '../../../core/team/release/admit.ts';
import { asEnvelope, open } from '../envelope.ts';
import type { TeamKey } from '../keys.ts';
import { inputsIn } from './inputFiles.ts';

export interface OpenedInputs {
  contributions: readonly Contribution[];
  rejected: Rejected;
}

/**
 * The contributions of a folder, opened with the team's key. What is not sealed counts only with `allowPlain`. Nothing that an input
 * holds makes it fail.
 */
export async function openInputs(folder: string, { key, allowPlain }: { key?: TeamKey; allowPlain: boolean }): Promise<OpenedInputs> {
  const contributions: Contribution[] = [];
  const rejected: Rejected = { ...NONE_REJECTED };
  for await (const input of inputsIn(folder)) {
    const envelope = input && asEnvelope(input.value);
    if (envelope !== undefined) {
      const opened = key === undefined ? ({ refused: 'unreadable' } as const) : await open(envelope, key);
      if ('contribution' in opened) contributions.push(opened.contribution);
      else rejected[opened.refused] += 1;
      continue;
    }
    const plain = input && asContribution(input.value);
    if (plain !== undefined && allowPlain) contributions.push(plain);
    else if (input === undefined) rejected.unreadable += 1;
    else rejected.invalid += 1;
  }
  return { contributions, rejected };
}
