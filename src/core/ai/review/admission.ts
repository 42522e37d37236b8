import type { Finding } from '../finding.ts';
import type { KnownProblem } from '../service.ts';
import { dismissalFor, type Dismissal, type DismissalFacts } from './dismissals.ts';
import { FindingFilter } from './filter.ts';
import { findingId, fingerprintOf, identityOf } from './fingerprint.ts';
import { rangeHas, type PlacedFinding } from './place.ts';
import type { PreparedUnit } from './prepare.ts';

/** Decides finding by finding what is shown: what is new, not dismissed, and about what is under review. */
export class Admission {
  readonly findings: Finding[] = [];
  readonly dismissed: { id: string; reason: string; finding: Finding }[] = [];
  /** Findings of engines on lines that the review is not about. */
  aside = 0;
  /** Findings that the second pass found too weak. */
  weak = 0;
  readonly #filter: FindingFilter;
  readonly #dismissals: readonly Dismissal[];
  readonly #facts: DismissalFacts;
  readonly #ids = new Set<string>();

  constructor(known: readonly KnownProblem[], dismissals: readonly Dismissal[], facts: DismissalFacts) {
    this.#filter = new FindingFilter(known);
    this.#dismissals = dismissals;
    this.#facts = facts;
  }

  /** The finding with its identifier when it is to be shown. */
  admit(placed: PlacedFinding, prepared: PreparedUnit): Finding | undefined {
    if (placed.source === 'builtin' && isAside(placed, prepared)) {
      this.aside++;
      return undefined;
    }
    const identity = identityOf(placed, prepared.originalLines);
    const fingerprint = fingerprintOf(identity);
    const dismissal = dismissalFor({ finding: placed, symbol: identity.symbol, fingerprint }, this.#dismissals, this.#facts);
    if (!this.#filter.admit(placed)) return undefined;
    const id = findingId(placed.file, fingerprint, this.#ids);
    this.#ids.add(id);
    const finding: Finding = { id, ...placed };
    if (dismissal) {
      this.dismissed.push({ id, reason: dismissal.reason, finding });
      return undefined;
    }
    this.findings.push(finding);
    return finding;
  }
}

/** Engines read whole files; old findings are no business of a review of changes. */
function isAside({ startLine, endLine }: PlacedFinding, { touched }: PreparedUnit): boolean {
  return touched !== undefined && startLine !== undefined && endLine !== undefined && !rangeHas(touched, startLine, endLine);
}
