import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stamp } from './fingerprint.ts';

/** A lock of a git that is at work is younger than this; an older one was left behind. Milliseconds. */
const LONGEST_WORK = 10_000;
/** Between two commits of a rebase git notes where it is; while it waits for a person, it does not. Milliseconds. */
const REBASE_STEP = 1000;

/**
 * A text that is another one after git switched, committed or reset something in the worktree with this git folder; undefined while it
 * is at it. What is read while it changes may be of two branches. Takes no git and some microseconds.
 */
export function gitMoment(gitDir: string): string | undefined {
  const isAtWork = ageOf(join(gitDir, 'index.lock')) < LONGEST_WORK;
  const isRebasing = ['rebase-merge', 'rebase-apply'].some((name) => ageOf(join(gitDir, name)) < REBASE_STEP);
  if (isAtWork || isRebasing) return undefined;
  const head = join(gitDir, 'HEAD');
  return `${existsSync(head) ? readFileSync(head, 'latin1') : ''} ${stamp(join(gitDir, 'index'))}`;
}

/** Milliseconds since a file or folder was written; endless where there is none. */
function ageOf(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? Infinity : Date.now() - stat.mtimeMs;
}
