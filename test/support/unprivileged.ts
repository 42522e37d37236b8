import { chownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const NOBODY = 65534;

/**
 * Does the work as somebody whom the modes of files keep out, though an administrator runs the tests. `folder` and all in it is theirs
 * meanwhile. Returns false, and does nothing, where the system has no such people.
 */
export async function unprivileged(folder: string, work: () => Promise<void>): Promise<boolean> {
  if (process.getuid?.() !== 0) {
    if (process.platform === 'win32') return false;
    await work();
    return true;
  }
  give(folder, NOBODY);
  process.seteuid?.(NOBODY);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
    give(folder, 0);
  }
  return true;
}

function give(folder: string, user: number): void {
  for (const name of ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]) chownSync(join(folder, name), user, user);
}
