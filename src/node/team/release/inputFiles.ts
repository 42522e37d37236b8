import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { LARGEST, type Piece } from './inputPieces.ts';

/** Bytes that are read at once: few enough to stay in the cache while they are looked at. */
const CHUNK = 256 * 1024;
const NEWLINE = 0x0a;

/** A JSON value of an input, or undefined where it is none or larger than any contribution. */
export type Input = { value: unknown } | undefined;

/** Is shown the beginning of each line before it is parsed. Gives the place of the newline that ends it, or -1 where it is to be parsed. */
export type TakeLine = (bytes: Uint8Array, start: number) => number;

/** The values of inputs: a `.json` file holds one, an `.ndjson` file one a line. Lines that `takeLine` took do not count. */
export function* inputsOf(pieces: Iterable<Piece>, takeLine?: TakeLine): Generator<Input> {
  let buffer: Buffer | undefined;
  for (const piece of pieces) {
    try {
      if (piece.path.endsWith('.ndjson')) yield* linesIn(piece, (buffer ??= Buffer.allocUnsafe(CHUNK)), takeLine);
      else yield statSync(piece.path).size > LARGEST ? undefined : parsed(readFileSync(piece.path, 'utf8'));
    } catch (error) {
      // Gone meanwhile, or not to be read: the others are.
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
      yield undefined;
    }
  }
}

/** The lines that are not empty. One that does not end is passed over as it comes: nobody may fill the memory with it. */
function* linesIn({ path, from, to }: Piece, bytes: Buffer, takeLine?: TakeLine): Generator<Input> {
  const file = openSync(path, 'r');
  try {
    let at = from;
    let length = 0;
    let isTooLong = false;
    for (let isOver = false; !isOver;) {
      const bytesRead = readSync(file, bytes, length, Math.min(bytes.length - length - 1, to - at), at);
      at += bytesRead;
      length += bytesRead;
      isOver = bytesRead === 0;
      // The last line may lack its end.
      if (isOver && (length > 0 || isTooLong)) bytes[length++] = NEWLINE;
      const lines = bytes.subarray(0, bytes.subarray(0, length).lastIndexOf(NEWLINE) + 1);
      const skipped = isTooLong && lines.length > 0 ? lines.indexOf(NEWLINE) + 1 : 0;
      if (skipped > 0) yield undefined;
      yield* valuesOf(lines.subarray(skipped), takeLine);
      if (lines.length > 0) isTooLong = false;
      bytes.copyWithin(0, lines.length, length);
      length -= lines.length;
      if (length > LARGEST) [length, isTooLong] = [0, true];
    }
  } finally {
    closeSync(file);
  }
}

function* valuesOf(lines: Buffer, takeLine?: TakeLine): Generator<Input> {
  for (let start = 0; start < lines.length;) {
    let end = takeLine?.(lines, start) ?? -1;
    if (end < 0) {
      end = lines.indexOf(NEWLINE, start);
      const text = end - start > LARGEST ? undefined : lines.toString('utf8', start, end);
      if (text?.trim() !== '') yield text === undefined ? undefined : parsed(text);
    }
    start = end + 1;
  }
}

function parsed(text: string): Input {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
