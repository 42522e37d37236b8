import { isAbsolute, relative, resolve, sep } from 'node:path';
import { HandrailError } from '../core/errors.ts';
import type { Context } from './command.ts';

/** A path as typed, relative to the current folder, turned into one relative to the workspace with `/`. Fails with `usage` outside of it. */
export function workspacePath(context: Pick<Context, 'cwd' | 'root'>, path: string): string {
  const inside = relative(context.root, resolve(context.cwd, path));
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw new HandrailError('usage', `${path} lies outside of ${context.root}.`, {
      hint: 'Name files of this workspace, or choose another with --cwd.',
    });
  }
  return inside.split(sep).join('/');
}
