import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Ignore } from 'ignore';
import type { CoverageEntry } from '../../core/ai/finding.ts';
import { skipByText, type ReviewUnit } from '../../core/ai/review/collect.ts';
import { diffHunks, wholeFileHunk } from '../../core/ai/review/hunks.ts';
import { INSTRUCTION_FOLDER, INSTRUCTION_PATHS, type InstructionFile } from '../../core/ai/review/instructions.ts';
import { splitLines } from '../../core/ai/review/lines.ts';
import type { ReviewRequest } from '../../core/ai/service.ts';
import { failureOf, HandrailError } from '../../core/errors.ts';
import type { CancelSignal } from '../../core/ports.ts';
import type { Change } from '../../core/workflow/changes.ts';
import { readStaged } from '../git/readChanges.ts';
import type { Repository } from '../git/repository.ts';
import { ignoredByGit, quietly, readIgnoreFile, skipReason, targetOf } from './leftOut.ts';
import { MAX_FILE_BYTES, type NodeWorkspaceFiles } from '../workspaceFiles.ts';

export interface Collected {
  units: ReviewUnit[];
  skipped: CoverageEntry[];
}

export interface CollectPorts {
  files: NodeWorkspaceFiles;
  /** Absent outside a repository: only whole files can be reviewed there. */
  repository: Repository | undefined;
  signal: CancelSignal;
}

/** Where records lie that a team commits; they are no part of what they are about. */
const EVIDENCE_FOLDER = '.handrail/evidence/';
/** Unchanged lines around a change that are sent along. */
export const CONTEXT_LINES = 8;

/** Reads what a request is about. Every file that is left out is among the skipped ones, with the reason. */
export async function collect(request: ReviewRequest, ports: CollectPorts): Promise<Collected> {
  const collected: Collected = { units: [], skipped: [] };
  const ownIgnore = readIgnoreFile(ports.files);
  if (request.scope === 'selection') await collectSelection(request, ports, ownIgnore, collected);
  else if (request.scope === 'file') await collectFiles(request, ports, ownIgnore, collected);
  else await collectChanges(request, ports, ownIgnore, collected);
  return collected;
}

/** The repository's own conventions, as far as they exist and can be read. */
export function readInstructions(files: NodeWorkspaceFiles): InstructionFile[] {
  const scoped = quietly(() => files.list(INSTRUCTION_FOLDER), []).filter((name) => name.endsWith('.instructions.md'));
  return [...INSTRUCTION_PATHS, ...scoped.map((name) => `${INSTRUCTION_FOLDER}/${name}`)].flatMap((path) => {
    const text = quietly(() => files.readText(path), undefined);
    return text === undefined ? [] : [{ path, text }];
  });
}

async function collectFiles(request: ReviewRequest, ports: CollectPorts, ownIgnore: Ignore, to: Collected): Promise<void> {
  if (request.paths.length === 0) {
    throw new HandrailError('usage', 'There is no file to review.', { hint: 'Name a file, or review the branch (--scope branch).' });
  }
  const paths = await expandFolders(request.paths.map(normalise), ports);
  const targets = new Map(paths.map((path) => [path, targetOf(ports.files.root, path)]));
  const ignored = await ignoredByGit([...new Set([...paths, ...targets.values()])], ports.repository);
  for (const path of paths) {
    throwIfCancelled(ports.signal);
    // A link must not open what is left out under its own name.
    const reason = skipReason(path, ignored, ownIgnore) ?? skipReason(targets.get(path) ?? path, ignored, ownIgnore);
    if (reason !== undefined) to.skipped.push({ file: path, status: 'skipped', reason });
    else addUnit(to, path, textOf(path, request, ports.files));
  }
}

/** The file of a selection, with its lines; a selection beyond the end of the file ends there. */
async function collectSelection(request: ReviewRequest, ports: CollectPorts, ownIgnore: Ignore, to: Collected): Promise<void> {
  const { lines, paths } = request;
  if (paths.length !== 1 || lines === undefined || lines.start < 1 || lines.end < lines.start) {
    throw new HandrailError('usage', 'There is no selection to review.', { hint: 'Name one file and its lines.' });
  }
  await collectFiles(request, ports, ownIgnore, to);
  to.units = to.units.map((unit) => {
    const last = Math.max(1, splitLines(unit.text).length);
    return { ...unit, selection: { start: Math.min(lines.start, last), end: Math.min(lines.end, last) } };
  });
}

async function collectChanges(request: ReviewRequest, ports: CollectPorts, ownIgnore: Ignore, to: Collected): Promise<void> {
  const { repository } = ports;
  if (!repository) {
    throw new HandrailError('no-git', 'Changes can only be told in a git repository.', {
      hint: 'Review a file instead, or run `git init`.',
    });
  }
  const changed = await changedFiles(request, repository);
  const wanted = request.paths.map(normalise);
  const entries = changed.filter((entry) => wanted.length === 0 || wanted.some((path) => isIn(entry.path, path)));
  for (const path of wanted) {
    if (!entries.some((entry) => isIn(entry.path, path))) to.skipped.push({ file: path, status: 'skipped', reason: 'not changed' });
  }
  for (const entry of entries) {
    throwIfCancelled(ports.signal);
    const reason = skipChange(entry) ?? skipReason(entry.path, new Set(), ownIgnore);
    if (reason !== undefined) to.skipped.push({ file: entry.path, status: 'skipped', reason });
    else await addChange(to, entry, request, ports, repository);
  }
}

