import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Finding } from '../finding.ts';
import { squeeze } from './lines.ts';
import { enclosingSymbol } from './symbols.ts';

/** What a finding is about, in words that survive a new run, other spacing, moved lines and a reworded message. */
export interface FindingIdentity {
  /** Rule of an engine, else the category. */
  rule: string;
  /** The quote without spacing. */
  quote: string;
  /** Enclosing symbol, empty at the top of a file or when the finding has no place. */
  symbol: string;
}

/**
 * `lines` is the file as it is. A secret is identified by itself, though its finding shows only a marker: another secret in the
 * same place is another finding, and must not count as dismissed.
 */
export function identityOf(
  finding: Pick<Finding, 'rule' | 'category' | 'quote' | 'startLine' | 'endLine'>,
  lines: readonly string[],
): FindingIdentity {
  const { startLine, endLine } = finding;
  const isPlacedSecret = finding.category === 'secret' && startLine !== undefined && endLine !== undefined;
  return {
    rule: finding.rule ?? finding.category,
    quote: squeeze(isPlacedSecret ? lines.slice(startLine - 1, endLine).join('\n') : finding.quote),
    symbol: startLine === undefined ? '' : enclosingSymbol(lines, startLine),
  };
}

/** 32 hex digits: the first half of the SHA-256 over the JSON of rule, quote and symbol. */
export function fingerprintOf(identity: FindingIdentity): string {
  return digest([identity.rule, identity.quote, identity.symbol]).slice(0, 32);
}

/** Identifier of a finding in a file: 16 hex digits; a further equal finding of the same run gets `-2`, `-3` and so on. */
export function findingId(file: string, fingerprint: string, taken: ReadonlySet<string>): string {
  const id = digest([file, fingerprint]).slice(0, 16);
  if (!taken.has(id)) return id;
  for (let count = 2; ; count++) if (!taken.has(`${id}-${count}`)) return `${id}-${count}`;
}

/** SHA-256 of the JSON of a list of texts, in hex. */
export function digest(parts: readonly string[]): string {
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(parts))));
}
