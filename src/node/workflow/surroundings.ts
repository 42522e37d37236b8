import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { failureOf } from '../../core/errors.ts';
import type { FolderEntry, Surroundings } from '../../core/workflow/authoring/surroundings.ts';
import type { UnsavedTexts } from '../../core/workflow/service.ts';
import { locateInside, workspaceFiles } from '../workspaceFiles.ts';
import { refuseLinks } from './repositoryFiles.ts';
import { withUnsaved } from './unsavedFiles.ts';

/** What only the editor knows of the surroundings of a file. */
export interface EditorSide extends Pick<Surroundings, 'files' | 'branch' | 'step'> {
  unsaved(): UnsavedTexts;
}

/** Most names of one folder that are looked at. */
const MAX_ENTRIES = 2000;

/** The surroundings of the files of a workspace folder on this machine. Asks nobody but the file system, so it works in restricted mode. */
export function surroundingsOf(root: string, editor: EditorSide): Surroundings {
  const files = () => withUnsaved(workspaceFiles(root), editor.unsaved());
  return {
    exists: (path) => quietly(() => files().exists(path)) ?? false,
    read: (path) => quietly(() => files().readText(path)),
    isFree: (path) => quietly(() => isFree(files().root, path)) ?? false,
    entries: (folder) => quietly(() => entriesIn(files().root, folder)) ?? [],
    files: () => editor.files(),
    branch: () => editor.branch(),
    step: (path, id) => editor.step(path, id),
  };
}

/** A file that cannot be read (binary, too large, outside) is to the author of a workflow as if it were not there. */
function quietly<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (failureOf(error)) return undefined;
    throw error;
  }
}

/** A link in a repository would have the file written where it points to. */
function isFree(root: string, path: string): boolean {
  refuseLinks(root, path);
  return lstatSync(join(root, path), { throwIfNoEntry: false }) === undefined;
}

function entriesIn(root: string, folder: string): FolderEntry[] {
  const real = locateInside(root, folder === '' ? '.' : folder);
  if (real === undefined) return [];
  try {
    return readdirSync(real, { withFileTypes: true })
      .filter((entry) => entry.isFile() || entry.isDirectory() || entry.isSymbolicLink())
      .slice(0, MAX_ENTRIES)
      .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  } catch {
    return [];
  }
}
