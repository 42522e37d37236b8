import { HandrailError } from '../../errors.ts';
import type { CancelSignal } from '../../ports.ts';
import type { Finding, ReviewEvent } from '../finding.ts';
import { Admission } from './admission.ts';
import { learnAsides, NO_ASIDES, type Asides } from './asides.ts';
import type { ReviewInput, ReviewPorts } from './input.ts';
import type { PlacedFinding } from './place.ts';
import { prepareUnits, type PreparedUnit } from './prepare.ts';
import { Receipt } from './receipt.ts';
import { Redactor } from './redact.ts';

/** A review under way: what is read, and what came of it so far. The stages share it. */
export interface Review {
  readonly input: ReviewInput;
  readonly ports: ReviewPorts;
  readonly signal: CancelSignal;
  readonly units: readonly PreparedUnit[];
  readonly asides: Asides;
  readonly receipt: Receipt;
  readonly admission: Admission;
}

/** Takes the secrets out of everything that could leave the machine. Fails with `cancelled`. */
export async function openReview(input: ReviewInput, ports: ReviewPorts, signal: CancelSignal): Promise<Review> {
  const redactor = new Redactor(ports.secrets);
  const asides = ports.provider ? await learnAsides(input, redactor) : () => NO_ASIDES;
  const { units, redactions } = await prepareUnits(input.units, ports.secrets, signal, redactor);
  const receipt = new Receipt(
    input.skipped,
    units.map(({ unit }) => unit.path),
    redactions,
  );
  for (const { path, selection } of input.units) {
    if (selection !== undefined) receipt.cover(path, 'partial', `only lines ${selection.start} to ${selection.end}, as selected`);
  }
  return {
    input,
    ports,
    signal,
    units,
    asides: asides(),
    receipt,
    admission: new Admission(input.known, input.dismissals, input.facts),
  };
}

/** Shows a finding, when it is one to show. */
export function* admit({ admission }: Review, placed: PlacedFinding, prepared: PreparedUnit): Generator<ReviewEvent> {
  const finding: Finding | undefined = admission.admit(placed, prepared);
  if (finding) yield { type: 'finding', finding };
}

export function throwIfCancelled(signal: CancelSignal): void {
  if (signal.aborted) throw new HandrailError('cancelled', 'The review was cancelled.');
}
