import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Moment } from '../../core/workflow/moment.ts';

/** A lock of a git that is at work is younger than this; an older one was left behind. Milliseconds. */
const LONGEST_WORK = 10_000;
/** Between two commits of a rebase git notes where it is; while it waits for a person, it does not. Milliseconds. */
const REBASE_STEP = 1000;

/**
 * Where the head of a worktree stands and whether git is rewriting the worktree, seen from its git folders without git, in some
 * microseconds (gitrepository-layout(5)). A status takes the same lock as a checkout, but for moments only.
 */
export function gitMoment({ gitDir, commonDir }: { gitDir: string; commonDir: string }): Moment {
  const head = textOf(join(gitDir, 'HEAD'));
  const target = /^ref: (refs\/.+)$/.exec(head)?.[1];
  const commit = target === undefined || target.includes('..') ? '' : textOf(join(commonDir, target));
  return { head: `${head} ${commit}`, workingFor: workingFor(gitDir) };
}

function workingFor(gitDir: string): number | undefined {
  const isRebasing = ['rebase-merge', 'rebase-apply'].some((name) => ageOf(join(gitDir, name)) < REBASE_STEP);
  if (isRebasing) return REBASE_STEP;
  const age = ageOf(join(gitDir, 'index.lock'));
  return age < LONGEST_WORK ? age : undefined;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1').trimEnd();
  } catch {
    return '';
  }
}

/** Milliseconds since a file or folder was written; endless where there is none. */
function ageOf(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? Infinity : Date.now() - stat.mtimeMs;
}
