import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { logReader, type LoggedCall, type LoggingAssistant } from '../../core/usage/localLogs.ts';
import { folderOf } from './assistantFiles.ts';

/** The logs of an assistant: which files they are, and their lines within bounds. */

type Env = Readonly<Record<string, string | undefined>>;

const PLACES: Readonly<Record<LoggingAssistant, { folders: readonly string[]; name: RegExp }>> = {
  'claude-code': { folders: ['projects'], name: /\.jsonl$/ },
  codex: { folders: ['sessions', 'archived_sessions'], name: /^rollout-.*\.jsonl$/ },
  'gemini-cli': { folders: ['tmp'], name: /^session-.*\.jsonl?$/ },
};
const DEEPEST = 6;

/** Files that were written to since that time (milliseconds since the Unix epoch). Links are not followed; what cannot be read is left out. */
export function logFiles(assistant: LoggingAssistant, env: Env, since: number): string[] {
  const { folders, name } = PLACES[assistant];
  return folders
    .flatMap((folder) => below(join(folderOf(assistant, env), folder), name, DEEPEST))
    .filter((path) => (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= since)
    .toSorted();
}

function below(folder: string, name: RegExp, depth: number): string[] {
  if (depth === 0) return [];
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return below(path, name, depth - 1);
      return entry.isFile() && name.test(entry.name) ? [path] : [];
    });
  } catch {
    return [];
  }
}

/** Bytes of a line. Longer ones hold what somebody pasted. */
const LONGEST_LINE = 16 * 1024 * 1024;

/** The calls that a log tells. */
export async function* callsIn(assistant: LoggingAssistant, path: string): AsyncGenerator<LoggedCall> {
  const reader = logReader(assistant);
  // An older form of it is one document, over many lines.
  if (path.endsWith('.json')) {
    if (statSync(path).size <= LONGEST_LINE) for await (const text of pieces(path, undefined)) yield* reader.take(text);
    return;
  }
  for await (const line of pieces(path, '\n')) yield* reader.take(line);
}

const NEWLINE = 0x0a;

/** Lines, or the whole of it; what is longer than a line may be is left out. */
async function* pieces(path: string, separator: '\n' | undefined): AsyncGenerator<string> {
  let waiting: Buffer[] = [];
  let size = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    let rest = chunk as Buffer;
    for (let end = separator === undefined ? -1 : rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE)) {
      if (size + end <= LONGEST_LINE) yield Buffer.concat([...waiting, rest.subarray(0, end)]).toString('utf8');
      waiting = [];
      size = 0;
      rest = rest.subarray(end + 1);
    }
    size += rest.length;
    if (size <= LONGEST_LINE) waiting.push(rest);
    else waiting = [];
  }
  if (size > 0 && size <= LONGEST_LINE) yield Buffer.concat(waiting).toString('utf8');
}
