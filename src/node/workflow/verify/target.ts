import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HandrailError } from '../../../core/errors.ts';
import { repositoryName } from '../../../core/workflow/verify/approvalMessage.ts';
import { findBase, mergeBaseOf } from '../../git/base.ts';
import { gitObjects, type GitObjects } from '../../git/objects.ts';
import { askPlaces } from '../../git/repository.ts';
import { listTree } from '../../git/trees.ts';
import { type HostEvent, readHostEvent } from './hostEvent.ts';

export interface TargetOptions {
  /** Folder to look for the workspace folder from, upwards. */
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Branch, commit or ref that the change is to be merged into. */
  base?: string | undefined;
  /** What is verified, instead of what is checked out. */
  head?: string | undefined;
  branch?: string | undefined;
  /** Where the repository is, for signatures and the host. */
  repository?: string | undefined;
}

/** What is verified, against what. */
export interface Target {
  git: GitObjects;
  /** Workspace folder, which need not be there. */
  root: string;
  topLevel: string;
  /** Git's folder of this worktree. */
  gitDir: string;
  /** Way from the top to the workspace folder, with `/` at its end; empty at the top. */
  prefix: string;
  head: string;
  /** Whether the head is what is checked out. */
  isCheckedOut: boolean;
  branch: string | null;
  baseName: string;
  /** Said where the person's own branch of that name has commits that the base has not, and is not looked at. */
  baseNotice: string | undefined;
  /** Tip of the base: where policy is read. */
  baseTip: string;
  /** Where the branch parted from the base: what changes are counted from. */
  mergeBase: string;
  repository: string | undefined;
  event: HostEvent;
}

/**
 * Finds out what is to be verified. Names are looked up as branches first, remote ones before local ones, and never as tags, because a
 * tag called like the base branch, or a branch called like a commit, could be anything. Fails with `no-merge-base` where the clone does not
 * hold the history, with the command that fetches it.
 */
export async function findTarget(options: TargetOptions): Promise<Target> {
  const { cwd, env } = options;
  const here = gitObjects(cwd);
  const [topLevel, commonDir, gitDir, started] = await askPlaces(here.command);
  const git = gitObjects(topLevel);
  const event = readHostEvent(env);
  const [checkedOut = '', ownRef = ''] = (
    await git.command(['rev-parse', 'HEAD^{commit}', '--symbolic-full-name', 'HEAD']).catch(() => '')
  ).split('\n');
  if (checkedOut === '' && options.head === undefined)
    throw new HandrailError('usage', 'There is no commit to verify yet.', { hint: 'Commit first.' });
  const ownBranch = /^refs\/heads\/(.+)$/.exec(ownRef)?.[1] ?? null;
  const [head, base, repository] = await Promise.all([
    headOf(git, { wanted: options.head, event, checkedOut }),
    baseOf(git, { wanted: options.base, event, commonDir, env }),
    repositoryOf(git, options.repository, event),
  ]);
  const shallow = shallowCommits(commonDir);
  const refs = base.refs.map((commit) => ({ name: commit, commit }));
  const at = { commit: head.commit, branch: null };
  const mergeBase = await mergeBaseOf(git.command, at, { name: base.name, refs }, join(commonDir, 'shallow'));
  await refuseCutHistory(git, mergeBase, head.commit, shallow);
  const prefix = (await workspaceFolder(git, base.tip, started)) ?? (await workspaceFolder(git, head.commit, started)) ?? '';
  return {
    git,
    root: join(topLevel, prefix),
    topLevel,
    gitDir,
    prefix,
    head: head.commit,
    isCheckedOut: head.commit === checkedOut,
    branch: options.branch ?? event.branch ?? head.branch ?? (head.commit === checkedOut ? ownBranch : null),
    baseName: base.name,
    baseNotice: env['CI'] === 'true' ? undefined : await ownBaseNotice(git, base),
    baseTip: base.tip,
    mergeBase,
    repository,
    event,
  };
}

