import { type Change, EVIDENCE_FOLDER } from '../../../core/workflow/changes.ts';
import type { EvidenceRecord } from '../../../core/workflow/evidence.ts';
import { parseRecord } from '../../../core/workflow/evidenceGrammar.ts';
import { type EvidenceEntry, MAX_RECORD_BYTES, MAX_RECORDS } from '../../../core/workflow/verify/records.ts';
import type { HistoryCommit } from '../../git/history.ts';
import { type GitObjects, utf8 } from '../../git/objects.ts';

export interface HeadEvidence {
  entries: EvidenceEntry[];
  /** Object names, by path from the workspace folder. */
  objects: Map<string, string>;
  deleted: { record: EvidenceRecord; commit: string }[];
  /** Seconds since the Unix epoch, by path from the workspace folder. */
  broughtAt: Map<string, number>;
}

export interface EvidenceSearch {
  git: GitObjects;
  /** Way from the top to the workspace folder. */
  prefix: string;
  runKey: string;
  /** Everything that the branch changed, from the top. */
  changes: readonly Change[];
  history: readonly HistoryCommit[];
}

/** Evidence that the change brought, from git's objects: nothing in the working tree, link or file, is looked at. */
export async function readHeadEvidence(search: EvidenceSearch): Promise<HeadEvidence> {
  const { git, prefix, changes } = search;
  const brought = changes.flatMap((change) => evidenceOf(change, prefix));
  const sizes = await git.sizes(brought.map(({ mode, object }) => (mode === '160000' ? '0' : object)));
  const read = brought.filter(({ mode }, index) => mode.startsWith('100') && (sizes[index] ?? 0) <= MAX_RECORD_BYTES).slice(0, MAX_RECORDS);
  const contents = await git.contents(read.map(({ object }) => object));
  const texts = new Map(read.map(({ path }, index) => [path, textOf(contents[index]?.content)]));
  return {
    entries: brought.map(({ path, mode }, index) => {
      const text = texts.get(path);
      return { path, mode, size: sizes[index] ?? 0, ...(text === undefined ? {} : { text }) };
    }),
    objects: new Map(brought.map(({ path, object }) => [path, object])),
    ...(await readHistoryOf(search, new Set(brought.map(({ path }) => path)))),
  };
}

/** A file of evidence, or the folder itself where it is none. */
export function evidenceOf({ path, newMode, newBlob }: Change, prefix: string): { path: string; mode: string; object: string }[] {
  const own = path.startsWith(prefix) ? path.slice(prefix.length) : '';
  const isEvidence = own === EVIDENCE_FOLDER || own.startsWith(`${EVIDENCE_FOLDER}/`);
  return isEvidence && newMode !== null && newBlob !== null ? [{ path: own, mode: newMode, object: newBlob }] : [];
}

async function readHistoryOf(
  { git, prefix, runKey, history }: EvidenceSearch,
  present: ReadonlySet<string>,
): Promise<Pick<HeadEvidence, 'deleted' | 'broughtAt'>> {
  const folder = `${EVIDENCE_FOLDER}/${runKey}/`;
  const broughtAt = new Map<string, number>();
  const gone = new Map<string, { blob: string; commit: string }>();
  for (const { id, time, written } of history) {
    for (const { path, blob } of written) {
      const own = path.startsWith(prefix + folder) ? path.slice(prefix.length) : undefined;
      if (own === undefined || blob === null) continue;
      broughtAt.set(own, Math.min(time, broughtAt.get(own) ?? time));
      if (!present.has(own)) gone.set(own, { blob, commit: id });
    }
  }
  return { broughtAt, deleted: await readGone(git, gone, runKey) };
}

/** Only what was a record: a file that never was one is not missed. */
async function readGone(
  git: GitObjects,
  gone: ReadonlyMap<string, { blob: string; commit: string }>,
  runKey: string,
): Promise<HeadEvidence['deleted']> {
  const asked = [...gone].slice(0, MAX_RECORDS);
  const contents = await git.contents(asked.map(([, { blob }]) => blob));
  return asked.flatMap(([path, { commit }], index) => {
    const content = contents[index]?.content;
    const text = content === undefined || content.length > MAX_RECORD_BYTES ? undefined : textOf(content);
    const hex = /\/([0-9a-f]{64})\.json$/.exec(path)?.[1];
    const parsed = text === undefined || hex === undefined ? undefined : parseRecord(text, hex, runKey);
    return parsed !== undefined && 'record' in parsed ? [{ record: parsed.record, commit }] : [];
  });
}

function textOf(content: Buffer | undefined): string | undefined {
  return content === undefined ? undefined : utf8(content);
}
