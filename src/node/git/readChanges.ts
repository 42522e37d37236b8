import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { type Change, type ChangeSet, type ChangeStatus, toChangeSet } from '../../core/workflow/changes.ts';
import type { BlobReader } from './blobs.ts';
import { type GitCommand, gitIn } from './gitCommand.ts';

/** Git's name of the empty tree, by the length of the repository's object names. */
const EMPTY_TREE = {
  sha1: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  sha256: '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
} as const;

const SUBMODULE = '160000';

export interface Raw {
  path: string;
  oldMode: string | null;
  newMode: string | null;
  oldBlob: string | null;
  /** Null for a deleted file, undefined where git has not hashed the working tree's content. */
  newBlob: string | null | undefined;
}

export interface ReadChangesOptions {
  git: GitCommand;
  /** Folder that git runs in and paths are relative to. */
  root: string;
  blobs: BlobReader;
  /** Commit to count from; null counts everything as added. */
  mergeBase: string | null;
  /** Untracked files, relative to the folder. */
  untracked: readonly string[];
  /** What {@link diffFrom} gave for this merge base, when it was asked before. */
  diff?: Promise<string> | undefined;
  /** Limits what is looked at. */
  pathspecs?: readonly string[];
}

const DIFF = ['diff', '-z', '--no-abbrev', '--no-renames', '--no-ext-diff', '--no-textconv', '--ignore-submodules=dirty', '--relative'];
const FULL = ['--raw', '--numstat'];

/** What git knows to differ from a commit, at the given places or anywhere. Git runs in `root`. */
export async function diffFrom(git: GitCommand, root: string, commit: string, pathspecs: readonly string[] = []): Promise<string> {
  try {
    return await git([...DIFF, ...FULL, commit, '--', ...pathspecs]);
  } catch (error) {
    return await diffAroundSpecial(git, root, commit, pathspecs, error);
  }
}

/**
 * Git counts no lines at all where a pipe, a socket or a device stands in place of a file that it knows. Such a file is gone, so its
 * lines are counted as deleted, and those of the others as ever. Fails with the given error where it has another reason.
 */
async function diffAroundSpecial(
  git: GitCommand,
  root: string,
  commit: string,
  pathspecs: readonly string[],
  reason: unknown,
): Promise<string> {
  const raw = await git([...DIFF, '--raw', commit, '--', ...pathspecs]);
  const { raws } = parseDiff(raw);
  const special = raws.filter(({ path, newBlob }) => newBlob === undefined && isSpecial(join(root, path)));
  if (special.length === 0) throw reason;
  const others = special.map(({ path }) => `:(exclude,literal)${path}`);
  const counts = await git([...DIFF, '--numstat', commit, '--', ...pathspecs, ...others]);
  const known = special.filter(({ oldBlob }) => oldBlob !== null).map(({ path }) => `:(literal)${path}`);
  if (known.length === 0) return raw + counts;
  const empty = EMPTY_TREE[commit.length === 64 ? 'sha256' : 'sha1'];
  return raw + counts + (await git([...DIFF, '--numstat', commit, empty, '--', ...known]));
}

function isSpecial(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat !== undefined && !stat.isFile() && !stat.isSymbolicLink() && !stat.isDirectory();
}

/** What is staged, counted from the last commit. A path that is not merged yet has nothing staged. */
export async function readStaged(git: GitCommand): Promise<Change[]> {
  const { raws, lines } = parseDiff(await git([...DIFF, ...FULL, '--cached', '--']));
  return raws.flatMap((raw) => (raw.newBlob === undefined ? [] : (changeOf(raw, raw.newBlob, raw.newMode, lines.get(raw.path)) ?? [])));
}

/** Changes from the merge base to the working tree, in three git calls at most, with the hashing of what is not staged in batches. */
export async function readChanges(options: ReadChangesOptions): Promise<ChangeSet> {
  const { git, blobs, mergeBase } = options;
  const algorithm = await algorithmOf(git, mergeBase);
  const { raws, lines } = parseDiff(
    await (options.diff ?? diffFrom(git, options.root, mergeBase ?? EMPTY_TREE[algorithm], options.pathspecs)),
  );
  const unhashed = raws.filter((raw) => raw.newBlob === undefined && raw.newMode !== SUBMODULE).map((raw) => raw.path);
  const facts = await blobs.read([...unhashed, ...options.untracked], algorithm);
  const changes: Change[] = [];
  for (const raw of raws) {
    const change = await completed(options.root, raw, facts.get(raw.path), lines.get(raw.path));
    if (change !== undefined) changes.push(change);
  }
  const tracked = new Set(raws.map((raw) => raw.path));
  for (const path of options.untracked) {
    const fact = facts.get(path);
    // Removed from the index but kept on disk: the diff already compared it with the base.
    if (fact === undefined || tracked.has(path)) continue;
    changes.push({ ...ADDED, path, newBlob: fact.oid, newMode: fact.mode, linesAdded: fact.lines });
  }
  return toChangeSet(mergeBase, mergeUntracked(changes, options.untracked, facts));
}

