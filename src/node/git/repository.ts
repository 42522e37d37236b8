import { existsSync } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChangeSet, toChangeSet } from '../../core/workflow/changes.ts';
import { type Base, findBase, mergeBaseOf } from './base.ts';
import { type GitCommand, gitIn } from './gitCommand.ts';
import { BlobReader } from './blobs.ts';
import { diffFrom, readChanges } from './readChanges.ts';
import { type HeadStatus, readHeadStatus } from './headStatus.ts';

/** One moment of a repository, read with a handful of git calls whatever its size. */
export interface RepositoryState extends HeadStatus {
  base: Base;
  /** From the merge base to the working tree, limited to the folder and relative to it. */
  changes: ChangeSet;
}

/** Facts of the repository that a folder lies in. Paths in and out are relative to that folder, with `/`. */
export interface Repository {
  readonly root: string;
  /** Absolute; shared by all worktrees. */
  readonly commonDir: string;
  /** Absolute; this worktree's own. */
  readonly gitDir: string;
  /** Absolute path of the working tree's top. */
  readonly topLevel: string;
  /** Branch, head and what is uncommitted, without looking for a base. */
  head(): Promise<HeadStatus>;
  /** The branch that changes are counted against. Fails with `no-merge-base` where it cannot be told. */
  base(wanted?: string): Promise<Base>;
  /** Fails with `no-merge-base` where the history that changes are counted from is not there. */
  state(options?: { base?: string | undefined; head?: Promise<HeadStatus> }): Promise<RepositoryState>;
  /** First line of the head commit's message; null without commits. */
  headSubject(): Promise<string | null>;
  readonly git: GitCommand;
}

/** Opens the repository around a folder. Fails with HandrailError `no-git`, also for a bare repository. */
export async function openRepository(root: string): Promise<Repository> {
  const git = gitIn(root);
  const [topLevel, commonDir, gitDir, prefix] = await askPlaces(git);
  return new GitRepository(git, { root, topLevel, commonDir: await realpath(commonDir), gitDir, prefix });
}

const PLACES = ['--show-toplevel', '--git-common-dir', '--absolute-git-dir', '--show-prefix'] as const;

async function askPlaces(git: GitCommand): Promise<[string, string, string, string]> {
  const ask = async (...questions: string[]): Promise<string> =>
    (await git(['rev-parse', '--path-format=absolute', ...questions])).replace(/\r?\n$/, '');
  const [first, second, third, fourth, ...more] = (await ask(...PLACES)).split('\n');
  if (first && second && third && fourth !== undefined && more.length === 0) return [first, second, third, fourth];
  // A folder whose name holds a line break: one question at a time.
  return [await ask(PLACES[0]), await ask(PLACES[1]), await ask(PLACES[2]), await ask(PLACES[3])];
}

interface Places {
  root: string;
  topLevel: string;
  commonDir: string;
  gitDir: string;
  prefix: string;
}

class GitRepository implements Repository {
  readonly git: GitCommand;
  readonly #places: Places;
  readonly #blobs: BlobReader;
  #configured: { stamp: string; base: string } | undefined;
  readonly #mergeBases = new Map<string, string>();
  /** What the last state was compared with; most often the next one is, too. */
  #comparedWith: string | null = null;

  constructor(git: GitCommand, places: Places) {
    this.git = git;
    this.#places = places;
    this.#blobs = new BlobReader(gitIn(places.topLevel), places);
  }

  get root(): string {
    return this.#places.root;
  }

  get commonDir(): string {
    return this.#places.commonDir;
  }

  get gitDir(): string {
    return this.#places.gitDir;
  }

  get topLevel(): string {
    return this.#places.topLevel;
  }

  async head(): Promise<HeadStatus> {
    return await readHeadStatus(this.git, this.#places.prefix);
  }

  async base(wanted?: string): Promise<Base> {
    const shallow = existsSync(join(this.commonDir, 'shallow'));
    return await findBase(this.git, { configuredBase: () => this.#configuredBase(), wanted, shallow });
  }

  async state(options: { base?: string | undefined; head?: Promise<HeadStatus> } = {}): Promise<RepositoryState> {
    const expected = this.#comparedWith;
    // Looking through a large working tree takes git a while, so it does so beside the status, not after it.
    const early = expected === null ? undefined : diffFrom(this.git, expected);
    early?.catch(() => undefined);
    const [head, base] = await Promise.all([options.head ?? this.head(), this.base(options.base)]);
    const from = head.commit === null ? null : await this.#mergeBase(head, base);
    const isUntouched = head.clean && head.commit !== null && from === head.commit;
    this.#comparedWith = isUntouched ? null : from;
    if (isUntouched) return { ...head, base, changes: toChangeSet(from, []) };
    const changes = await readChanges({
      git: this.git,
      root: this.root,
      blobs: this.#blobs,
      mergeBase: from,
      untracked: head.untracked,
      diff: from === expected ? early : undefined,
    });
    return { ...head, base, changes };
  }

  async headSubject(): Promise<string | null> {
    const text = await this.git(['log', '-1', '--format=%s', '--no-show-signature', 'HEAD']).catch(() => '');
    return text === '' ? null : text.replace(/\n$/, '');
  }

  /** `git config --local handrail.base`, asked again only when the configuration file was written: a status is read after every save. */
  async #configuredBase(): Promise<string> {
    const stat = await lstat(join(this.commonDir, 'config'), { bigint: true }).catch(() => undefined);
    const stamp = stat === undefined ? 'none' : `${stat.mtimeNs} ${stat.ctimeNs} ${stat.size} ${stat.ino}`;
    if (this.#configured?.stamp !== stamp) {
      const base = (await this.git(['config', '--local', '--default', '', '--get', 'handrail.base'])).trim();
      this.#configured = { stamp, base };
    }
    return this.#configured.base;
  }

  async #mergeBase(head: HeadStatus, base: Base): Promise<string> {
    const key = JSON.stringify([head.commit, head.branch, base.refs]);
    const known = this.#mergeBases.get(key);
    if (known !== undefined) return known;
    const found = await mergeBaseOf(this.git, head, base, join(this.commonDir, 'shallow'));
    this.#mergeBases.set(key, found);
    return found;
  }
}
