import { type BigIntStats, lstatSync, readFileSync, realpathSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import { AGENTS_FILE, withParagraph } from '../../core/workflow/agents.ts';
import { type Assistant, ASSISTANTS, isOwnScript, STOP_HOOK_FILE, stopHookScript, withHook } from '../../core/workflow/stopHook.ts';
import { createFileAtomic, writeFileAtomic } from '../atomicFile.ts';
import { refuseGitData } from '../git/place.ts';
import { MAX_FILE_BYTES, workspaceFiles } from '../workspaceFiles.ts';
import { refuseLinks, writeFailure } from './repositoryFiles.ts';

export interface AgentsRequest {
  /** The paragraph in AGENTS.md. */
  paragraph: boolean;
  /** Names of the assistants that get the stop hook; see {@link ASSISTANTS}. */
  stopHook: readonly string[];
}

/** A file as it is and as it would be. Nothing else in it changes. */
export interface FileChange {
  path: string;
  before: string | undefined;
  after: string;
}

export interface AgentsPlan {
  changes: FileChange[];
  /** Paths that hold already what was asked for, or that are a team's own. */
  kept: string[];
  /** What a person should know or do, one sentence each. */
  notes: string[];
}

/**
 * What telling agents about the workflow would change. Writes nothing. Fails with `config` for a file that is a link, leads out of
 * the folder or cannot be edited safely, with `read-only` for one that may not be written, and with `no-git` among git's own files; then
 * nothing at all is to be written.
 */
export function planAgentFiles(folder: string, { paragraph, stopHook }: AgentsRequest): AgentsPlan {
  const { root } = workspaceFiles(folder);
  refuseGitData(root);
  const plan: AgentsPlan = { changes: [], kept: [], notes: [] };
  const add = (path: string, edit: (before: string | undefined) => string): void => {
    const before = readForEdit(root, path);
    const after = edit(before);
    if (after === before) plan.kept.push(path);
    else plan.changes.push({ path, before, after });
  };
  if (paragraph) {
    add(AGENTS_FILE, withParagraph);
    plan.notes.push(...unreadNotes(root));
  }
  const assistants = stopHook.map(assistantNamed);
  if (assistants.length > 0) {
    add(STOP_HOOK_FILE, (before) => scriptFor(before, plan.notes));
    plan.notes.push('The hook runs the command handrail, which has to be on the PATH, or in node_modules, of whoever works here.');
  }
  for (const assistant of assistants) {
    if (assistant.name !== 'claude-code' && assistant.name !== 'gemini-cli') requireTop(root, assistant);
    add(assistant.settings, (before) => withHook(assistant, before));
    if (assistant.note !== undefined) plan.notes.push(assistant.note);
  }
  return plan;
}

/** Writes a plan. Fails with `conflict`, and writes nothing more, when a file is not any more as it was when the plan was made. */
export async function writeAgentFiles(folder: string, { changes }: AgentsPlan): Promise<void> {
  const { root } = workspaceFiles(folder);
  for (const { path, before, after } of changes) {
    if (readForEdit(root, path) !== before) {
      throw new HandrailError('conflict', `${path} changed in the meantime and was left alone.`, { hint: 'Look at it and try again.' });
    }
    const target = join(root, path);
    try {
      await mkdir(dirname(target), { recursive: true });
      if (before === undefined) await createFileAtomic(target, after);
      else await replaceFile(target, after);
    } catch (error) {
      throw writeFailure(path, (error as NodeJS.ErrnoException).code, error);
    }
  }
}

/** What agents have not been told yet, for those assistants whose files are in the repository. Never fails: it only asks whether to offer. */
export function untold(folder: string): { paragraph: boolean; assistants: Assistant[] } {
  const files = workspaceFiles(folder);
  const lacks = (request: AgentsRequest): boolean => {
    try {
      return planAgentFiles(folder, request).changes.length > 0;
    } catch {
      // What cannot be edited is not offered; asking for it by name tells why.
      return false;
    }
  };
  const inUse = ASSISTANTS.filter(({ signs }) => signs.some((path) => files.exists(path)));
  return {
    paragraph: lacks({ paragraph: true, stopHook: [] }),
    assistants: inUse.filter(({ name }) => lacks({ paragraph: false, stopHook: [name] })),
  };
}

/** An edited script is the team's own. */
function scriptFor(before: string | undefined, notes: string[]): string {
  const script = stopHookScript();
  if (before === undefined || (isOwnScript(before) && before.replaceAll('\r\n', '\n') !== script)) return script;
  if (!isOwnScript(before)) notes.push(`${STOP_HOOK_FILE} was edited, so it was left as it is.`);
  return before;
}

function assistantNamed(name: string): Assistant {
  const assistant = ASSISTANTS.find((known) => known.name === name);
  if (assistant !== undefined) return assistant;
  throw new HandrailError('usage', `There is no stop hook for "${name}".`, {
    hint: `There is one for ${ASSISTANTS.map((known) => known.name).join(', ')}.`,
  });
}

/** These assistants look for their settings, and for the script, at the top of the repository only. */
function requireTop(root: string, { title, settings }: Assistant): void {
  if (lstatSync(join(root, '.git'), { throwIfNoEntry: false }) !== undefined) return;
  throw new HandrailError('config', `${title} reads ${settings} at the top of a repository only, and this folder is not one.`, {
    hint: 'Run this in the top folder of the repository.',
  });
}

/** Other files that assistants read instead, unless they take AGENTS.md in. */
function unreadNotes(root: string): string[] {
  const files = workspaceFiles(root);
  const others = [
    { path: 'CLAUDE.md', title: 'Claude Code' },
    { path: 'GEMINI.md', title: 'Gemini CLI' },
  ];
  return others.flatMap(({ path, title }) => {
    if (!files.exists(path) || realpathSync.native(join(root, path)) === join(root, AGENTS_FILE)) return [];
    const text = readQuietly(() => files.readText(path));
    return text === undefined || /@(?:\.\/)?AGENTS\.md/.test(text) ? [] : [`${title} reads ${path}: add the line @${AGENTS_FILE} to it.`];
  });
}

function readQuietly(read: () => string | undefined): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** The text of a file that may be edited, byte order mark included; undefined when there is none. */
function readForEdit(root: string, path: string): string | undefined {
  refuseLinks(root, path);
  const target = join(root, path);
  const stat = lstatSync(target, { throwIfNoEntry: false, bigint: true });
  if (stat === undefined) return undefined;
  refuseSpecial(path, stat);
  const bytes = readBytes(target, path);
  const refuse = (what: string) =>
    new HandrailError('bad-response', `${path} is ${what}, so it was left alone.`, { hint: 'Save it as UTF-8 text.', location: { path } });
  if (bytes.includes(0)) throw refuse('a binary file');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refuse('not UTF-8 text');
  }
}

