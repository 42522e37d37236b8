import { readFileSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { devNull } from 'node:os';
import { dirname, join } from 'node:path';
import { prePushHookScript } from '../../core/workflow/prePushHook.ts';
import { gitIn } from '../git/gitCommand.ts';
import { askPlaces } from '../git/repository.ts';
import { createFileAtomic } from '../atomicFile.ts';
import { writeFailure } from './repositoryFiles.ts';

/** What writing the pre-push hook would do. */
export interface PrePushPlan {
  path: string;
  script: string;
  /** `new`: it would be written; `same`: it is there; `taken`: a hook of somebody else's is, or the hooks are kept elsewhere. */
  state: 'new' | 'same' | 'taken';
  /** Where the hooks are kept instead, by `core.hooksPath`. */
  elsewhere?: string;
}

/** Looks only. Hooks belong to the person: one that is there, and a folder of hooks that somebody set up, are left alone. */
export async function planPrePushHook(root: string): Promise<PrePushPlan> {
  const git = gitIn(root);
  const [, commonDir, , prefix] = await askPlaces(git);
  const script = prePushHookScript(prefix);
  // Our own calls of git switch hooks off by the same setting, which comes last.
  const set = (await git(['config', '--get-all', 'core.hooksPath'])).split('\n').filter((value) => value !== '' && value !== devNull);
  const elsewhere = set.at(-1);
  if (elsewhere !== undefined) return { path: join(elsewhere, 'pre-push'), script, state: 'taken', elsewhere };
  const path = join(commonDir, 'hooks', 'pre-push');
  const there = readIfThere(path);
  return { path, script, state: there === undefined ? 'new' : there === script ? 'same' : 'taken' };
}

/** Writes a hook that is new. Fails with `read-only` or `io`. */
export async function writePrePushHook({ path, script }: PrePushPlan): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await createFileAtomic(path, script);
    await chmod(path, 0o755);
  } catch (error) {
    throw writeFailure(path, (error as NodeJS.ErrnoException).code, error);
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // What cannot be read is somebody's all the same.
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : '';
  }
}
