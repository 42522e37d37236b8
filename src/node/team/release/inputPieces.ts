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

export interface Pieces {
  /** In the order of names. */
  pieces: Piece[];
  /** How long they are together. */
  bytes: number;
}

/**
 * The inputs of a folder, `.json` and `.ndjson` files, in pieces of about `size` bytes: lines that go on are not cut, and a file of one
 * contribution is not either. Folders within are read, links are not followed. Fails with `not-found` where there is no such folder.
 */
export function piecesIn(folder: string, size: number): Pieces {
  const pieces: Piece[] = [];
  let bytes = 0;
  for (const path of filesIn(folder)) {
    const length = sizeOf(path);
    bytes += length;
    let from = 0;
    do {
      const to = from + size < length ? endOfLine(path, from + size, length) : length;
      // What is written to it meanwhile belongs to the last one.
      pieces.push({ path, from, to: to < length ? to : Number.POSITIVE_INFINITY });
      from = to;
    } while (from < length);
  }
  return { pieces, bytes };
}

/** Where several threads are in the same pieces. */
export type Turn = Int32Array<SharedArrayBuffer>;

export function newTurn(): Turn {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** The pieces that nobody else has taken, one by one. A thread that begins later, or is slower, takes fewer. */
export function* takenFrom(pieces: readonly Piece[], turn: Turn): Generator<Piece> {
  for (let piece = pieces[Atomics.add(turn, 0, 1)]; piece !== undefined; piece = pieces[Atomics.add(turn, 0, 1)]) yield piece;
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
