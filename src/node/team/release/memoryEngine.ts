import { Admission } from '../../../core/team/release/admission.ts';
import type { ReleaseEngine } from '../../../core/team/release/tables.ts';
import { openInputs, type InputsOptions } from './openInputs.ts';

/** The engine without a database: reads a folder of inputs, and holds the numbers of what is admitted in memory. */
export function memoryEngine(inputs: InputsOptions): ReleaseEngine {
  return {
    async admit(options) {
      const admission = new Admission(options);
      for await (const input of openInputs(inputs, (bytes, start) => admission.addLine(bytes, start))) {
        if ('contribution' in input) admission.add(input.contribution);
        else admission.reject(input.refused);
      }
      return admission.admitted();
    },
  };
}