/**
 * The nearest folder upwards that holds `.handrail` in a commit. The base says first which one is meant: a branch could take its own
 * away, or put another one nearer.
 */
async function workspaceFolder(git: GitObjects, commit: string, started: string): Promise<string | undefined> {
  const names = started.split('/').filter((name) => name !== '');
  const folders = [...names.keys(), names.length].map((count) =>
    names
      .slice(0, count)
      .map((name) => `${name}/`)
      .join(''),
  );
  const entries = await listTree(
    git,
    commit,
    folders.map((folder) => `${folder}.handrail`),
  );
  return folders.findLast((folder) => entries.some(({ path }) => path === `${folder}.handrail` || path.startsWith(`${folder}.handrail/`)));
}

/** A pull request on GitHub is checked out as the merge of its head into the base; what people did is its head. */
async function headOf(
  git: GitObjects,
  { wanted, event, checkedOut }: { wanted: string | undefined; event: HostEvent; checkedOut: string },
): Promise<{ commit: string; branch?: string }> {
  if (wanted !== undefined) {
    const found = await lookUp(git, wanted);
    if (found !== undefined) return found;
    throw new HandrailError('usage', `The commit ${wanted} is not in this clone.`, {
      hint: `Fetch it: git fetch origin ${quoted(wanted)}`,
    });
  }
  const proposed = event.headCommit;
  if (proposed === undefined || proposed === checkedOut) return { commit: checkedOut };
  const parents = (await git.command(['rev-list', '--parents', '-1', checkedOut])).trim().split(' ').slice(1);
  return { commit: parents.includes(proposed) ? proposed : checkedOut };
}

interface FoundBase {
  name: string;
  tip: string;
  /** Commits that count as the base for telling where the branch parted from it. */
  refs: string[];
}

async function baseOf(
  git: GitObjects,
  search: { wanted: string | undefined; event: HostEvent; commonDir: string; env: TargetOptions['env'] },
): Promise<FoundBase> {
  const { wanted, event, commonDir } = search;
  const shallow = shallowCommits(commonDir).size > 0;
  const asked = wanted ?? event.baseCommit ?? event.baseName;
  if (asked === undefined) return await usualBase(git, shallow, search.env);
  const found = await lookUp(git, asked);
  if (found === undefined) {
    const what = /^[0-9a-f]{40,64}$/.test(asked) ? quoted(asked) : `'+refs/heads/${asked}:refs/remotes/origin/${asked}'`;
    throw new HandrailError('no-merge-base', `The base ${asked} is not in this clone.`, {
      hint: `Fetch it: git fetch ${shallow ? '--unshallow ' : ''}origin ${what}`,
    });
  }
  const name = found.branch ?? event.baseName ?? (await usualBase(git, shallow, search.env).catch(() => undefined))?.name;
  return { name: name ?? asked.slice(0, 100), tip: found.commit, refs: [found.commit] };
}

/** The base that `status` finds. Policy comes from where it is protected, so from the remote's branch where there is one. */
async function usualBase(git: GitObjects, shallow: boolean, env: TargetOptions['env']): Promise<FoundBase> {
  const configuredBase = async (): Promise<string> =>
    (await git.command(['config', '--local', '--default', '', '--get', 'handrail.base'])).trim();
  const base = await findBase(git.command, { configuredBase, wanted: undefined, shallow });
  const remote = base.refs.filter(({ name }) => name.startsWith('refs/remotes/'));
  const [first] = [...remote.filter(({ name }) => name.startsWith('refs/remotes/origin/')), ...remote, ...base.refs];
  if (first === undefined) {
    throw new HandrailError('no-merge-base', 'There is no base branch to read the policy from.', {
      hint: 'Name it: handrail verify --base BRANCH',
    });
  }
  const counted = env['CI'] === 'true' && remote.length > 0 ? remote : base.refs;
  return { name: base.name, tip: first.commit, refs: [...new Set(counted.map(({ commit }) => commit))] };
}

