import { type BigIntStats, lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { KnownBlob } from './blobs.ts';
import type { Configuration } from './configuration.ts';
import type { HeadStatus } from './headStatus.ts';
import { foldersAround, reachesFar } from './touched.ts';
import type { RepositoryState } from './repository.ts';

/** Where a repository lies, as git told it. */
export interface Places {
  root: string;
  /** With symbolic links resolved, as git speaks of places. */
  realRoot: string;
  topLevel: string;
  commonDir: string;
  gitDir: string;
  prefix: string;
}

/**
 * What one process saw of a repository, for the next one: plain data. It is a help and no more, since everything in it is believed only
 * while what it depends on has the same stamp.
 */
export interface RepositoryMemory {
  /** Of the folder's `.git` when this was seen. */
  place: string;
  places: Places;
  configured: { stamp: string; configuration: Configuration };
  mergeBases: [key: string, commit: string][];
  comparedWith: string | null;
  baseNames: string[];
  blobs: [path: string, blob: KnownBlob][];
  /** The last look, when fingerprints tell of everything that it depended on beside files of the folder. */
  last?: SeenState & { fingerprint: string; state: RepositoryState };
}

/** What is not committed, by stamps, and what says how it is converted on its way into git, by folder. */
export interface SeenState {
  state: HeadStatus;
  stamps: Record<string, string>;
  attributes: Record<string, string>;
}

/** More changes than this take longer to keep than to find again. */
const MAX_CHANGES = 2_000;
const MAX_LOOKED_AT = 100;
/** A file written within it before a look may change again without its times telling. Milliseconds. */
const UNSETTLED = 100;

/** Stamps of what is not committed. `began` is when the look began: what was written since, or just before, has none. */
export function stampsOf(root: string, { uncommitted }: HeadStatus, began: number): Pick<SeenState, 'stamps' | 'attributes'> | undefined {
  if (uncommitted.length > MAX_CHANGES) return undefined;
  const stamps = Object.fromEntries(uncommitted.map((path) => [path, stampOf(join(root, path), began - UNSETTLED)]));
  return { stamps, attributes: attributesOf(root, uncommitted) };
}

function attributesOf(root: string, paths: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    ['', ...foldersAround(paths)].map((folder) => [folder, stampOf(join(root, folder, '.gitattributes'), Infinity)]),
  );
}

/**
 * Which of the paths that are or were not committed have to be looked at, since their content may differ from what was seen; undefined
 * where that says too little, so that everything has to be.
 */
export function changedSince(root: string, before: SeenState, now: HeadStatus): string[] | undefined {
  const attributes = attributesOf(root, before.state.uncommitted);
  if (Object.entries(before.attributes).some(([folder, known]) => attributes[folder] !== known)) return undefined;
  const [then, here] = [new Set(before.state.uncommitted), new Set(now.uncommitted)];
  const paths = [...new Set([...then, ...here])];
  const changed = paths.filter((path) => {
    if (then.has(path) !== here.has(path)) return true;
    // A repository inside this one counts by being there.
    if (path.endsWith('/')) return false;
    const known = before.stamps[path];
    return known === undefined || known === '' || known !== stampOf(join(root, path), Infinity);
  });
  if (changed.length > MAX_LOOKED_AT || changed.some((path) => path.endsWith('/') || reachesFar(path))) return undefined;
  return changed;
}

/** Empty for what no stamp tells of: a folder (a submodule's head moves without it), and what was written later than `settled`. */
function stampOf(path: string, settled: number): string {
  const stat = statOf(path);
  if (stat === undefined) return 'none';
  if (stat.isDirectory()) return '';
  const latest = stat.mtimeNs > stat.ctimeNs ? stat.mtimeNs : stat.ctimeNs;
  if (Number(latest / 1_000_000n) >= settled) return '';
  return `${stat.mtimeNs} ${stat.ctimeNs} ${stat.size} ${stat.ino} ${stat.mode}`;
}

/** Undefined where there is nothing, also because a folder on the way is a file by now. */
function statOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
