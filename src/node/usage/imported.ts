import { createHmac, randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import type { TelemetryPaths } from '../telemetry/paths.ts';

/**
 * Which calls were imported already: of each a part of its hash under a random key that is kept beside it, in a file per assistant and
 * day. Nothing of a log can be had from it, and it goes when the day expires or everything recorded is deleted.
 */
export interface Imported {
  /** Whether anything of that day was imported before. */
  hasDay(assistant: string, day: string): boolean;
  /** Whether the call is new; remembered once {@link Imported.keep} was called. */
  isNew(assistant: string, day: string, key: string): boolean;
  /** Stores what was found new. @throws HandrailError `read-only` when the system refuses. */
  keep(): void;
  /** Forgets days before that one. Never fails. */
  forget(oldest: string): void;
}

/** Base64url characters of a hash that are kept: 96 bits, so that no two of a person's calls are ever taken for one. */
const KEPT = 16;
const FILE = /^[a-z-]+-(\d{4}-\d{2}-\d{2})$/;

export function openImported(paths: TelemetryPaths): Imported {
  const folder = paths.imported;
  const known = new Map<string, Set<string>>();
  const fresh = new Map<string, string[]>();
  let key: Buffer | undefined;
  const keyOf = (): Buffer => (key ??= readKey(folder) ?? randomBytes(32));
  const nameOf = (assistant: string, day: string): string => `${assistant}-${day}`;
  const hashesOf = (name: string): Set<string> => {
    let hashes = known.get(name);
    if (hashes === undefined)
      known.set(name, (hashes = new Set((textOf(join(folder, name)) ?? '').split('\n').filter((line) => line !== ''))));
    return hashes;
  };
  return {
    hasDay: (assistant, day) => textOf(join(folder, nameOf(assistant, day))) !== undefined,
    isNew(assistant, day, call) {
      const name = nameOf(assistant, day);
      const hash = createHmac('sha256', keyOf()).update(`${assistant} ${call}`).digest('base64url').slice(0, KEPT);
      const hashes = hashesOf(name);
      if (hashes.has(hash)) return false;
      hashes.add(hash);
      const added = fresh.get(name);
      if (added === undefined) fresh.set(name, [hash]);
      else added.push(hash);
      return true;
    },
    keep() {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        if (readKey(folder) === undefined) writeFileSync(join(folder, 'key'), keyOf(), { mode: 0o600 });
        for (const [name, hashes] of fresh) appendFileSync(join(folder, name), `${hashes.join('\n')}\n`, { mode: 0o600 });
        fresh.clear();
      } catch (error) {
        throw new HandrailError('read-only', `What was imported could not be remembered in ${folder}, so nothing was recorded.`, {
          hint: 'Make the folder writable and the disk less full, and import again.',
          cause: error,
        });
      }
    },
    forget(oldest) {
      for (const name of namesIn(folder)) {
        const day = FILE.exec(name)?.[1];
        if (day !== undefined && day < oldest) rmSync(join(folder, name), { force: true });
      }
    },
  };
}

function readKey(folder: string): Buffer | undefined {
  try {
    const bytes = readFileSync(join(folder, 'key'));
    return bytes.length === 32 ? bytes : undefined;
  } catch {
    return undefined;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
