import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HandrailError } from '../../../core/errors.ts';

/** Bytes of a file that holds one contribution, and of a line of a file that holds many: sealed, one is about 22,000. */
const LARGEST = 64 * 1024;
/** Bytes that are read at once. */
const CHUNK = 1024 * 1024;
const NEWLINE = 0x0a;

/** A JSON value of an input, or undefined where it is none or larger than any contribution. */
export type Input = { value: unknown } | undefined;

/** Is shown the beginning of each line before it is parsed. Gives the place of the newline that ends it, or -1 where it is to be parsed. */
export type TakeLine = (bytes: Uint8Array, start: number) => number;

/**
 * The values in a folder, in the order of their names: `.json` holds one, `.ndjson` one a line. Folders within are read, links are not
 * followed, and other files do not count; nor do lines that `takeLine` took. Fails with `not-found` where there is no such folder.
 */
export function* inputsIn(folder: string, takeLine?: TakeLine): Generator<Input> {
  for (const path of filesIn(folder)) {
    try {
      if (path.endsWith('.ndjson')) yield* linesIn(path, takeLine);
      else yield statSync(path).size > LARGEST ? undefined : parsed(readFileSync(path, 'utf8'));
    } catch (error) {
      // Gone meanwhile, or not to be read: the others are.
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
      yield undefined;
    }
  }
}

/** The lines that are not empty. One that does not end is passed over as it comes: nobody may fill the memory with it. */
function* linesIn(path: string, takeLine?: TakeLine): Generator<Input> {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.allocUnsafe(CHUNK);
    let length = 0;
    let isTooLong = false;
    for (let isOver = false; !isOver;) {
      const bytesRead = readSync(file, bytes, length, CHUNK - length - 1, null);
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
