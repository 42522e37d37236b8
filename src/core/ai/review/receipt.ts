import type { CoverageEntry, Redaction, ReviewEvent, Usage } from '../finding.ts';

/** What a review tells besides its findings: what was read, what was replaced, what it took, and what a person should know. */
export class Receipt {
  readonly redactions: readonly Redaction[];
  readonly usage: Usage = { requests: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0, cacheHits: 0 };
  readonly #coverage = new Map<string, CoverageEntry>();
  readonly #notices: string[] = [];

  constructor(skipped: readonly CoverageEntry[], read: readonly string[], redactions: readonly Redaction[]) {
    this.redactions = redactions;
    for (const entry of skipped) this.#coverage.set(entry.file, entry);
    for (const file of read) this.#coverage.set(file, { file, status: 'full' });
  }

  /** What limits a file's coverage first is what is told. */
  cover(file: string, status: CoverageEntry['status'], reason: string | undefined): void {
    if (this.#coverage.get(file)?.status !== 'full') return;
    this.#coverage.set(file, { file, status, ...(reason === undefined ? {} : { reason }) });
  }

  /** By path. */
  get coverage(): CoverageEntry[] {
    return [...this.#coverage.values()].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
  }

  get notices(): string[] {
    return [...this.#notices];
  }

  /** Each sentence is said once. */
  *notice(message: string): Generator<ReviewEvent> {
    if (this.#notices.includes(message)) return;
    this.#notices.push(message);
    yield { type: 'notice', message };
  }
}
