import { EVIDENCE_FOLDER } from '../changes.ts';
import type { EvidenceRecord } from '../evidence.ts';
import { parseRecord } from '../evidenceGrammar.ts';
import { hasRepeatedKey } from './jsonKeys.ts';

/** Committed evidence, read strictly: whoever can write files has written it. */

/** A file below `.handrail/evidence/` that the change brought, in the form in which it is at the head. */
export interface EvidenceEntry {
  /** From the workspace folder. */
  path: string;
  /** Git file mode. */
  mode: string;
  /** Bytes; 0 for what is no file. */
  size: number;
  /** Undefined where it was not read: too large, or not UTF-8 text. */
  text?: string;
}

/** A record is a few hundred bytes; whatever is much larger is not one. */
export const MAX_RECORD_BYTES = 64_000;
/** Records of one change; more than that is no work of people. */
export const MAX_RECORDS = 20_000;
/** Files beside records that nobody runs or loads. Whatever lies in the evidence folder is covered by no review, so other files do not belong there. */
const BESIDE = /(?:^|\/)(?:\.gitkeep|\.gitignore|\.gitattributes|README|[^/]+\.(?:md|txt))$/i;

export interface BadRecord {
  path: string;
  detail: string;
}

export interface TrackedRecords {
  records: EvidenceRecord[];
  /** Path of a record by its id. */
  paths: ReadonlyMap<string, string>;
  bad: BadRecord[];
}

/**
 * Reads what the change put under the evidence folder; what lay there before belongs to an earlier change. Records of this run are
 * returned; those of other runs are only checked to be records at all, since branches that were merged bring theirs.
 */
export function readTracked(entries: readonly EvidenceEntry[], runKey: string): TrackedRecords {
  const records: EvidenceRecord[] = [];
  const paths = new Map<string, string>();
  const bad: BadRecord[] = [];
  for (const entry of entries.slice(0, MAX_RECORDS)) {
    const read = readEntry(entry, runKey);
    if ('detail' in read) bad.push({ path: entry.path, detail: read.detail });
    else if ('record' in read) {
      records.push(read.record);
      paths.set(read.record.id, entry.path);
    }
  }
  if (entries.length > MAX_RECORDS) bad.push({ path: EVIDENCE_FOLDER, detail: `There are more than ${MAX_RECORDS} files of evidence.` });
  return { records, paths, bad };
}

function readEntry(entry: EvidenceEntry, runKey: string): { record: EvidenceRecord } | { detail: string } | { other: true } {
  const { path, mode } = entry;
  const [key, name, ...deeper] = path.slice(EVIDENCE_FOLDER.length + 1).split('/');
  const kind = KINDS[mode];
  if (kind !== undefined) return { detail: `${path} is ${kind}, not a record.` };
  const hex = deeper.length === 0 ? /^([0-9a-f]{64})\.json$/.exec(name ?? '')?.[1] : undefined;
  if (hex === undefined || key === undefined) {
    const isNearly = /(?:^|\/)[0-9a-f]{64}\.json$/i.test(path);
    if (isNearly) return { detail: `${path} has the name of a record in a place where none belongs: it would count twice.` };
    if (BESIDE.test(path) && mode === '100644' && entry.size <= MAX_RECORD_BYTES) return { other: true };
    return { detail: `${path} is no record, and what lies in ${EVIDENCE_FOLDER} is covered by no review.` };
  }
  if (entry.text === undefined) {
    const isLarge = entry.size > MAX_RECORD_BYTES;
    return { detail: isLarge ? `Record ${short(hex)} is too large to be one.` : `Record ${short(hex)} is not UTF-8 text.` };
  }
  const parsed = parseRecord(entry.text, hex, key);
  if ('problem' in parsed) return { detail: parsed.problem.replace(hex, short(hex)) };
  if (hasRepeatedKey(entry.text))
    return { detail: `Record ${short(hex)} names a key twice, so it says different things to different readers.` };
  if (parsed.record.time !== undefined) return { detail: `Record ${short(hex)} holds a time, which committed records never do.` };
  if (parsed.record.result.outcome === 'running')
    return { detail: `Record ${short(hex)} says that something is running, which is never committed.` };
  return key === runKey ? { record: parsed.record } : { other: true };
}

const KINDS: Readonly<Record<string, string | undefined>> = {
  '120000': 'a symbolic link',
  '160000': 'a submodule',
  '100755': 'an executable file',
};

function short(hex: string): string {
  return hex.slice(0, 12);
}

/**
 * The record that speaks for each step. Nothing names a time, so of several that were written without knowing each other one about the
 * present content and demand counts, of several such the one that says the least, then the one with the greater id.
 */
export function speakingRecords(
  records: readonly EvidenceRecord[],
  isFresh: (record: EvidenceRecord) => boolean,
): Map<string, EvidenceRecord> {
  const superseded = new Set(records.map(({ step, previous }) => `${step} ${previous}`));
  const speaking = new Map<string, EvidenceRecord>();
  const rank = (record: EvidenceRecord): number => (isFresh(record) ? RANKS[record.result.outcome] : 0);
  for (const record of records) {
    if (superseded.has(`${record.step} ${record.id}`)) continue;
    const best = speaking.get(record.step);
    if (best === undefined || rank(record) > rank(best) || (rank(record) === rank(best) && record.id > best.id)) {
      speaking.set(record.step, record);
    }
  }
  return speaking;
}

const RANKS: Readonly<Record<EvidenceRecord['result']['outcome'], number>> = { running: 1, waived: 2, done: 3, failed: 4, reopened: 5 };
