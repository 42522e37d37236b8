import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../atomicFile.ts';

/** Which of several matching workflows a branch follows, remembered beside the branch's evidence in `selected.json`. */

export async function readSelection(runFolder: string): Promise<string | undefined> {
  try {
    const value = JSON.parse(await readFile(join(runFolder, 'selected.json'), 'utf8')) as { workflow?: unknown } | null;
    return typeof value?.workflow === 'string' ? value.workflow : undefined;
  } catch {
    // Nobody has picked, or the file is damaged: the first match is followed either way.
    return undefined;
  }
}

export async function writeSelection(runFolder: string, workflowId: string): Promise<void> {
  await writeFileAtomic(join(runFolder, 'selected.json'), `${JSON.stringify({ workflow: workflowId })}\n`);
}
