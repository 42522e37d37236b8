import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** The names of the files that tell what was imported: one for each assistant and day, so that a day can be forgotten alone. */

const NAME = /^([a-z-]+)-(\d{4}-\d{2}-\d{2})$/;

export interface ImportedFile {
  path: string;
  /** The assistant, or `told-` and the assistant for a day that it reported itself. */
  about: string;
  day: string;
}

export function importedName(about: string, day: string): string {
  return `${about}-${day}`;
}

/** None where there is no such folder, or it cannot be read. */
export function importedFiles(folder: string): ImportedFile[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const [, about, day] = NAME.exec(name) ?? [];
    return about === undefined || day === undefined ? [] : [{ path: join(folder, name), about, day }];
  });
}

/** Forgets days before that one. Never fails: what the system keeps now goes the next time. */
export function forgetImported(folder: string, oldest: string): void {
  for (const { path, day } of importedFiles(folder)) {
    if (day >= oldest) continue;
    try {
      rmSync(path, { force: true });
    } catch {
      // Somebody has it open, or the folder is read-only.
    }
  }
}
