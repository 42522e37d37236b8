import { readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { HandrailError } from '../../../core/errors.ts';
import { createFileAtomic, temporaryPrefix } from '../../atomicFile.ts';
import { envelopeText, requireElsewhere, type Transport, type TransportOptions } from './transport.ts';

/** A folder that several people can write to. Each envelope is a file of its own with a random name. */
export function folderTransport(path: string, { root }: Pick<TransportOptions, 'root'>): Transport {
  const folder = resolve(root, path);
  const fileOf = (name: string): string => join(folder, `${name}.json`);
  return {
    kind: 'folder',
    target: folder,
    async deliver(envelope, name) {
      requireElsewhere({ kind: 'folder', path }, root);
      // Never made here: where a share is not mounted, a folder of the same name would take everything and keep it.
      requireFolder(folder);
      const text = envelopeText(envelope);
      try {
        await createFileAtomic(fileOf(name), text).catch((error: unknown) => {
          if (!isThere(fileOf(name), text)) throw error;
        });
        // Sealed, and for somebody else to collect, whatever other new files of this person are like. Not every share knows modes.
        await chmod(fileOf(name), 0o644).catch(() => undefined);
        await removeParts(fileOf(name));
      } catch (error) {
        throw new HandrailError('unreachable', `Nothing could be written into ${folder}.`, {
          hint: 'Ask for the right to write there; the contribution waits on this machine.',
          cause: error,
        });
      }
    },
    async withdraw(_week, name) {
      requireFolder(folder);
      try {
        await rm(fileOf(name), { force: true });
        await removeParts(fileOf(name));
        return true;
      } catch (error) {
        throw new HandrailError('unreachable', `${fileOf(name)} could not be deleted.`, { hint: 'Delete it yourself.', cause: error });
      }
    },
  };
}

function requireFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new HandrailError('unreachable', `There is no folder ${folder}.`, {
    hint: 'Look whether the share is connected, or make the folder; the contribution waits on this machine.',
  });
}

/** What a sender that was killed left of this envelope; its name was chosen at random, so nobody else's begins like it. */
async function removeParts(path: string): Promise<void> {
  const folder = dirname(path);
  const prefix = temporaryPrefix(path);
  for (const name of namesIn(folder)) if (name.startsWith(prefix)) await rm(join(folder, name), { force: true });
}

/** None where the folder may be written to, and not be looked into. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isThere(path: string, text: string): boolean {
  try {
    return readFileSync(path, 'utf8') === text;
  } catch {
    return false;
  }
}
