import type { GitCommand } from './gitCommand.ts';

/**
 * Which of these paths the index holds as files, relative to the folder; a folder of the working tree among them was a file before.
 * `prefix` leads from the top of the working tree to the folder. Format: git-cat-file(1), "Batch output".
 */
export async function filesInIndex(git: GitCommand, prefix: string, paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  // Questions are separated by line breaks, so a path that holds one is asked for alone.
  const awkward = paths.filter((path) => path.includes('\n'));
  const plain = paths.filter((path) => !path.includes('\n'));
  if (plain.length > 0) {
    const input = plain.map((path) => `:0:${prefix}${path}\n`).join('');
    const answers = (await git(['cat-file', '--batch-check=%(objecttype)'], input)).split('\n');
    plain.forEach((path, i) => {
      if (answers[i] === 'blob') found.push(path);
    });
  }
  for (const path of awkward) {
    const type = await git(['cat-file', '-t', `:0:${prefix}${path}`]).catch(() => '');
    if (type.trim() === 'blob') found.push(path);
  }
  return found;
}
