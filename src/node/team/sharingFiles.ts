import { rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseSharing, type SharingRecord } from '../../core/team/sharing.ts';
import { writeFileAtomic } from '../atomicFile.ts';
import { makeLast, ownFilesIn, removeOwnFile } from './ownFiles.ts';

/** What the person agreed to, one file a team. A file is written whole, so that processes never undo each other's decisions. */

/** Every decision that is stored, by the team's name. What is no decision of ours is none. */
export function readSharing(folder: string): SharingRecord[] {
  return ownFilesIn(folder).flatMap(({ name, text }) => {
    const record = parseSharing(text);
    return record !== undefined && name === fileOf(record.team) ? [record] : [];
  });
}

export async function writeSharing(folder: string, record: SharingRecord): Promise<void> {
  await makeLast(folder);
  await writeFileAtomic(join(folder, fileOf(record.team)), `${JSON.stringify(record)}\n`, { makeFolder: false });
}

/** Takes a decision back. Nothing is left that tells of it, or an empty file where nothing can be removed. */
export function removeSharing(folder: string, team: string): void {
  removeOwnFile(join(folder, fileOf(team)));
  try {
    rmdirSync(folder);
  } catch {
    // Decisions about other teams are in it, or it is gone already.
  }
}

function fileOf(team: string): string {
  return `${team}.json`;
}
