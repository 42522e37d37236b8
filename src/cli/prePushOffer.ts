import { isAbsolute, relative, sep } from 'node:path';
import { planPrePushHook, writePrePushHook } from '../node/workflow/prePushHook.ts';
import type { InitResult } from '../core/workflow/service.ts';
import type { Context } from './command.ts';

/**
 * Writes the pre-push hook that was asked for: on a terminal it is shown first, and only written after a yes. What is there already is
 * never replaced; then the lines to add are shown.
 */
export async function offerPrePushHook({
  root,
  terminal,
  actor,
  signal,
  format,
}: Context): Promise<Pick<InitResult, 'written' | 'kept' | 'notes'>> {
  const plan = await planPrePushHook(root);
  const way = relative(root, plan.path);
  const shownPath = way.startsWith('..') || isAbsolute(way) ? plan.path : way.split(sep).join('/');
  const shown = plan.script.replace(/^(?=.)/gm, '    ');
  if (plan.state === 'same') return { written: [], kept: [shownPath], notes: [] };
  if (plan.state === 'taken') {
    if (format === 'text') terminal.note(`\nWhat a pre-push hook would do:\n\n${shown}`);
    const why = plan.elsewhere === undefined ? 'There is a pre-push hook already' : `Your hooks are kept in ${plan.elsewhere}`;
    return { written: [], kept: [shownPath], notes: [`${why}, which was left alone: call handrail verify --without-approvals from it.`] };
  }
  if (terminal.interactive && actor === 'human') {
    terminal.note(`\nBefore each push of a branch this hook says what it still lacks:\n\n${shown}`);
    if (!(await terminal.confirm(`Write it to ${shownPath}?`, signal)))
      return { written: [], kept: [], notes: ['The hook was not written.'] };
  }
  await writePrePushHook(plan);
  return { written: [shownPath], kept: [], notes: ['git push --no-verify goes past the hook; deleting it ends it.'] };
}
