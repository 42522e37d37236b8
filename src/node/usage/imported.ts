import { createHmac, randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import { midnightOf } from '../telemetry/eventFiles.ts';
import type { TelemetryPaths } from '../telemetry/paths.ts';
import { importedFiles, importedName } from './importedFiles.ts';

/**
 * Which calls were imported already: of each a part of its hash under a random key that is kept beside it, in a file per assistant and
 * day. Nothing of a log can be had from it, and it goes when the day expires or everything recorded is deleted.
 */
export interface Imported {
  /** Whether anything of that day was imported before. */
  hasDay(assistant: string, day: string): boolean;
  /** Whether the assistant itself reported on that day, see {@link markTold}. */
  wasTold(assistant: string, day: string): boolean;
  /** Whether the call is new, whatever day it was told with before; remembered for that day once {@link Imported.keep} was called. */
  isNew(assistant: string, day: string, key: string): boolean;
  /** Stores what was found new. @throws HandrailError `read-only` when the system refuses. */
  keep(): void;
}

/** Base64url characters of a hash that are kept: 96 bits, so that no two of a person's calls are ever taken for one. */
const KEPT = 16;

export function openImported(paths: TelemetryPaths): Imported {
  const folder = paths.imported;
  const known = new Map<string, Set<string>>();
  const fresh = new Map<string, string[]>();
  let key: Buffer | undefined;
  const keyOf = (): Buffer => (key ??= readKey(folder) ?? randomBytes(32));
  const hashesOf = (assistant: string): Set<string> => {
    let hashes = known.get(assistant);
    if (hashes === undefined) {
      const files = importedFiles(folder).filter(({ about }) => about === assistant);
      hashes = new Set(files.flatMap(({ path }) => (textOf(path) ?? '').split('\n').filter((line) => line !== '')));
      known.set(assistant, hashes);
    }
    return hashes;
  };
  return {
    hasDay: (assistant, day) => existsSync(join(folder, importedName(assistant, day))),
    wasTold: (assistant, day) => existsSync(join(folder, toldName(assistant, day))),
    isNew(assistant, day, call) {
      const hash = createHmac('sha256', keyOf()).update(`${assistant} ${call}`).digest('base64url').slice(0, KEPT);
      const hashes = hashesOf(assistant);
      if (hashes.has(hash)) return false;
      hashes.add(hash);
      const name = importedName(assistant, day);
      const added = fresh.get(name);
      if (added === undefined) fresh.set(name, [hash]);
      else added.push(hash);
      return true;
    },
    keep() {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        if (readKey(folder) === undefined) keepFile(join(folder, 'key'), keyOf());
        for (const [name, hashes] of fresh) keepFile(join(folder, name), `${hashes.join('\n')}\n`);
        fresh.clear();
      } catch (error) {
        throw new HandrailError('read-only', `What was imported could not be remembered in ${folder}, so nothing was recorded.`, {
          hint: 'Make the folder writable and the disk less full, and import again.',
          cause: error,
        });
      }
    },
  };
}

/**
 * Keeps that the assistant itself reported usage on that day, also once it is no longer connected: what its logs tell of it would count
 * a second time. Only the last folder is made: where everything was deleted, nothing comes back.
 * @throws the system's error when it cannot be kept.
 */
export function markTold(paths: TelemetryPaths, assistant: string, day: string): void {
  const path = join(paths.imported, toldName(assistant, day));
  if (existsSync(path)) return;
  if (!existsSync(paths.imported)) mkdirSync(paths.imported, { mode: 0o700 });
  keepFile(path, '');
}

function toldName(assistant: string, day: string): string {
  return importedName(`told-${assistant}`, day);
}

/** Adds to a file of the person's alone. When that was is nobody's business beyond the day. */
function keepFile(path: string, content: string | Buffer): void {
  if (typeof content === 'string') appendFileSync(path, content, { mode: 0o600 });
  else writeFileSync(path, content, { mode: 0o600 });
  const midnight = midnightOf(Date.now());
  utimesSync(path, midnight, midnight);
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
