import { closeSync, constants, fstatSync, openSync, readSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { HandrailError } from '../core/errors.ts';
import type { WorkspaceFiles } from '../core/ports.ts';
import { firstInvalidUtf8, placeOfByte } from '../core/utf8.ts';

/** Bytes of one file that is read as text: larger ones are data, not something a person wrote. */
export const MAX_FILE_BYTES = 5 * 1024 * 1024;

export interface NodeWorkspaceFiles extends WorkspaceFiles {
  /** The workspace folder, with symbolic links resolved. */
  readonly root: string;
  readText(path: string): string | undefined;
  /** Whether the path is a file inside the workspace that can be read. */
  exists(path: string): boolean;
  /** Names of the files directly in a folder, sorted; empty when there is no such folder. */
  list(folder: string): string[];
}

/**
 * Reads files of one workspace folder. The repository is not trusted: a path, or a symbolic link on its way, that leads out of the
 * folder is refused, as is anything that is not a regular file (a device or pipe could block), is larger than
 * {@link MAX_FILE_BYTES} or is not UTF-8 text.
 */
export function workspaceFiles(folder: string): NodeWorkspaceFiles {
  const root = realpathOf(resolve(folder));
  if (root === undefined) throw new HandrailError('not-found', `There is no folder ${folder}.`, { hint: 'Check the path.' });
  const locate = (path: string): string | undefined => locateInside(root, path);
  const readText = (path: string): string | undefined => {
    const real = locate(path);
    return real === undefined ? undefined : readFile(real, path);
  };
  return {
    root,
    readText,
    read: async (path) => readText(path),
    exists(path) {
      try {
        const real = locate(path);
        return real !== undefined && statSync(real).isFile();
      } catch {
        return false;
      }
    },
    list(path) {
      const real = locate(path);
      return real === undefined ? [] : namesIn(real);
    },
  };
}

/**
 * The real path of a workspace path, links followed; undefined when there is nothing. Fails with `config` when it leads out. `root` is a
 * real path itself.
 */
export function locateInside(root: string, path: string): string | undefined {
  const outside = () =>
    new HandrailError('config', `${path} leads out of the workspace.`, {
      hint: 'Use a file inside the workspace folder.',
      location: { path },
    });
  if (isAbsolute(path) || path.includes('\0')) throw outside();
  const wanted = resolve(root, path);
  if (!isInside(root, wanted)) throw outside();
  const real = realpathOf(wanted);
  if (real === undefined) return undefined;
  if (!isInside(root, real)) throw outside();
  return real;
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function realpathOf(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw readFailure(path, error);
  }
}

function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function readFailure(path: string, error: unknown): HandrailError {
  const why =
    codeOf(error) === 'ELOOP' ? 'its symbolic links go round in a circle' : codeOf(error) === 'EACCES' ? 'access is denied' : codeOf(error);
  return new HandrailError('io', `${path} cannot be read: ${why}.`, {
    hint: 'Check the file and its permissions.',
    location: { path },
    cause: error,
  });
}

function readFile(real: string, path: string): string | undefined {
  let descriptor: number;
  try {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer for ever; O_NOFOLLOW because the path is real already and a link
    // put there since would lead elsewhere.
    descriptor = openSync(real, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw readFailure(path, error);
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new HandrailError('config', `${path} is not a file.`, { hint: 'Name a regular file.', location: { path } });
    if (stat.size > MAX_FILE_BYTES) {
      const limit = `${MAX_FILE_BYTES / 1024 / 1024} MiB`;
      throw new HandrailError('too-large', `${path} is larger than ${limit}.`, { hint: 'Split it or exclude it.', location: { path } });
    }
    return decode(readAll(descriptor, stat.size), path);
  } catch (error) {
    if (error instanceof HandrailError) throw error;
    throw readFailure(path, error);
  } finally {
    closeSync(descriptor);
  }
}

function readAll(descriptor: number, size: number): Uint8Array {
  const buffer = new Uint8Array(size);
  let filled = 0;
  for (let count = -1; count !== 0 && filled < size; filled += count) count = readSync(descriptor, buffer, filled, size - filled, null);
  return buffer.subarray(0, filled);
}

/** UTF-8 with or without byte order mark, which is kept off the text. What is not is refused with the place where it begins. */
function decode(bytes: Uint8Array, path: string): string {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    throw notText(path, 'UTF-16 text', { line: 1, column: 1 });
  const binary = bytes.indexOf(0);
  try {
    if (binary < 0) return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // The place of the mistake is looked for below.
  }
  const invalid = firstInvalidUtf8(bytes);
  const first = Math.min(binary < 0 ? bytes.length : binary, invalid ?? bytes.length);
  const place = placeOfByte(bytes, first, (part) => new TextDecoder('utf-8').decode(part));
  throw notText(path, binary === first ? 'a binary file' : 'not UTF-8 text', place);
}

function notText(path: string, what: string, place: { line: number; column: number }): HandrailError {
  return new HandrailError('bad-response', `${path} is ${what}.`, { hint: 'Save it as UTF-8 text.', location: { path, ...place } });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() || entry.isSymbolicLink())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw readFailure(join(folder), error);
  }
}
