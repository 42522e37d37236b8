import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { contentDigest } from '../../../core/workflow/shared/content.ts';
import { writeFileAtomic } from '../../atomicFile.ts';

/** Content of shared workflows that was fetched, by its digest: one file each, for all repositories of this person. */
export interface SharedContent {
  /** Undefined where it is not here, or no longer is what its name says. */
  read(digest: string): string | undefined;
  add(text: string): Promise<string>;
}

export function createSharedContent(home: string): SharedContent {
  const pathOf = (digest: string): string => join(home, 'cache', 'shared', digest.replace(/^sha256:/, ''));
  return {
    read(digest) {
      if (!/^sha256:[0-9a-f]{64}$/.test(digest)) return undefined;
      const text = readSmall(pathOf(digest));
      return text !== undefined && contentDigest(text) === digest ? text : undefined;
    },
    async add(text) {
      const digest = contentDigest(text);
      if (readSmall(pathOf(digest)) !== text) await writeFileAtomic(pathOf(digest), text);
      return digest;
    },
  };
}

/** Four times as many as a workflow file may have characters. Bytes. */
const MAX_SIZE = 512 * 1024;

/** For where nothing of others is followed. */
export const noSharedContent: SharedContent = {
  read: () => undefined,
  add: () => Promise.reject(new TypeError('There is no place for shared content.')),
};

/** Whatever is larger than a workflow may be is none. */
function readSmall(path: string): string | undefined {
  try {
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > MAX_SIZE) return undefined;
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch {
    return undefined;
  }
}
