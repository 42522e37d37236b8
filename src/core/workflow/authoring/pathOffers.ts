import { resolveBeside, unsafePath } from '../paths.ts';
import type { Meaning } from './language.ts';
import type { FolderEntry, Surroundings } from './surroundings.ts';
import { workflowFiles } from './surroundings.ts';

/** A path or glob that can be written. */
export interface PathOffer {
  path: string;
  is: 'file' | 'folder' | 'pattern';
  detail?: string;
}

/** Most names of one folder, and of one kind of file, that are offered. */
const MAX_OFFERS = 300;
/** Folders that nobody writes workflows about. */
const HIDDEN: ReadonlySet<string> = new Set(['.git', 'node_modules']);

/** What can be written where `typed` stands, by what such a place means. `path` is the file that is being written. */
export async function pathOffers(meaning: Meaning, typed: string, path: string, around: Surroundings): Promise<PathOffer[]> {
  switch (meaning) {
    case 'glob':
      return globOffers(typed, around);
    case 'file':
      return [...inFolder(typed, around), { path: `${folderOf(typed)}\${branch}.md`, is: 'pattern', detail: 'One file a branch' }];
    case 'prompt':
      return ofKind(await around.files(), /\.prompt\.md$/) ?? inFolder(typed, around);
    case 'document':
      return inFolder(typed, around, /\.(?:md|markdown|txt|html?)$/i);
    case 'workflow-file':
      return workflowFiles(around).flatMap((file) => {
        const target = beside(path, file);
        return target === undefined || file === path ? [] : [{ path: target, is: 'file' as const }];
      });
    default:
      return [];
  }
}

function ofKind(files: readonly string[], kind: RegExp): PathOffer[] | undefined {
  const found = files.filter((file) => kind.test(file)).slice(0, MAX_OFFERS);
  return found.length === 0 ? undefined : found.map((path) => ({ path, is: 'file' }));
}

function globOffers(typed: string, around: Surroundings): PathOffer[] {
  const folder = folderOf(typed);
  // What lies behind a star is not one folder.
  if (/[*?[{]/.test(folder) || unsafePath(folder) !== undefined) return [];
  const entries = entriesIn(folder, around);
  const endings = endingsOf(entries);
  return [
    { path: `${folder}**`, is: 'pattern', detail: folder === '' ? 'Every file' : `Everything below ${folder}` },
    ...entries
      .filter(({ isFolder }) => isFolder)
      .map(({ name }): PathOffer => ({ path: `${folder}${name}/**`, is: 'pattern', detail: `Everything below ${name}` })),
    ...endings.map((ending): PathOffer => ({ path: `${folder}**/*.${ending}`, is: 'pattern' })),
    ...inFolder(typed, around),
  ];
}

function endingsOf(entries: readonly FolderEntry[]): string[] {
  const endings = entries.flatMap(({ name, isFolder }) => (isFolder ? [] : (/[^.]\.([A-Za-z0-9]{1,8})$/.exec(name)?.[1] ?? [])));
  return [...new Set(endings)].sort();
}

function inFolder(typed: string, around: Surroundings, kind?: RegExp): PathOffer[] {
  const folder = folderOf(typed);
  return entriesIn(folder, around)
    .filter(({ name, isFolder }) => isFolder || kind === undefined || kind.test(name))
    .map(({ name, isFolder }) => (isFolder ? { path: `${folder}${name}/`, is: 'folder' } : { path: `${folder}${name}`, is: 'file' }));
}

function entriesIn(folder: string, around: Surroundings): FolderEntry[] {
  const path = folder.replace(/^\.\//, '').replace(/\/$/, '');
  if (unsafePath(path) !== undefined) return [];
  return around
    .entries(path)
    .filter(({ name }) => !HIDDEN.has(name))
    .slice(0, MAX_OFFERS);
}

/** With its slash; empty for the workspace folder. */
function folderOf(typed: string): string {
  return typed.slice(0, typed.lastIndexOf('/') + 1);
}

/** How a file names another in its folder or below; undefined when that lies elsewhere. */
function beside(from: string, to: string): string | undefined {
  const folder = folderOf(from);
  const target = `./${to.slice(folder.length)}`;
  return to.startsWith(folder) && resolveBeside(from, target) === to ? target : undefined;
}
