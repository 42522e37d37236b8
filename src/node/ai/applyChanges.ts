import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile, rm, rmdir } from 'node:fs/promises';
import { lstatSync, statSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import type { ProposedChange } from '../../core/ai/generate/generation.ts';
import type { RefusedChange } from '../../core/ai/service.ts';
import type { TargetFacts } from '../../core/ai/generate/propose.ts';
import { refusedName, refusedTarget } from '../../core/ai/generate/targets.ts';
import { failureOf, HandrailError } from '../../core/errors.ts';
import { renameWithRetries, TEMPORARY_PREFIX, writeFileAtomic } from '../atomicFile.ts';
import type { NodeWorkspaceFiles } from '../workspaceFiles.ts';
import { realTarget } from './targetFacts.ts';

interface Planned {
  change: ProposedChange;
  /** Absolute, links followed. */
  target: string;
  temporary: string;
  /** Bytes before; absent for a new file. */
  old: Uint8Array | undefined;
  mode: number | undefined;
}

/**
 * Writes accepted changes, all or none: everything is checked and written beside its place first, then renamed; a rename that fails
 * puts back what was renamed before it. Fails with `conflict` for a file that is no longer what the change was made for, with
 * `read-only` or `config` for one that may not be written, with `io`.
 */
export async function applyChanges(changes: readonly ProposedChange[], files: NodeWorkspaceFiles, facts: TargetFacts): Promise<void> {
  const planned: Planned[] = [];
  for (const change of changes) {
    const next = await planOrExplain(change, files, facts);
    for (const other of planned) requireApart(other, next);
    planned.push(next);
  }
  const made: string[] = [];
  try {
    for (const one of planned) await writeTemporary(one, made);
    // Writing takes a moment, in which an editor may have saved.
    for (const { change } of planned) requireUnchanged(change, files);
    await renameAll(planned);
  } catch (error) {
    await Promise.all(planned.map(({ temporary }) => rm(temporary, { force: true }).catch(() => undefined)));
    // Innermost first.
    for (const folder of made.toSorted((a, b) => b.length - a.length)) await rmdir(folder).catch(() => undefined);
    throw failureOf(error) ?? cannotWrite(error);
  }
}

async function planOrExplain(change: ProposedChange, files: NodeWorkspaceFiles, facts: TargetFacts): Promise<Planned> {
  try {
    return await plan(change, files, facts);
  } catch (error) {
    throw failureOf(error) ?? cannotWrite(error);
  }
}

/** Why a change may not be written as things are now; undefined when it may. */
export async function refusedChange({ file, kind }: ProposedChange, facts: TargetFacts): Promise<RefusedChange | undefined> {
  // What is sensitive was decided when it was proposed; a person has accepted it since.
  const name = kind === 'create' ? refusedName(file) : undefined;
  const because = name ?? refusedTarget(file, true) ?? (await facts.refused(file, true));
  return because === undefined ? undefined : { file, because, isReadOnly: /read-only/u.test(because) };
}

async function plan(change: ProposedChange, files: NodeWorkspaceFiles, facts: TargetFacts): Promise<Planned> {
  const refused = await refusedChange(change, facts);
  if (refused !== undefined) {
    const { because, isReadOnly } = refused;
    throw new HandrailError(isReadOnly ? 'read-only' : 'config', `Nothing was written, because of ${change.file}. ${because}`, {
      hint: isReadOnly ? 'Make it writable, then accept again.' : 'Leave this file out, then accept again.',
      location: { path: change.file },
    });
  }
  requireUnchanged(change, files);
  const target = join(files.root, realTarget(files, change.file) ?? change.file);
  const temporary = join(
    dirname(target),
    `${TEMPORARY_PREFIX}${basename(target).slice(0, 40)}-${process.pid}-${randomBytes(6).toString('hex')}`,
  );
  if (change.kind === 'create') return { change, target, temporary, old: undefined, mode: undefined };
  return { change, target, temporary, old: await readFile(target), mode: statSync(target).mode & 0o7777 };
}

/** Two changes may lead to one file through a link, where the second would undo the first; and a file cannot be a folder as well. */
function requireApart(one: Planned, other: Planned): void {
  const [outer, inner] = one.target.length <= other.target.length ? [one, other] : [other, one];
  if (outer.target !== inner.target && !inner.target.startsWith(outer.target + sep)) return;
  const what =
    outer.target === inner.target
      ? `${one.change.file} and ${other.change.file} are the same file`
      : `${outer.change.file} cannot be a file and the folder of ${inner.change.file}`;
  throw new HandrailError('conflict', `${what}, so nothing was written.`, {
    hint: 'Accept one of the two.',
    location: { path: other.change.file },
  });
}

function requireUnchanged({ file, kind, before }: ProposedChange, files: NodeWorkspaceFiles): void {
  const changed = (what: string): HandrailError =>
    new HandrailError('conflict', `${file} ${what}, so nothing was written.`, {
      hint: 'Generate again from what it holds now.',
      location: { path: file },
    });
  if (kind === 'create') {
    if (lstatSync(join(files.root, file), { throwIfNoEntry: false })) throw changed('is there by now');
    return;
  }
  const now = files.readText(file);
  if (now === undefined) throw changed('is no longer there');
  if (now !== before) throw changed('was changed meanwhile');
}

async function writeTemporary({ change, target, temporary, mode }: Planned, made: string[]): Promise<void> {
  const first = await mkdir(dirname(target), { recursive: true });
  if (first !== undefined) for (let folder = dirname(target); folder.startsWith(first); folder = dirname(folder)) made.push(folder);
  const file = await open(temporary, 'wx');
  try {
    await file.writeFile(change.bom ? `\ufeff${change.after}` : change.after);
    await file.sync();
  } finally {
    await file.close();
  }
  // A script stays executable.
  if (mode !== undefined) await chmod(temporary, mode);
}

async function renameAll(planned: readonly Planned[]): Promise<void> {
  const done: Planned[] = [];
  try {
    for (const one of planned) {
      await renameWithRetries(one.temporary, one.target);
      done.push(one);
    }
  } catch (error) {
    for (const { target, old, mode } of done.reverse()) {
      if (old === undefined) await rm(target, { force: true });
      else await writeFileAtomic(target, old);
      if (mode !== undefined) await chmod(target, mode);
    }
    throw error;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EACCES: 'access is denied',
  EPERM: 'access is denied',
  EROFS: 'access is denied',
  EISDIR: 'a folder stands where a file has to be',
  ENOTDIR: 'a file stands where a folder has to be',
  ENAMETOOLONG: 'a name is too long',
};

function cannotWrite(error: unknown): HandrailError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = REASONS[code] ?? (code || String(error));
  return new HandrailError(why === REASONS['EACCES'] ? 'read-only' : 'io', `Nothing was written: ${why}.`, {
    hint: 'Check the folder and its permissions, then accept again.',
    cause: error,
  });
}