async function changedFiles(request: ReviewRequest, repository: Repository): Promise<readonly Change[]> {
  if (request.scope === 'staged') {
    if (request.asEvidence === true) await requireAllStaged(repository);
    return await readStaged(repository.git);
  }
  const base = request.scope === 'working' ? await headName(repository) : request.base;
  return (await repository.state({ base })).changes.entries;
}

async function requireAllStaged({ git }: Repository): Promise<void> {
  const outputs = [await git(['diff', '--name-only', '-z', '--relative']), await git(['ls-files', '--others', '--exclude-standard', '-z'])];
  const paths = outputs.flatMap((output) => output.split('\0')).filter((path) => path !== '' && !path.startsWith(EVIDENCE_FOLDER));
  const [first, ...others] = [...new Set(paths)];
  if (first === undefined) return;
  const what = others.length === 0 ? first : `${first} and ${others.length} more`;
  throw new HandrailError('conflict', `Not everything is staged: ${what}. Evidence is about files as they are.`, {
    hint: 'Stage the rest, or put it away (git stash --keep-index --include-untracked), then run the step again.',
  });
}

async function addChange(to: Collected, entry: Change, request: ReviewRequest, ports: CollectPorts, repository: Repository): Promise<void> {
  const text = request.scope === 'staged' ? await stagedText(entry, repository) : textOf(entry.path, request, ports.files);
  if (typeof text !== 'string' || skipByText(text) !== undefined) return addUnit(to, entry.path, text);
  if (entry.oldBlob === null) return addUnit(to, entry.path, text, () => wholeFileHunk(text));
  const old = await repository.git(['cat-file', 'blob', entry.oldBlob]);
  addUnit(to, entry.path, text, () => diffHunks(old, text, CONTEXT_LINES));
}

/** Adds what can be reviewed; `text` is a reason instead where the file could not be read. */
function addUnit(to: Collected, path: string, text: string | { reason: string }, hunksOf?: () => ReviewUnit['hunks']): void {
  const reason = typeof text === 'string' ? skipByText(text) : text.reason;
  if (reason !== undefined) to.skipped.push({ file: path, status: 'skipped', reason });
  else if (typeof text === 'string') {
    const hunks = hunksOf?.();
    to.units.push({ path, text, ...(hunks ? { hunks } : {}) });
  }
}

/** The text that would be committed, which may differ from the file's. */
async function stagedText({ newBlob }: Change, { git }: Repository): Promise<string | { reason: string }> {
  if (newBlob === null) return { reason: 'deleted' };
  if (Number(await git(['cat-file', '-s', newBlob])) > MAX_FILE_BYTES) return { reason: 'too large to be read' };
  return await git(['cat-file', 'blob', newBlob]);
}

/** The unsaved text of an open document, else the file's. Fails with `not-found` for a file that is asked for and not there. */
function textOf(path: string, request: ReviewRequest, files: NodeWorkspaceFiles): string | { reason: string } {
  const buffer = request.buffers && Object.hasOwn(request.buffers, path) ? request.buffers[path] : undefined;
  if (buffer !== undefined) return buffer;
  let text: string | undefined;
  try {
    text = files.readText(path);
  } catch (error) {
    const failure = failureOf(error);
    if (failure?.reason === 'too-large') return { reason: 'too large to be read' };
    if (failure?.reason === 'bad-response') return { reason: /UTF-8/.test(failure.message) ? 'not UTF-8 text' : 'binary' };
    if (failure && !isWholeFile(request)) return { reason: failure.message.replace(/\.$/u, '') };
    throw error;
  }
  if (text !== undefined) return text;
  // Git gives names byte for byte; what is not UTF-8 in them is lost on the way here.
  if (!isWholeFile(request)) return { reason: path.includes('\ufffd') ? 'its name is not UTF-8' : 'no longer there' };
  throw new HandrailError('not-found', `There is no file ${path}.`, { hint: 'Check the path; it counts from the workspace folder.' });
}

/** A file that somebody named, which has to be there. */
function isWholeFile({ scope }: ReviewRequest): boolean {
  return scope === 'file' || scope === 'selection';
}

function skipChange(entry: Change): string | undefined {
  if (entry.status === 'deleted') return 'deleted';
  if (entry.newMode === '160000') return 'a submodule';
  if (entry.newMode === '120000') return 'a symbolic link';
  return undefined;
}

/** Folders stand for the files in them that git knows or does not ignore. */
async function expandFolders(paths: readonly string[], { files, repository }: CollectPorts): Promise<string[]> {
  const result: string[] = [];
  for (const path of paths) {
    if (!isFolder(join(files.root, path))) result.push(path);
    else if (!repository) throw new HandrailError('usage', `${path} is a folder.`, { hint: 'Name its files.' });
    else {
      const output = await repository.git(['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', path]);
      result.push(...output.split('\0').filter((name) => name !== '' && files.exists(name)));
    }
  }
  return [...new Set(result)];
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** `HEAD`, or nothing in a repository without commits, where everything is new anyway. */
async function headName(repository: Repository): Promise<string | undefined> {
  return (await repository.head()).commit === null ? undefined : 'HEAD';
}

function isIn(file: string, path: string): boolean {
  return path === '.' || path === '' || file === path || file.startsWith(path.endsWith('/') ? path : `${path}/`);
}

function normalise(path: string): string {
  return path.replaceAll('\\', '/').replace(/^(?:\.\/)+/u, '');
}

function throwIfCancelled(signal: CancelSignal): void {
  if (signal.aborted) throw new HandrailError('cancelled', 'The review was cancelled.');
}
