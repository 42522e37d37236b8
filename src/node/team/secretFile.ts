import { lstatSync, readFileSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { HandrailError } from '../../core/errors.ts';
import { fromBase64url } from './keys.ts';
import { SECRET_BYTES } from './token.ts';

/** Where a person's secret is kept on a device. */
export interface SecretPlace {
  /** Undefined where this device is not linked. */
  read(): Promise<Uint8Array | undefined>;
  /** Fails with `conflict` where there is one already: another would count the person twice. */
  store(secret: Uint8Array): Promise<void>;
}

/** The secret in a file: a line of base64url that only the person can read. What the command line has. */
export function secretFile(path: string): SecretPlace {
  return { read: async () => readSecret(path), store: (secret) => storeSecret(path, secret) };
}

const LARGEST = 1024;
export const LINKED_ALREADY = 'This device is linked already.';

/** The secret, or undefined where this device was not linked or the file is not ours. */
export function readSecret(path: string): Uint8Array | undefined {
  try {
    const stats = lstatSync(path);
    if (!stats.isFile() || stats.size > LARGEST) return undefined;
    const bytes = fromBase64url(readFileSync(path, 'utf8').trim());
    return bytes?.length === SECRET_BYTES ? bytes : undefined;
  } catch {
    return undefined;
  }
}

async function storeSecret(path: string, secret: Uint8Array): Promise<void> {
  await writePrivate(path, `${Buffer.from(secret).toString('base64url')}\n`, LINKED_ALREADY);
}

/** A new file that only the person can read. Fails with `conflict` where the name is taken, and follows no link. */
export async function writePrivate(path: string, text: string, taken: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new HandrailError('conflict', taken, { hint: 'Nothing was changed.', cause: error });
    if (code === 'ENOENT') {
      throw new HandrailError('not-found', `There is no folder for ${path}.`, {
        hint: 'Make the folder first, or name another.',
        cause: error,
      });
    }
    throw new HandrailError('read-only', `${path} could not be written.`, {
      hint: 'Make its folder writable, or name another.',
      cause: error,
    });
  }
}