const ADDED = { status: 'added', oldBlob: null, oldMode: null, untracked: true, linesDeleted: 0 } as const;

/** A file deleted from the index but present on disk is a modification of the base's file, not a deletion. */
function mergeUntracked(changes: Change[], untracked: readonly string[], facts: Awaited<ReturnType<BlobReader['read']>>): Change[] {
  const present = new Set(untracked);
  const merged: Change[] = [];
  for (const change of changes) {
    const fact = change.status === 'deleted' && present.has(change.path) ? facts.get(change.path) : undefined;
    if (fact === undefined) merged.push(change);
    else if (fact.oid !== change.oldBlob || fact.mode !== change.oldMode) {
      const counts = { linesAdded: fact.lines, linesDeleted: change.linesDeleted };
      merged.push({ ...change, ...counts, status: 'modified', newBlob: fact.oid, newMode: fact.mode, untracked: true });
    }
  }
  return merged;
}

async function completed(
  root: string,
  raw: Raw,
  fact: { oid: string; mode: string } | undefined,
  lines: { added: number; deleted: number } | undefined,
): Promise<Change | undefined> {
  let { newBlob, newMode } = raw;
  if (newBlob === undefined) {
    if (newMode === SUBMODULE) newBlob = await submoduleHead(root, raw.path);
    else {
      newBlob = fact?.oid ?? null;
      newMode = fact === undefined ? null : (raw.newMode ?? fact.mode);
    }
    if (newBlob === null) newMode = null;
  }
  return changeOf(raw, newBlob, newMode, lines);
}

/** A change in full; none where content and mode are the same, as with a file that was touched, or changed and changed back. */
export function changeOf(
  raw: Raw,
  newBlob: string | null,
  newMode: string | null,
  lines: { added: number; deleted: number } | undefined,
): Change | undefined {
  if (newBlob === raw.oldBlob && newMode === raw.oldMode) return undefined;
  const status: ChangeStatus = raw.oldBlob === null ? 'added' : newBlob === null ? 'deleted' : 'modified';
  const counts = { linesAdded: lines?.added ?? 0, linesDeleted: lines?.deleted ?? 0 };
  return { path: raw.path, status, oldBlob: raw.oldBlob, newBlob, oldMode: raw.oldMode, newMode, untracked: false, ...counts };
}

/** The commit a submodule stands on; null when it is not checked out. */
async function submoduleHead(root: string, path: string): Promise<string | null> {
  const head = await gitIn(join(root, path), root)(['rev-parse', '--verify', '--quiet', 'HEAD']).catch(() => '');
  return head.trim() || null;
}

async function algorithmOf(git: GitCommand, mergeBase: string | null): Promise<'sha1' | 'sha256'> {
  if (mergeBase !== null) return mergeBase.length === 64 ? 'sha256' : 'sha1';
  return (await git(['rev-parse', '--show-object-format'])).trim() === 'sha256' ? 'sha256' : 'sha1';
}

/**
 * Parses `--raw --numstat -z` (format: git-diff(1), "Raw output format" and "Other diff formats"). An unmerged path comes twice; the
 * entry that compares with the working tree wins.
 */
export function parseDiff(output: string): { raws: Raw[]; lines: Map<string, { added: number; deleted: number }> } {
  const raws = new Map<string, Raw>();
  const lines = new Map<string, { added: number; deleted: number }>();
  const tokens = output.split('\0');
  for (let i = 0; i < tokens.length; i += 1) {
    const token = tokens[i] ?? '';
    if (token.startsWith(':')) {
      const path = tokens[(i += 1)] ?? '';
      const raw = parseRaw(token, path);
      if (raw !== undefined && (raws.get(path)?.newBlob === undefined || raw.newBlob !== undefined)) raws.set(path, raw);
      continue;
    }
    const counts = /^(\d+|-)\t(\d+|-)\t([^]*)$/.exec(token);
    if (counts?.[3] !== undefined) lines.set(counts[3], { added: Number(counts[1]) || 0, deleted: Number(counts[2]) || 0 });
  }
  return { raws: [...raws.values()], lines };
}

function parseRaw(token: string, path: string): Raw | undefined {
  const [oldMode, newMode, oldBlob, newBlob, status] = token.slice(1).split(' ');
  if (!oldMode || !newMode || !oldBlob || !newBlob || !status) return undefined;
  const isNone = (oid: string): boolean => /^0+$/.test(oid);
  return {
    path,
    oldMode: isNone(oldMode) ? null : oldMode,
    newMode: isNone(newMode) ? null : newMode,
    oldBlob: isNone(oldBlob) ? null : oldBlob,
    newBlob: status === 'D' ? null : isNone(newBlob) ? undefined : newBlob,
  };
}
