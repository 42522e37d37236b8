import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HandrailError } from '../../../core/errors.ts';

/** Bytes of a file that holds one contribution, and of a line of a file that holds many: sealed, one is about 22,000. */
export const LARGEST = 64 * 1024;
const NEWLINE = 0x0a;

/** A file of inputs, or whole lines of one: the bytes from `from` to before `to`. */
export interface Piece {
  path: string;
  from: number;
  to: number;
}

export interface PartsOptions {
  /** How many there are at most. */
  most: number;
  /** How many bytes are worth a part of their own. */
  worth: number;
}

/**
 * The inputs of a folder in parts about as large as each other, in the order of names: `.json` and `.ndjson` files. Folders within are
 * read, links are not followed. Fails with `not-found` where there is no such folder.
 */
export function piecesIn(folder: string, { most, worth }: PartsOptions): Piece[][] {
  const files = [...filesIn(folder)].map((path) => ({ path, size: sizeOf(path) }));
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const count = Math.max(1, Math.min(most, Math.ceil(total / worth)));
  const parts: Piece[][] = [[]];
  let before = 0;
  for (const { path, size } of files) {
    let from = 0;
    for (
      let end = (total / count) * parts.length - before;
      parts.length < count && end < size;
      end = (total / count) * parts.length - before
    ) {
      const to = endOfLine(path, Math.max(from, Math.floor(end)), size);
      parts.at(-1)?.push({ path, from, to });
      parts.push([]);
      from = to;
    }
    if (from < size || size === 0) parts.at(-1)?.push({ path, from, to: Number.POSITIVE_INFINITY });
    before += size;
  }
  return parts;
}

/** Behind the line that a byte is in, or the file's end where that is not near, or the file is one contribution. */
function endOfLine(path: string, at: number, size: number): number {
  if (!path.endsWith('.ndjson')) return size;
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const bytes = Buffer.alloc(LARGEST);
    const end = bytes.subarray(0, readSync(file, bytes, 0, LARGEST, at)).indexOf(NEWLINE);
    return end < 0 ? size : at + end + 1;
  } catch {
    // Whoever reads it finds out.
    return size;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function* filesIn(folder: string): Generator<string> {
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(path);
    else if (entry.isFile() && /\.(?:nd)?json$/.test(entry.name)) yield path;
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw new HandrailError('not-found', `The folder ${folder} cannot be read.`, {
      hint: 'Name the folder that contributions were collected in: --in DIR',
      cause: error,
    });
  }
}
