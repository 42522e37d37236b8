import { digestOf } from '../../workflow/digests.ts';
import type { Release } from './release.ts';

/** What was released, in order, each entry naming the one before: nothing is changed, taken out or put in between unnoticed. */

export const LEDGER_SCHEMA = 'handrail.ledger/1';

export interface LedgerEntry {
  release: string;
  window: { from: string; to: string };
  /** Of the release's canonical JSON, `sha256:…`. */
  digest: string;
  /** `hash` of the entry before, or null for the first. */
  previous: string | null;
  /** Of this entry without it. */
  hash: string;
}

export interface Ledger {
  schema: typeof LEDGER_SCHEMA;
  team: string;
  entries: readonly LedgerEntry[];
}

export function emptyLedger(team: string): Ledger {
  return { schema: LEDGER_SCHEMA, team, entries: [] };
}

/** The last entry's hash, which people pin when they agree to share; null while nothing was released. */
export function headOf({ entries }: Ledger): string | null {
  return entries.at(-1)?.hash ?? null;
}

/** Whether a ledger is one that had this head once, with nothing but releases added since. Every whole ledger began empty (null). */
export function hasGrownFrom(ledger: Ledger, head: string | null): boolean {
  return chainProblems(ledger).length === 0 && (head === null || ledger.entries.some(({ hash }) => hash === head));
}

/** The ledger with one more release. */
export function appended(ledger: Ledger, release: Release): Ledger {
  const body = { release: release.id, window: release.window, digest: digestOf(release), previous: headOf(ledger) };
  return { ...ledger, entries: [...ledger.entries, { ...body, hash: digestOf(body) }] };
}

/** What is wrong with a chain, one sentence each; empty where it is whole. */
export function chainProblems({ entries }: Ledger): string[] {
  const problems: string[] = [];
  let previous: string | null = null;
  let lastTo = '';
  for (const [index, { hash, ...body }] of entries.entries()) {
    const place = `Entry ${index + 1} (${body.release})`;
    if (digestOf(body) !== hash) problems.push(`${place} was changed: its hash is another.`);
    if (body.previous !== previous) problems.push(`${place} does not follow the one before it.`);
    if (body.window.from <= lastTo) problems.push(`${place} is of a window that was released before.`);
    previous = hash;
    lastTo = body.window.to;
  }
  return problems;
}
