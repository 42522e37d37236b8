import { Admission } from '../../../core/team/release/admission.ts';
import type { AdmitOptions } from '../../../core/team/release/admit.ts';
import { type Piece, takenFrom, type Turn } from './inputPieces.ts';
import { openInputs, type OpenOptions } from './openInputs.ts';

/** Work that threads share: each takes one piece after the other until none is left. */
export interface AdmitTask {
  pieces: readonly Piece[];
  turn: Turn;
  open: OpenOptions;
  admit: AdmitOptions;
}

export async function admitPieces({ pieces, turn, open, admit }: AdmitTask): Promise<Admission> {
  const admission = new Admission(admit);
  for await (const input of openInputs(takenFrom(pieces, turn), open, (bytes, start) => admission.addLine(bytes, start))) {
    if ('contribution' in input) admission.add(input.contribution);
    else admission.reject(input.refused);
  }
  return admission;
}
