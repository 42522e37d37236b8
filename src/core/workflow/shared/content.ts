import { sha256Hex } from '../digests.ts';

/** Which content of which commit the shared workflows are that a repository extends. Committed, and reviewed like code. */
export const LOCK_FILE = '.handrail/lock.yml';

/** Digest of a file's content, `sha256:<hex>` over its UTF-8 bytes, a byte order mark included. */
export function contentDigest(text: string): string {
  return `sha256:${sha256Hex(text)}`;
}
