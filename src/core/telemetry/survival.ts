import { structuredPatch } from 'diff';
import type { ProposedChange } from '../ai/generate/generation.ts';
import type { AcceptedNote } from './acceptedNote.ts';

/**
 * How much of what was accepted is still there a week later. What is needed to tell is kept on this machine meanwhile, as keyed hashes
 * with a key of their own, apart from the events; an event says no more than a range.
 */

/** The lines that a change adds and that tell something: a bracket alone would be found in any file. */
export function addedLines({ before, after }: Pick<ProposedChange, 'before' | 'after'>): string[] {
  const { hunks } = structuredPatch('a', 'b', level(before), level(after), undefined, undefined, { context: 0 });
  return hunks.flatMap(({ lines }) => lines.filter((line) => line.startsWith('+')).flatMap((line) => tellingLines(line.slice(1))));
}

/** The lines of a text that tell something, without their indentation. */
export function tellingLines(text: string): string[] {
  return level(text)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /[\p{L}\p{N}]/u.test(line) && line.length >= 4);
}

/**
 * The part of the accepted lines that is still there, 0 to 1. `present` gives the hashes of a file's lines as it is now, once for each
 * line; undefined where the file is gone.
 */
export function survivingShare(files: AcceptedNote['files'], present: (path: string) => readonly string[] | undefined): number | undefined {
  let all = 0;
  let left = 0;
  for (const { path, lines } of files) {
    all += lines.length;
    const counts = new Map<string, number>();
    for (const line of present(path) ?? []) counts.set(line, (counts.get(line) ?? 0) + 1);
    for (const line of lines) {
      const count = counts.get(line) ?? 0;
      if (count === 0) continue;
      counts.set(line, count - 1);
      left += 1;
    }
  }
  return all === 0 ? undefined : left / all;
}

function level(text: string): string {
  return text.replace(/\r\n?/gu, '\n');
}
