import { spawn } from 'node:child_process';
import { devNull } from 'node:os';
import { HandrailError } from '../../core/errors.ts';
import {
  type GitCommand,
  gitFailure,
  type GitPrograms,
  gitPrograms,
  SAFE_CONFIG,
  SAFE_ENVIRONMENT,
  withoutGitVariables,
} from './gitCommand.ts';

/**
 * Git's objects as they are, for whoever judges a repository: no replacement objects or grafts, which would show other commits under
 * their names, and besides what every call of ours switches off, nothing of the checkout's configuration that decides what is listed.
 * Output comes as bytes.
 */
export interface GitObjects {
  /** Whole output. Fails with a HandrailError. */
  run(args: readonly string[], input?: string): Promise<Buffer>;
  /** The same as text, where failing quietly (exit code other than 0, nothing on stderr) gives the output, as simple-git does. */
  readonly command: GitCommand;
  /** Contents of objects in the order asked for; undefined for one that is missing. Names are object names. */
  contents(names: readonly string[]): Promise<(GitObject | undefined)[]>;
  /** Bytes of each object; 0 for one that is missing. */
  sizes(names: readonly string[]): Promise<number[]>;
  /** Files of a commit by path from the top, links inside the tree followed; undefined for what is no file there. */
  files(commit: string, paths: readonly string[]): Promise<(Buffer | undefined)[]>;
}

export interface GitObject {
  type: 'blob' | 'tree' | 'commit' | 'tag';
  content: Buffer;
}

/** More output than this is an attack or a mistake. */
const MAX_OUTPUT_BYTES = 512 * 1024 * 1024;

const CONFIG = [
  ...SAFE_CONFIG,
  'core.quotePath=false',
  `diff.orderFile=${devNull}`,
  'core.useReplaceRefs=false',
  'advice.graftFileDeprecated=false',
];
const ENVIRONMENT = { ...SAFE_ENVIRONMENT, GIT_NO_REPLACE_OBJECTS: '1', GIT_GRAFT_FILE: devNull };

/** Git in a folder. What lies in the folder, or in the repository around it, is never run. */
export function gitObjects(folder: string): GitObjects {
  let found: GitPrograms | undefined;
  const run = async (args: readonly string[], input?: string): Promise<{ output: Buffer; said: string; code: number | null }> => {
    found ??= gitPrograms([folder]);
    return await execute(found, folder, args, input);
  };
  const strictly = async (args: readonly string[], input?: string): Promise<Buffer> => {
    const { output, said, code } = await run(args, input);
    if (code !== 0) throw gitFailure(new Error(said), folder);
    return output;
  };
  return {
    run: strictly,
    async command(args, input) {
      const { output, said, code } = await run(args, input);
      if (code !== 0 && said.trim() !== '') throw gitFailure(new Error(said), folder);
      return output.toString('utf8');
    },
    async contents(names) {
      if (names.length === 0) return [];
      return parseBatch(await strictly(['cat-file', '--batch'], `${names.join('\n')}\n`), names.length);
    },
    async sizes(names) {
      if (names.length === 0) return [];
      const output = await strictly(['cat-file', '--batch-check=%(objectsize)'], `${names.join('\n')}\n`);
      return output
        .toString('latin1')
        .trimEnd()
        .split('\n')
        .map((line) => Number(line) || 0);
    },
    async files(commit, paths) {
      // Names are separated by line breaks, so a path that holds one cannot be asked for and counts as no file.
      const asked = paths.filter((path) => !path.includes('\n'));
      if (asked.length === 0) return paths.map(() => undefined);
      const names = asked.map((path) => `${commit}:${path}\n`).join('');
      const read = parseBatch(await strictly(['cat-file', '--batch', '--follow-symlinks'], names), asked.length);
      const found = new Map(asked.map((path, index) => [path, read[index]?.type === 'blob' ? read[index].content : undefined]));
      return paths.map((path) => found.get(path));
    },
  };
}

async function execute(
  { executable, env }: GitPrograms,
  folder: string,
  args: readonly string[],
  input: string | undefined,
): Promise<{ output: Buffer; said: string; code: number | null }> {
  const child = spawn(executable, [...CONFIG.flatMap((setting) => ['-c', setting]), ...args], {
    cwd: folder,
    env: { ...withoutGitVariables(env), ...ENVIRONMENT },
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const output: Buffer[] = [];
  const said: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_OUTPUT_BYTES) child.kill();
    else output.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  // Git may end before it has read everything; what it says tells why.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(gitFailure(error, folder)));
    child.once('close', resolve);
  });
  if (size > MAX_OUTPUT_BYTES) {
    throw new HandrailError('too-large', 'The repository holds more than can be looked at.', {
      hint: 'Look for objects of an unusual size.',
    });
  }
  return { output: Buffer.concat(output), said: Buffer.concat(said).toString('utf8'), code };
}

/** So many objects, undefined for one that is missing. Format: git-cat-file(1), "Batch output". */
export function parseBatch(output: Buffer, count: number): (GitObject | undefined)[] {
  const objects: (GitObject | undefined)[] = [];
  let at = 0;
  while (objects.length < count) {
    const end = output.indexOf(10, at);
    if (end < 0) throw new HandrailError('io', 'Git ended in the middle of an object.', { hint: 'Check the repository: git fsck' });
    const header = output.toString('latin1', at, end);
    const [, type, size] = /^[0-9a-f]+ (blob|tree|commit|tag) (\d+)$/.exec(header) ?? [];
    at = end + 1;
    if (type === undefined) {
      // Links that lead nowhere, out, or round in a circle are followed by what was asked for.
      const rest = /^(?:symlink|dangling|loop|notdir) (\d+)$/.exec(header)?.[1];
      if (rest !== undefined) at += Number(rest) + 1;
      objects.push(undefined);
      continue;
    }
    const length = Number(size);
    objects.push({ type: type as GitObject['type'], content: output.subarray(at, at + length) });
    at += length + 1;
  }
  return objects;
}

/** UTF-8 text, or undefined for anything else. A byte order mark stays, as it is part of the content. */
export function utf8(content: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return undefined;
  }
}
