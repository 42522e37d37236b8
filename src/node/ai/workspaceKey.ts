import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';

/** Names a workspace folder in per-user state without telling its path; the same for every way to the same folder. */
export function workspaceKey(root: string): string {
  return shortHash(realpath(root));
}

/** 16 hex digits of the text's SHA-256, for file names. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function realpath(root: string): string {
  try {
    return realpathSync.native(root);
  } catch {
    return resolve(root);
  }
}
