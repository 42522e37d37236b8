import { Admission } from '../../../core/team/release/admission.ts';
import type { AdmitOptions } from '../../../core/team/release/admit.ts';
import type { Piece } from './inputPieces.ts';
import { openInputs, type OpenOptions } from './openInputs.ts';

/** A part of the work that can be done by itself, in another thread too. */
export interface AdmitTask {
  pieces: readonly Piece[];
  open: OpenOptions;
  admit: AdmitOptions;
}

export async function admitPieces({ pieces, open, admit }: AdmitTask): Promise<Admission> {
  const admission = new Admission(admit);
  for await (const input of openInputs(pieces, open, (bytes, start) => admission.addLine(bytes, start))) {
    if ('contribution' in input) admission.add(input.contribution);
    else admission.reject(input.refused);
  }
  return admission;
}
