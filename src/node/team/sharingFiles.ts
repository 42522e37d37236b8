import { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSharing, type SharingRecord } from '../../core/team/sharing.ts';
import { writeFileAtomic } from '../atomicFile.ts';

/** What the person agreed to, one file a team. A file is written whole, so that processes never undo each other's decisions. */

const LARGEST = 64 * 1024;

/** Every decision that is stored, by the team's name. What is no decision of ours is none. */
export function readSharing(folder: string): SharingRecord[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.toSorted().flatMap((name) => {
    const record = readRecord(join(folder, name));
    return record !== undefined && name === fileOf(record.team) ? [record] : [];
  });
}

export async function writeSharing(folder: string, record: SharingRecord): Promise<void> {
  await makeLast(folder);
  await writeFileAtomic(join(folder, fileOf(record.team)), `${JSON.stringify(record)}\n`);
}

/** Takes a decision back. Nothing is left that tells of it. */
export function removeSharing(folder: string, team: string): void {
  rmSync(join(folder, fileOf(team)), { recursive: true, force: true });
}

function fileOf(team: string): string {
  return `${team}.json`;
}

function readRecord(path: string): SharingRecord | undefined {
  try {
    const stats = lstatSync(path);
    return stats.isFile() && stats.size <= LARGEST ? parseSharing(readFileSync(path, 'utf8')) : undefined;
  } catch {
    return undefined;
  }
}

/** Makes the folder, but not the one above it: where everything was deleted, nothing must come back. */
export async function makeLast(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
