import { createReadStream, readdirSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HandrailError } from '../../../core/errors.ts';

/** Bytes of a file that holds one contribution, and of a line of a file that holds many: sealed, one is about 22,000. */
const LARGEST = 64 * 1024;

/** A JSON value of an input, or undefined where it is none or larger than any contribution. */
export type Input = { value: unknown } | undefined;

/**
 * The values in a folder, in the order of their names: `.json` holds one, `.ndjson` one a line. Folders within are read, links are not
 * followed, and other files do not count. Fails with `not-found` where there is no such folder.
 */
export async function* inputsIn(folder: string): AsyncGenerator<Input> {
  for (const path of filesIn(folder)) {
    try {
      if (path.endsWith('.ndjson')) yield* linesIn(path);
      else yield (await stat(path)).size > LARGEST ? undefined : parsed(await readFile(path, 'utf8'));
    } catch {
      // Gone meanwhile, or not to be read: the others are.
      yield undefined;
    }
  }
}

/** The lines that are not empty. One that does not end is passed over as it comes: nobody may fill the memory with it. */
async function* linesIn(path: string): AsyncGenerator<Input> {
  let rest = '';
  let isTooLong = false;
  for await (const chunk of createReadStream(path, { encoding: 'utf8' }) as AsyncIterable<string>) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (isTooLong) yield undefined;
      else if (line.trim() !== '') yield parsed(line);
      isTooLong = false;
    }
    if (rest.length > LARGEST) [rest, isTooLong] = ['', true];
  }
  if (isTooLong) yield undefined;
  else if (rest.trim() !== '') yield parsed(rest);
}

function parsed(text: string): Input {
  if (text.length > LARGEST) return undefined;
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
