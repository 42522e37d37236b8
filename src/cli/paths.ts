import { isAbsolute, relative, resolve, sep } from 'node:path';
import { HandrailError } from '../core/errors.ts';
import type { Context } from './command.ts';

/** A path as typed, relative to the current folder, turned into one relative to the workspace with `/`. Fails with `usage` outside of it. */
export function workspacePath(context: Pick<Context, 'cwd' | 'root'>, path: string): string {
  if (path === '') throw new HandrailError('usage', 'A path is empty.', { hint: 'Name a file, or . for the current folder.' });
  const inside = relative(context.root, resolve(context.cwd, path));
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw new HandrailError('usage', `${path} lies outside of ${context.root}.`, {
      hint: 'Name files of this workspace, or choose another with --cwd.',
    });
  }
  return inside.split(sep).join('/');
}
