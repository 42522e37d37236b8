import { formatPatch, structuredPatch } from 'diff';
import type { ProposedChange } from './generation.ts';

const CONTEXT_LINES = 3;

/** Changes as one patch that `git apply` takes, paths counted from the workspace folder; empty for none. */
export function patchOf(changes: readonly ProposedChange[]): string {
  return changes.map(filePatch).join('');
}

function filePatch({ file, kind, before, after, bom }: ProposedChange): string {
  const mark = bom ? '\ufeff' : '';
  const isNew = kind === 'create';
  const patch = structuredPatch(
    isNew ? '/dev/null' : `a/${file}`,
    `b/${file}`,
    isNew ? '' : mark + before,
    mark + after,
    undefined,
    undefined,
    {
      context: CONTEXT_LINES,
    },
  );
  return formatPatch({ ...patch, isGit: true, ...(isNew ? { isCreate: true } : {}) });
}

/** Lines that a change adds and removes. */
export function changedLines(change: ProposedChange): { added: number; removed: number } {
  const { hunks } = structuredPatch('a', 'b', change.before, change.after, undefined, undefined, { context: 0 });
  const lines = hunks.flatMap((hunk) => hunk.lines);
  return { added: lines.filter((line) => line.startsWith('+')).length, removed: lines.filter((line) => line.startsWith('-')).length };
}
