import { existsSync } from 'node:fs';
import { HandrailError } from '../../core/errors.ts';
import type { GitCommand } from './gitCommand.ts';
import type { HeadStatus } from './headStatus.ts';

/** The branch that changes are counted against. */
export interface Base {
  /** Short name, without remote. */
  name: string;
  /** Where it may stand, locally and on remotes; may be empty for the branch one is on. */
  refs: { name: string; commit: string }[];
}

interface Ref {
  name: string;
  commit: string;
  /** Target of a symbolic ref, else empty. */
  target: string;
}

/** What the branch that work is merged into is called most often, in this order. */
export const USUAL_NAMES: readonly string[] = ['main', 'master', 'trunk', 'develop'];

/** What names the base cannot be told without, and how they are looked for. */
export interface BaseSearch {
  configuredBase(): Promise<string>;
  wanted: string | undefined;
  /** The clone holds only the newest commits, so that fetching a branch alone would not show where it parted. */
  shallow: boolean;
}

/**
 * Finds the base branch: the one asked for, else what a remote calls its default (`origin` first), else `git config handrail.base`,
 * (through `configuredBase`, empty when unset), else the usual names, else the only branch there is. Fails with `no-merge-base` and the command that mends it.
 */
export async function findBase(git: GitCommand, { configuredBase, wanted, shallow }: BaseSearch): Promise<Base> {
  const refs = await readRefs(git);
  if (wanted !== undefined) return await wantedBase(git, refs, wanted, shallow);
  const remoteDefault = defaultOfRemotes(refs);
  if (remoteDefault !== undefined) return named(refs, remoteDefault);
  const configured = await configuredBase();
  if (configured !== '') return await wantedBase(git, refs, configured, shallow);
  const usual = USUAL_NAMES.find((name) => named(refs, name).refs.length > 0);
  if (usual !== undefined) return named(refs, usual);
  return await onlyBranch(git, shallow);
}

async function readRefs(git: GitCommand): Promise<Ref[]> {
  const patterns = [
    ...USUAL_NAMES.map((name) => `refs/heads/${name}`),
    ...['HEAD', ...USUAL_NAMES].map((name) => `refs/remotes/*/${name}`),
  ];
  return parseRefs(await git(['for-each-ref', '--format=%(refname)%00%(objectname)%00%(symref)', ...patterns]));
}

function parseRefs(output: string): Ref[] {
  const refs: Ref[] = [];
  for (const line of output.split('\n')) {
    const [name, commit, target] = line.split('\0');
    if (name && commit) refs.push({ name, commit, target: target ?? '' });
  }
  return refs;
}

function defaultOfRemotes(refs: readonly Ref[]): string | undefined {
  const heads = refs.filter((ref) => /^refs\/remotes\/[^/]+\/HEAD$/.test(ref.name) && ref.target !== '');
  const head = heads.find((ref) => ref.name === 'refs/remotes/origin/HEAD') ?? heads[0];
  return head?.target.split('/').slice(3).join('/');
}

/** Where a branch of this name stands, among the refs that were read. */
function named(refs: readonly Ref[], name: string): Base {
  const isIt = (ref: Ref): boolean =>
    ref.name === `refs/heads/${name}` ||
    (ref.name.startsWith('refs/remotes/') && ref.target === '' && ref.name.split('/').slice(3).join('/') === name) ||
    (ref.name.endsWith('/HEAD') && ref.target.split('/').slice(3).join('/') === name);
  return { name, refs: refs.filter(isIt).map((ref) => ({ name: ref.name, commit: ref.commit })) };
}

async function wantedBase(git: GitCommand, refs: readonly Ref[], wanted: string, shallow: boolean): Promise<Base> {
  const usual = named(refs, wanted);
  if (usual.refs.length > 0) return usual;
  const patterns = [`refs/heads/${wanted}`, `refs/remotes/*/${wanted}`];
  const found = named(parseRefs(await git(['for-each-ref', '--format=%(refname)%00%(objectname)%00%(symref)', ...patterns])), wanted);
  if (found.refs.length > 0) return found;
  // A leading dash would be an option to git, and no ref starts with one.
  const commit = wanted.startsWith('-') ? '' : (await git(['rev-parse', '--verify', '--quiet', `${wanted}^{commit}`])).trim();
  if (commit !== '') return { name: wanted, refs: [{ name: wanted, commit }] };
  throw new HandrailError('no-merge-base', `The base ${wanted} is not known in this repository.`, {
    hint: `Fetch it: ${fetchOf(shallow)} '+refs/heads/${wanted}:refs/remotes/origin/${wanted}'`,
  });
}

async function onlyBranch(git: GitCommand, shallow: boolean): Promise<Base> {
  const all = parseRefs(await git(['for-each-ref', '--format=%(refname)%00%(objectname)%00%(symref)', 'refs/heads', 'refs/remotes']));
  const [first, ...others] = all;
  if (first === undefined) return { name: await initialBranch(git), refs: [] };
  if (others.length === 0 && first.name.startsWith('refs/heads/')) return { name: first.name.slice('refs/heads/'.length), refs: [] };
  if (all.some((ref) => ref.name.startsWith('refs/remotes/'))) {
    throw new HandrailError('no-merge-base', 'The base branch is not in this clone, so what changed cannot be told.', {
      hint: `Fetch it: ${fetchOf(shallow)} '+refs/heads/*:refs/remotes/origin/*' && git remote set-head origin --auto`,
    });
  }
  throw new HandrailError('no-merge-base', 'Which branch the work is merged into cannot be told from the names of the branches.', {
    hint: 'Name it: git config handrail.base BRANCH',
  });
}

const fetchOf = (shallow: boolean): string => `git fetch ${shallow ? '--unshallow ' : ''}origin`;

async function initialBranch(git: GitCommand): Promise<string> {
  return (await git(['symbolic-ref', '--quiet', '--short', 'HEAD'])).trim() || 'main';
}

/**
 * The commit that changes are counted from: the best common ancestor of the head and wherever the base stands, which is the
 * closest one where the local base and the remote's differ. On the base branch itself only the remote's counts.
 */
export async function mergeBaseOf(
  git: GitCommand,
  head: Pick<HeadStatus, 'commit' | 'branch'>,
  base: Base,
  shallowFile: string,
): Promise<string> {
  if (head.commit === null) throw new TypeError('Without commits there is no merge base.');
  const refs = base.refs.filter((ref) => head.branch === null || ref.name !== `refs/heads/${head.branch}`);
  const commits = [...new Set(refs.map((ref) => ref.commit))];
  if (commits.length === 0) return head.commit;
  const found = (await git(['merge-base', head.commit, ...commits])).trim();
  if (found !== '') return found;
  const isShallow = existsSync(shallowFile);
  throw new HandrailError(
    'no-merge-base',
    `This branch and ${base.name} have no common commit${isShallow ? ' in this shallow clone' : ''}, so what changed cannot be told.`,
    { hint: isShallow ? 'Fetch the history: git fetch --unshallow origin' : `Fetch the base: ${fetchOfBase(base.name)}` },
  );
}

/** A hint is pasted into a shell, and git accepts a branch called `a;rm`: such a base is fetched with all the others. */
function fetchOfBase(name: string): string {
  return /^[\w.@/][\w.@/-]*$/.test(name) ? `git fetch origin ${name}` : 'git fetch origin';
}
