import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HandrailError } from '../../../core/errors.ts';
import { gitIn } from '../../git/gitCommand.ts';
import { type GitUse, guardedGit, type GuardedGit, type GuardedGitOptions } from '../../git/guardedGit.ts';
import { isOfRepository } from '../../programs.ts';
import { envelopeText, type Transport, type TransportOptions } from './transport.ts';

/**
 * A git server that the team has anyway. Each envelope is a blob under a ref of its own, `refs/handrail/<week>/<name>`: without a commit
 * there is no author, pushes never conflict, and a clone does not fetch them. Pushed from a folder that holds nothing else.
 */
export async function gitTransport(remote: string, options: TransportOptions): Promise<Transport> {
  const url = await addressOf(remote, options.root);
  return {
    kind: 'git',
    target: withoutSignIn(url),
    deliver: (envelope, name) =>
      withGit(options, async (git, folder) => {
        const file = join(folder, 'envelope.json');
        await inTemporary(writeFile(file, envelopeText(envelope)));
        const oid = (await git(['hash-object', '-w', '--no-filters', file])).toString().trim();
        const ref = refOf(envelope.week, name);
        try {
          await git([...PUSH, url, `${oid}:${ref}`]);
        } catch (error) {
          // Another window pushed the same at the same time, and the server takes one of them.
          if (!(await isThere(git, url, ref, oid))) throw error;
        }
      }),
    async withdraw(week, name) {
      const ref = refOf(week, name);
      await withGit(options, async (git) => {
        // One that never arrived, or that somebody else removed, is gone as well.
        const found = await git(['ls-remote', '--quiet', '--', url, ref]);
        if (found.length > 0) await git([...PUSH, url, `:${ref}`]);
      });
      return true;
    },
  };
}

const PUSHING: GitUse = { protocols: 'https:ssh:file', could: 'push', tooLarge: 'Delete what is in the way on the server.' };

/** Without a signature, or more than is named. Hooks are switched off for all of {@link guardedGit}. */
const PUSH = [
  '-c',
  'push.gpgSign=false',
  '-c',
  'push.followTags=false',
  '-c',
  'push.recurseSubmodules=no',
  'push',
  '--quiet',
  '--no-follow-tags',
  '--',
];

async function isThere(git: GuardedGit, url: string, ref: string, oid: string): Promise<boolean> {
  try {
    return (await git(['ls-remote', '--quiet', '--', url, ref])).toString().startsWith(`${oid}\t`);
  } catch {
    return false;
  }
}

function refOf(week: string, name: string): string {
  return `refs/handrail/${week}/${name}`;
}

/** Runs `work` with a git folder of its own, which is gone afterwards. */
export async function withGit<T>(
  options: TransportOptions,
  work: (git: GuardedGit, folder: string) => Promise<T>,
  { limits, ...use }: Partial<Pick<GitUse, 'could' | 'tooLarge'>> & Pick<GuardedGitOptions, 'limits'> = {},
): Promise<T> {
  const folder = await inTemporary(mkdtemp(join(tmpdir(), 'handrail-team-')));
  try {
    // A remote may be a folder of this machine; whoever set it up in the person's own configuration could make them push there anyway.
    const git = guardedGit({ folder, ...options, limits, use: { ...PUSHING, ...use } });
    await git(['init', '--quiet', '--bare', '--template=', '--initial-branch=main', folder]);
    return await work(git, folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function inTemporary<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new HandrailError('read-only', `Nothing can be written into the folder for temporary files, ${tmpdir()}.`, {
      hint: 'Make it writable and the disk less full; the contribution waits on this machine.',
      cause: error,
    });
  }
}

/** The address behind a remote's name, or the address itself. Fails with `not-found` where there is none, with `config` for a folder that came with the repository. */
export async function addressOf(remote: string, root: string): Promise<string> {
  return remote.includes('://') ? remote : await urlOf(remote, root);
}

/** Where a remote's pushes go, as the person configured it. */
async function urlOf(remote: string, root: string): Promise<string> {
  let url: string;
  try {
    url = (await gitIn(root)(['remote', 'get-url', '--push', '--', remote])).trim();
  } catch (error) {
    throw new HandrailError('not-found', `This repository has no remote ${remote}.`, {
      hint: `Add it with git remote add ${remote}, or correct transport in .handrail/telemetry.yml.`,
      cause: error,
    });
  }
  const path = pathOf(url, { root, remote });
  if (path === undefined) return url;
  // A repository inside of the folder came with it, and its hooks would run.
  if (isOfRepository(path, root)) {
    throw new HandrailError('config', `The remote ${remote} lies in the folder itself.`, { hint: 'Name a remote elsewhere.' });
  }
  return path;
}

/** The folder of a remote on this machine; relative ones are so to where git was asked. */
function pathOf(url: string, { root, remote }: { root: string; remote: string }): string | undefined {
  if (/^file:\/\//i.test(url)) return pathOfFile(url, remote);
  return isAbsolute(url) || /^\.{1,2}[/\\]/.test(url) ? resolve(root, url) : undefined;
}

function pathOfFile(url: string, remote: string): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new HandrailError('config', `The address of the remote ${remote} is no folder of this machine.`, {
      hint: `Give its path instead: git remote set-url ${remote} PATH`,
      cause: error,
    });
  }
}

/** For people, and for what is kept: a password may stand in an address. */
function withoutSignIn(url: string): string {
  return url.replace(/^([a-z+]+:\/\/)[^/]*@/i, '$1');
}
