import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';
import { HandrailError } from '../../../core/errors.ts';
import { type HostReviews, parseReviews } from '../../../core/workflow/verify/reviews.ts';

const MAX_BYTES = 32 * 1024 * 1024;

/**
 * Reads the file of `--reviews`. One inside the checkout is refused, links followed: the branch could have brought it. Fails with `usage`
 * or `config`.
 */
export function readReviewsFile(path: string, topLevel: string): HostReviews {
  let real: string;
  let text: string;
  try {
    real = realpathSync.native(path);
    text = textOf(real);
  } catch (cause) {
    throw new HandrailError('usage', `The file of reviews ${path} cannot be read.`, { hint: 'Check the path.', cause });
  }
  const way = relative(realpathSync.native(topLevel), real);
  if (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)) {
    throw new HandrailError('usage', `The file of reviews ${path} lies in the checkout, where the branch could have put it.`, {
      hint: 'Write it to a folder outside of the repository.',
    });
  }
  const read = parseReviews(parse(text, path));
  if (!('problem' in read)) return read;
  throw new HandrailError('config', `The file of reviews ${path} is not one: ${read.problem}.`, {
    hint: 'Its form is described in docs/verify.md.',
    location: { path },
  });
}

function textOf(path: string): string {
  // A pipe that nobody writes to would be waited for for ever.
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile() || stat.size > MAX_BYTES) throw new TypeError('not a file of reviews');
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HandrailError('config', `The file of reviews ${path} is not valid JSON.`, {
      hint: 'Mend or replace it.',
      location: { path },
      cause,
    });
  }
}
