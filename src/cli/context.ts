import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { HandrailError } from '../core/errors.ts';
import { actorOf } from '../node/actor.ts';
import type { Context, Format } from './command.ts';
import { openServices } from './services.ts';
import type { Terminal } from './terminal.ts';

/** Gathers what a command needs. Fails with `not-found` when `--cwd` is no folder. */
export async function openContext(request: {
  terminal: Terminal;
  signal: AbortSignal;
  format: Format;
  cwd: string | undefined;
}): Promise<Context> {
  const { terminal, signal, format } = request;
  const cwd = resolve(startedIn(), request.cwd ?? '.');
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new HandrailError('not-found', `There is no folder ${cwd}.`, { hint: 'Give an existing folder with --cwd.' });
  }
  const root = workspaceRoot(cwd);
  return {
    root,
    cwd,
    format,
    env: process.env,
    actor: actorOf(process.env, process.stdin.isTTY),
    terminal,
    signal,
    services: openServices({ root, cwd, env: process.env, warn: (message) => terminal.note(`handrail: ${message}`) }),
  };
}

/** The current folder. Fails with `not-found` when it was removed under us. */
function startedIn(): string {
  try {
    return process.cwd();
  } catch {
    throw new HandrailError('not-found', 'The current folder is no longer there.', { hint: 'Change to an existing folder and run again.' });
  }
}

/** The nearest folder upwards that holds `.handrail`, not beyond the repository; else the repository; else the folder itself. */
export function workspaceRoot(cwd: string): string {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.handrail')) || existsSync(join(folder, '.git'))) return folder;
    if (folder === dirname(folder)) return cwd;
  }
}
