import { lstatSync, readFileSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { HandrailError } from '../../core/errors.ts';
import { fromBase64url } from './keys.ts';
import { SECRET_BYTES } from './token.ts';

/** The person's secret on this device: a line of base64url that only they can read. */

const LARGEST = 1024;

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

/** Stores the secret. Fails with `conflict` where there is one already: another would count the person twice. */
export async function storeSecret(path: string, secret: Uint8Array): Promise<void> {
  await writePrivate(path, `${Buffer.from(secret).toString('base64url')}\n`, 'This device is linked already.');
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
