import type { Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseKeyCommands, type KeyCommands } from '../../../../core/ai/models/keyCommands.ts';
import { HandrailError } from '../../../../core/errors.ts';
import { isOfRepository } from '../../../programs.ts';

const NAME = 'keys.json';

/**
 * The commands that print keys, as the person wrote them into `<home>/keys.json`; none without the file. Fails with `config` for one that
 * cannot be read, is not valid, lies in the repository, or that somebody else can change: what it names is run.
 */
export async function readKeysFile(home: string, root: string): Promise<KeyCommands> {
  const path = join(home, NAME);
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
    throw new HandrailError('config', `${path} cannot be read.`, { hint: 'Make it readable, or remove it.', location: { path }, cause });
  });
  if (file === undefined) return {};
  try {
    // Someone who works in their whole home folder has the file there too.
    if (isOfRepository(home, root) && !isOfRepository(homedir(), root)) {
      throw new HandrailError('config', `${path} lies in this workspace, so the commands for keys are not run.`, {
        hint: 'Set HANDRAIL_HOME to a folder of your own, outside of repositories.',
        location: { path },
      });
    }
    // What is looked at is what is read, whatever is put in its place meanwhile.
    requireOwn(path, await file.stat(), 0o022, '600');
    // Whoever can write the folder can put another file there. Groups are let be: many systems give everybody one of their own.
    requireOwn(home, await stat(home), 0o002, '700');
    return parseKeyCommands(valueOf(await file.readFile('utf8'), path), path);
  } finally {
    await file.close();
  }
}

/** Windows has no such bits; there the profile of a person is their own. */
function requireOwn(path: string, { mode, uid }: Stats, forbidden: number, mend: string): void {
  const me = process.getuid?.();
  if (me === undefined || ((mode & forbidden) === 0 && (uid === me || uid === 0))) return;
  throw new HandrailError('config', `${path} can be changed by others on this machine, so the commands for keys are not run.`, {
    hint: uid === me ? `Keep it to yourself: chmod ${mend} '${path}'` : 'Own it yourself, and let nobody else write it.',
    location: { path },
  });
}

function valueOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new HandrailError('config', `${path} is not valid JSON.`, { hint: 'Correct it, or remove it.', location: { path }, cause });
  }
}