function readBytes(target: string, path: string): Uint8Array {
  try {
    return readFileSync(target);
  } catch (error) {
    throw writeFailure(path, (error as NodeJS.ErrnoException).code, error);
  }
}

const WRITABLE = 0o222n;

function refuseSpecial(path: string, stat: BigIntStats): void {
  const location = { path };
  if (stat.isSymbolicLink()) {
    throw new HandrailError('config', `${path} is a link, so it was left alone.`, { hint: `Replace ${path} by a file.`, location });
  }
  if (!stat.isFile()) throw new HandrailError('config', `${path} is not a file.`, { hint: `Move ${path} away.`, location });
  if (stat.size > BigInt(MAX_FILE_BYTES)) {
    throw new HandrailError('too-large', `${path} is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB.`, { hint: 'Shorten it.', location });
  }
  // Replacing a file asks for no permission of its own, so a file that is not to be written is told by its mode.
  if ((stat.mode & WRITABLE) === 0n) {
    throw new HandrailError('read-only', `${path} is read-only, so it was left alone.`, { hint: `Make ${path} writable.`, location });
  }
}

async function replaceFile(target: string, text: string): Promise<void> {
  const { mode } = lstatSync(target);
  await writeFileAtomic(target, text);
  await chmod(target, mode & 0o7777);
}