async function ownBaseNotice(git: GitObjects, { name, tip }: FoundBase): Promise<string | undefined> {
  const ahead = await git.command(['rev-list', '--count', `${tip}..refs/heads/${name}`]).catch(() => '0');
  if (Number(ahead) === 0) return undefined;
  return `The policy is that of ${name} on the remote. Your own branch ${name} has commits that are not there yet, and they are not looked at.`;
}

/** A commit by its full object name, a branch, or a full ref. */
async function lookUp(git: GitObjects, wanted: string): Promise<{ commit: string; branch?: string } | undefined> {
  const commitOf = async (name: string): Promise<string> =>
    (await git.command(['rev-parse', '--verify', '--quiet', `${name}^{commit}`])).trim();
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(wanted)) {
    const [object] = await git.contents([wanted]);
    return object?.type === 'commit' ? { commit: wanted } : undefined;
  }
  // What is no name of a ref (git-check-ref-format(1)) may still be `HEAD~2`.
  const isRef = !/[\s~^:?*[\\]|\.\.|@\{/.test(wanted) && !wanted.startsWith('-');
  const places = isRef
    ? [
        // A branch of the remote may be called like the full name of another one.
        ...(wanted.startsWith('refs/') ? [wanted] : []),
        `refs/remotes/origin/${wanted}`,
        `refs/remotes/${wanted}`,
        `refs/heads/${wanted}`,
      ]
    : [];
  for (const place of places) {
    const commit = await commitOf(place).catch(() => '');
    if (commit === '') continue;
    const branch = /^refs\/(?:heads|remotes\/[^/]+)\/(.+)$/.exec(place)?.[1];
    return { commit, ...(branch === undefined ? {} : { branch }) };
  }
  const commit = wanted.startsWith('-') ? '' : await commitOf(wanted).catch(() => '');
  return commit === '' ? undefined : { commit };
}

function shallowCommits(commonDir: string): Set<string> {
  try {
    return new Set(
      readFileSync(join(commonDir, 'shallow'), 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
    );
  } catch {
    // Only a shallow clone has the file.
    return new Set();
  }
}

/** Where history was cut between the two, who wrote the change, and what it is counted from, cannot be told. */
async function refuseCutHistory(git: GitObjects, from: string, to: string, shallow: ReadonlySet<string>): Promise<void> {
  if (shallow.size === 0) return;
  const commits = (await git.command(['rev-list', `${from}..${to}`])).split('\n');
  if (!commits.some((commit) => shallow.has(commit))) return;
  throw new HandrailError('no-merge-base', 'This shallow clone lacks a part of the branch, so what changed cannot be told.', {
    hint: 'Fetch the history: git fetch --unshallow origin',
  });
}

async function repositoryOf(git: GitObjects, wanted: string | undefined, event: HostEvent): Promise<string | undefined> {
  if (wanted !== undefined) {
    const name = repositoryName(/^[\w.-]+\/[\w.-]+$/.test(wanted) ? `github.com/${wanted}` : wanted);
    if (name !== undefined) return name;
    throw new HandrailError('usage', `${wanted} is no address of a repository.`, { hint: 'Write it like github.com/acme/shop.' });
  }
  const told = event.repository === undefined ? undefined : repositoryName(event.repository);
  if (told !== undefined) return told;
  const urls = await git.command(['config', '--local', '--get-regexp', '^remote\\.(upstream|origin)\\.url$']);
  const urlOf = (remote: string): string => new RegExp(`^remote\\.${remote}\\.url (.*)$`, 'm').exec(urls)?.[1] ?? '';
  // Who works in a fork approves for the repository that it was forked from.
  return repositoryName(urlOf('upstream')) ?? repositoryName(urlOf('origin'));
}

function quoted(name: string): string {
  return /^[\w.@/-]+$/.test(name) ? name : "'the commit'";
}
