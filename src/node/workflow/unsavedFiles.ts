import type { UnsavedTexts } from '../../core/workflow/service.ts';
import type { NodeWorkspaceFiles } from '../workspaceFiles.ts';

/** The files of a workspace as somebody sees them in an editor: texts that are not saved yet come before what is on disk. */
export function withUnsaved(files: NodeWorkspaceFiles, unsaved: UnsavedTexts): NodeWorkspaceFiles {
  const paths = Object.keys(unsaved);
  if (paths.length === 0) return files;
  const textOf = (path: string): string | undefined => (Object.hasOwn(unsaved, path) ? unsaved[path] : undefined);
  return {
    root: files.root,
    readText: (path) => textOf(path) ?? files.readText(path),
    read: async (path) => textOf(path) ?? (await files.read(path)),
    exists: (path) => textOf(path) !== undefined || files.exists(path),
    list(folder) {
      const inFolder = paths.filter((path) => path.slice(0, Math.max(0, path.lastIndexOf('/'))) === folder);
      return [...new Set([...files.list(folder), ...inFolder.map((path) => path.slice(folder.length + 1))])].sort();
    },
  };
}
