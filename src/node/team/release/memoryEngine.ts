import type { Contribution } from '../../../core/team/contribution.ts';
import { admit, NONE_REJECTED, type Rejected } from '../../../core/team/release/admit.ts';
import type { ReleaseEngine } from '../../../core/team/release/tables.ts';
import { openInputs, type InputsOptions } from './openInputs.ts';

/** The engine without a database: reads a folder of inputs, and holds what is admitted in memory. */
export function memoryEngine(inputs: InputsOptions): ReleaseEngine {
  return {
    async admit(options) {
      const contributions: Contribution[] = [];
      const refused: Rejected = { ...NONE_REJECTED };
      for await (const input of openInputs(inputs)) {
        if ('contribution' in input) contributions.push(input.contribution);
        else refused[input.refused] += 1;
      }
      const admitted = admit(contributions, options);
      for (const reason of Object.keys(refused) as (keyof Rejected)[]) admitted.rejected[reason] += refused[reason];
      return admitted;
    },
  };
}
