import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureOf, HandrailError } from '../../core/errors.ts';
import type { CancelSignal } from '../../core/ports.ts';
import { isCommit } from '../../core/workflow/shared/source.ts';
import { type FetchLimits, type GuardedGit, guardedGit } from './guardedGit.ts';

/** One version of a repository elsewhere, of which single files are read. Nothing of it is checked out. Ends with {@link close}. */
export interface RemoteRepository {
  /** What the version stands for. */
  readonly commit: string;
  /** Text of a file. Fails with `not-found`, with `config` for what is no plain file, with `bad-response` for what is no UTF-8 text. */
  read(path: string): Promise<string>;
  close(): Promise<void>;
}

export interface RemoteOptions {
  /** https or ssh, as `parseSource` gives it. */
  url: string;
  /** Tag, branch or whole commit. */
  version: string;
  /** The commit that is wanted, whatever the version stands for by now. */
  commit?: string | undefined;
  /** Workspace folder; no program in it is run. */
  root: string;
  env: Readonly<Record<string, string | undefined>>;
  signal: CancelSignal;
  limits?: FetchLimits | undefined;
}

/** Asks the server for a version, and fetches what leads to its files: history and contents stay there until a file is read. */
export async function openRemote(options: RemoteOptions): Promise<RemoteRepository> {
  const folder = await mkdtemp(join(tmpdir(), 'handrail-fetch-'));
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    const git = guardedGit({ folder, ...options });
    // No template: it may hold hooks.
    await git(['init', '--quiet', '--bare', '--template=', '--initial-branch=main', folder]);
    await git(['config', 'remote.origin.url', options.url]);
    const commit = options.commit === undefined ? await fetchVersion(git, options) : await fetchLocked(git, options, options.commit);
    return { commit, read: (path) => readFile(git, commit, path), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function fetchVersion(git: GuardedGit, { url, version }: RemoteOptions): Promise<string> {
  const { commit, ref } = await resolve(git, url, version);
  await fetchCommit(git, commit, ref);
  return commit;
}

/** The locked commit, also when the version moved on, as long as the server gives it out. */
async function fetchLocked(git: GuardedGit, { url, version }: RemoteOptions, commit: string): Promise<string> {
  try {
    await fetchCommit(git, commit, undefined);
    return commit;
  } catch (error) {
    if (failureOf(error)?.reason === 'cancelled') throw error;
    const now = await resolve(git, url, version);
    if (now.commit === commit) {
      await fetchCommit(git, commit, now.ref);
      return commit;
    }
    throw new HandrailError(
      'conflict',
      `${version} of ${url} is ${short(now.commit)} by now, and ${short(commit)} cannot be had any more.`,
      {
        hint: 'Look at what changed there, then lock what is there now: handrail validate --update-lock',
        cause: error,
      },
    );
  }
}

/** A tag goes before a branch of the same name, as in git itself. */
async function resolve(git: GuardedGit, url: string, version: string): Promise<{ commit: string; ref: string | undefined }> {
  if (isCommit(version)) return { commit: version, ref: undefined };
  const names = [`refs/tags/${version}`, `refs/heads/${version}`];
  const output = (
    await git(['ls-remote', '--quiet', 'origin', `refs/tags/${version}`, `refs/tags/${version}^{}`, `refs/heads/${version}`])
  ).toString();
  const refs = new Map(
    output.split('\n').flatMap((line) => {
      const [commit, ref] = line.split('\t');
      return commit && ref && isCommit(commit) ? [[ref, commit] as const] : [];
    }),
  );
  for (const ref of names) {
    // What an annotated tag points at is listed beside it.
    const commit = refs.get(`${ref}^{}`) ?? refs.get(ref);
    if (commit !== undefined) return { commit, ref };
  }
  throw new HandrailError('not-found', `${url} has no tag and no branch ${version}.`, { hint: 'Check the version behind the @.' });
}

/** By its name where the server gives commits out, else by the ref that stands on it. */
async function fetchCommit(git: GuardedGit, commit: string, ref: string | undefined): Promise<void> {
  const fetch = ['fetch', '--quiet', '--depth=1', '--no-tags', '--filter=blob:none', '--no-recurse-submodules', 'origin'];
  try {
    await git([...fetch, commit]);
  } catch (error) {
    if (ref === undefined || failureOf(error)?.reason !== 'unreachable') throw error;
    await git([...fetch, ref]);
    // It moved between the question and the answer.
    await git(['cat-file', '-e', `${commit}^{commit}`]);
  }
}

async function readFile(git: GuardedGit, commit: string, path: string): Promise<string> {
  const listed = (await git(['ls-tree', '-z', '--full-tree', commit, '--', path])).toString();
  const [, mode, oid] = /^(\d+) \w+ ([0-9a-f]+)\t/.exec(listed) ?? [];
  if (mode === undefined || oid === undefined || !listed.endsWith(`\t${path}\0`)) {
    throw new HandrailError('not-found', `There is no file ${path} in that version.`, { hint: 'Check the path before the @.' });
  }
  if (!/^100(?:644|755)$/.test(mode)) {
    throw new HandrailError('config', `${path} is no plain file there but a link, a folder or a submodule.`, {
      hint: 'Name the file that is meant.',
    });
  }
  const content = await git(['cat-file', 'blob', oid]);
  try {
    // The mark is part of the content that the lock names.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw new HandrailError('bad-response', `${path} is not UTF-8 text.`, { hint: 'Name a workflow file.' });
  }
}

function short(commit: string): string {
  return commit.slice(0, 12);
}
