import { existsSync, statSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChangeSet, toChangeSet } from '../../core/workflow/changes.ts';
import { type Base, findBase, mergeBaseOf, USUAL_NAMES } from './base.ts';
import { type GitCommand, gitIn } from './gitCommand.ts';
import { BlobReader } from './blobs.ts';
import { type Configuration, listConfiguration, parseConfiguration } from './configuration.ts';
import { fingerprint, stamp } from './fingerprint.ts';
import { type HeadStatus, readHeadStatus } from './headStatus.ts';
import { filesInIndex } from './indexed.ts';
import { patched } from './look.ts';
import { changedSince, type Places, type RepositoryMemory, stampsOf } from './memory.ts';
import { placeOfRepository } from './place.ts';
import { diffFrom, readChanges } from './readChanges.ts';
import { submodulesIn } from './submodules.ts';
import { affectedPaths, foldersAround, isUnder } from './touched.ts';

/** One moment of a repository, read with a handful of git calls whatever its size. */
export interface RepositoryState extends HeadStatus {
  base: Base;
  /** From the merge base to the working tree, limited to the folder and relative to it. */
  changes: ChangeSet;
}

export interface StateOptions {
  /** Instead of the base that is found. */
  base?: string | undefined;
  /** When it is being read already. */
  head?: Promise<HeadStatus>;
  touched?: readonly string[] | undefined;
}

/** The last look, while nothing but files of the folder has changed since. */
interface Memory {
  fingerprint: string;
  state: RepositoryState;
  submodules: Promise<string[]> | undefined;
  /** Whether the index holds a file of this name, for folders of the working tree that were asked about. */
  folders: Map<string, boolean>;
}

/** Changes that are kept for another process; more take longer to keep than to find again. */
const MAX_KEPT = 2_000;

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
  /**
   * Fails with `no-merge-base` where the history that changes are counted from is not there. With `touched`, the paths in the folder
   * that were written since the last look, only they are looked at where nothing else can have changed; the answer is the same.
   */
  state(options?: StateOptions): Promise<RepositoryState>;
  /** First line of the head commit's message; null without commits. */
  headSubject(): Promise<string | null>;
  /** Begins the next look, which takes git a while, so that whatever has to be loaded for it meanwhile costs no time. */
  begin(): void;
  /** What was seen, for another process to open the repository with. */
  memory(): RepositoryMemory;
  readonly git: GitCommand;
}

/**
 * Opens the repository around a folder. Fails with HandrailError `no-git`, also for a bare repository. With the memory of another
 * process the first look takes less; the answers are the same.
 */
export async function openRepository(root: string, memory?: RepositoryMemory): Promise<Repository> {
  const git = gitIn(root);
  if (memory !== undefined && (await isValid(memory, root)))
    return new GitRepository(git, memory.places, memory.configured.configuration, memory);
  const configuration = listConfiguration(git);
  // Where there is no repository, the places say so.
  configuration.catch(() => undefined);
  const [topLevel, commonDir, gitDir, prefix] = await askPlaces(git);
  const places = { root, realRoot: await realpath(root), topLevel, commonDir: await realpath(commonDir), gitDir, prefix };
  return new GitRepository(git, places, parseConfiguration(await configuration, topLevel));
}

/** Whether the folder belongs to the same repository, and the configuration, which can move a working tree, was not written since. */
async function isValid({ place, places, configured }: RepositoryMemory, root: string): Promise<boolean> {
  if (places.root !== root || place === '' || place !== placeStamp(root)) return false;
  if (configured.stamp === '' || configured.stamp !== configurationStamp(places.commonDir, configured.configuration)) return false;
  return existsSync(places.gitDir) && (await realpath(root)) === places.realRoot;
}

/** A `.git` that is a file leads to another place when it is written. */
function placeStamp(root: string): string {
  const place = placeOfRepository(root);
  const path = place.replace(/ \d+ \d+$/, '');
  return place !== '' && statSync(path, { throwIfNoEntry: false })?.isFile() === true ? `${place} ${stamp(path)}` : place;
}

function configurationStamp(commonDir: string, { files }: Configuration): string {
  return [join(commonDir, 'config'), ...files].map(stamp).join('\n');
}

const PLACES = ['--show-toplevel', '--git-common-dir', '--absolute-git-dir', '--show-prefix'] as const;

/** Top of the working tree, common folder, own folder, and the way from the top to where git runs, with `/` at its end. */
export async function askPlaces(git: GitCommand): Promise<[string, string, string, string]> {
  const ask = async (...questions: string[]): Promise<string> =>
    (await git(['rev-parse', '--path-format=absolute', ...questions])).replace(/\r?\n$/, '');
  const [first, second, third, fourth, ...more] = (await ask(...PLACES)).split('\n');
  if (first && second && third && fourth !== undefined && more.length === 0) return [first, second, third, fourth];
  // A folder whose name holds a line break: one question at a time.
  return [await ask(PLACES[0]), await ask(PLACES[1]), await ask(PLACES[2]), await ask(PLACES[3])];
}

class GitRepository implements Repository {
  readonly git: GitCommand;
  readonly #places: Places;
  readonly #blobs: BlobReader;
  #configured: { stamp: string; configuration: Configuration };
  readonly #mergeBases: Map<string, string>;
  /** What the last state was compared with; most often the next one is, too. */
  #comparedWith: string | null;
  /** Short names of branches that were the base, beside the usual ones. */
  readonly #baseNames: Set<string>;
  #memory: Memory | undefined;
  /** The last look of another process, until this one has looked. */
  #former: RepositoryMemory['last'];
  /** When the last look at more than what was touched began, in milliseconds since the Unix epoch. */
  #began = 0;
  /** The beginning of the next look. */
  #begun: { fingerprint: string; at: number; head: Promise<HeadStatus> } | undefined;
  /** Looks follow one another, because each may build on the one before. */
  #lastLook: Promise<unknown> = Promise.resolve();

  /** `configuration` may be out of date already: it says which files of it are followed, and is asked for again. */
  constructor(git: GitCommand, places: Places, configuration: Configuration, memory?: RepositoryMemory) {
    this.git = git;
    this.#configured = memory?.configured ?? { stamp: '', configuration };
    this.#places = places;
    this.#mergeBases = new Map(memory?.mergeBases);
    this.#comparedWith = memory?.comparedWith ?? null;
    this.#baseNames = new Set([...USUAL_NAMES, ...(memory?.baseNames ?? [])]);
    this.#former = memory?.last;
    this.#blobs = new BlobReader(gitIn(places.topLevel), { ...places, configured: () => this.#configuredFiles }, memory?.blobs);
  }

  memory(): RepositoryMemory {
    const { fingerprint: seen, state } = this.#memory ?? {};
    const stamped = state === undefined || seen === 'untold' ? undefined : stampsOf(this.root, state, this.#began);
    const changed = state?.changes.entries.map(({ path }) => path) ?? [];
    return {
      place: placeStamp(this.root),
      places: this.#places,
      configured: this.#configured,
      mergeBases: [...this.#mergeBases].slice(-1),
      comparedWith: this.#comparedWith,
      baseNames: [...this.#baseNames],
      blobs: this.#blobs.known(changed.slice(0, MAX_KEPT)),
      ...(seen === undefined || state === undefined || stamped === undefined || changed.length > MAX_KEPT
        ? {}
        : { last: { fingerprint: seen, state, ...stamped } }),
    };
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
    return await (this.#begun?.head ?? readHeadStatus(this.git, this.#places));
  }

  begin(): void {
    // In this order: what changes in between is seen by the next look.
    this.#begun = { fingerprint: this.#fingerprint(), at: Date.now(), head: readHeadStatus(this.git, this.#places) };
    // Whoever looks hears of it.
    this.#begun.head.catch(() => undefined);
  }

  async base(wanted?: string): Promise<Base> {
    const shallow = existsSync(join(this.commonDir, 'shallow'));
    return await findBase(this.git, { configuredBase: async () => (await this.#configuration()).base, wanted, shallow });
  }

  async state(options: StateOptions = {}): Promise<RepositoryState> {
    const look = this.#lastLook.then(async () => await this.#look(options));
    this.#lastLook = look.catch(() => undefined);
    return await look;
  }

  async #look({ base, head: read, touched }: StateOptions): Promise<RepositoryState> {
    const begun = this.#begun;
    this.#begun = undefined;
    const head = read ?? begun?.head;
    const before = this.#memory;
    // Whatever fails on the way leaves nothing to build on.
    this.#memory = undefined;
    const now = begun?.fingerprint ?? this.#fingerprint();
    const known = before !== undefined && before.fingerprint === now && touched !== undefined && base === undefined;
    const former = this.#former;
    this.#former = undefined;
    const wasSeen = before === undefined && former?.fingerprint === now && base === undefined;
    this.#began = begun?.at ?? Date.now();
    const memory = known ? await this.#lookAtSome(before, touched) : wasSeen ? await this.#lookSince(former, head) : undefined;
    this.#memory = memory ?? (await this.#lookAtAll(now, { base, head: known ? undefined : head }));
    return this.#memory.state;
  }

  async #lookAtAll(before: string, options: { base: string | undefined; head: Promise<HeadStatus> | undefined }): Promise<Memory> {
    const expected = this.#comparedWith;
    // Looking through a large working tree takes git a while, so it does so beside the status, not after it.
    const early = expected === null ? undefined : diffFrom(this.git, this.root, expected);
    early?.catch(() => undefined);
    const known = this.#configuredFiles;
    const [head, base] = await Promise.all([options.head ?? this.head(), this.base(options.base), this.#configuration()]);
    const from = head.commit === null ? null : await this.#mergeBase(head, base);
    const isUntouched = head.clean && head.commit !== null && from === head.commit;
    this.#comparedWith = isUntouched ? null : from;
    const changes = isUntouched
      ? toChangeSet(from, [])
      : await readChanges({
          git: this.git,
          root: this.root,
          blobs: this.#blobs,
          mergeBase: from,
          untracked: head.untracked,
          diff: from === expected ? early : undefined,
        });
    // A fingerprint that was taken without the refs of this base, or the files of the configuration, would not tell of their moves.
    const isTold = this.#isFollowed(base) && options.base === undefined && isSameList(known, this.#configuredFiles);
    return { fingerprint: isTold ? before : 'untold', state: { ...head, base, changes }, submodules: undefined, folders: new Map() };
  }

  /** Undefined where more has to be looked at. */
  async #lookAtSome(memory: Memory, touched: readonly string[]): Promise<Memory | undefined> {
    const { state } = memory;
    memory.submodules ??= submodulesIn(this.git, this.gitDir);
    const [submodules, { ignoresCase }] = await Promise.all([memory.submodules, this.#configuration()]);
    const strangers = state.uncommitted.filter((path) => path.endsWith('/'));
    const affected = affectedPaths(touched, { root: this.#places.realRoot, submodules, strangers });
    if (affected === undefined) return undefined;
    const paths = [...new Set([...affected, ...(await this.#formerFiles(affected, memory))])];
    // Git compares letters without case in ASCII only.
    if (ignoresCase && paths.some((path) => !/^[\x20-\x7e]*$/.test(path))) return undefined;
    if (paths.length === 0) return memory;
    const specs = paths.map((path) => `:(literal${ignoresCase ? ',icase' : ''})${path}`);
    const { mergeBase } = state.changes;
    const diff = mergeBase === null ? undefined : diffFrom(this.git, this.root, mergeBase, specs);
    diff?.catch(() => undefined);
    const [head] = await Promise.all([readHeadStatus(this.git, { ...this.#places, pathspecs: specs }), this.#blobs.prepare(paths)]);
    if (head.commit !== state.commit || head.branch !== state.branch) return undefined;
    const { untracked } = head;
    const changes = await readChanges({ git: this.git, root: this.root, blobs: this.#blobs, mergeBase, untracked, diff, pathspecs: specs });
    const next = patched(state, { paths, head, changes, ignoresCase });
    return next === undefined ? undefined : { ...memory, state: next };
  }

  /** Looks at what is not committed, and of that only at what was written since. Undefined where more has to be looked at. */
  async #lookSince(former: NonNullable<RepositoryMemory['last']>, reading: Promise<HeadStatus> | undefined): Promise<Memory | undefined> {
    const { fingerprint: seen, state } = former;
    const head = await (reading ?? this.head());
    if (head.commit !== state.commit || head.branch !== state.branch || this.#configured.configuration.ignoresCase) return undefined;
    const paths = changedSince(this.root, former, head);
    if (paths === undefined) return undefined;
    const fresh = { clean: head.clean, untracked: head.untracked, uncommitted: head.uncommitted };
    const memory = { fingerprint: seen, submodules: undefined, folders: new Map<string, boolean>() };
    if (paths.length === 0) return { ...memory, state: { ...state, ...fresh } };
    // Git looks at what lies below a path as well, where a file became a folder.
    const isLookedAt = (path: string): boolean => paths.some((one) => isUnder(path, one));
    const part = { ...head, uncommitted: head.uncommitted.filter(isLookedAt), untracked: head.untracked.filter(isLookedAt) };
    const pathspecs = paths.map((path) => `:(literal)${path}`);
    const { mergeBase } = state.changes;
    const changes = await readChanges({
      git: this.git,
      root: this.root,
      blobs: this.#blobs,
      mergeBase,
      untracked: part.untracked,
      pathspecs,
    });
    const next = patched(state, { paths, head: part, changes, ignoresCase: false });
    return next === undefined ? undefined : { ...memory, state: { ...next, ...fresh } };
  }

  /** The folders around the paths that are, or were at the last look, files for git. */
  async #formerFiles(paths: readonly string[], { state, folders }: Memory): Promise<string[]> {
    const around = foldersAround(paths);
    const unknown = around.filter((folder) => !folders.has(folder));
    if (unknown.length > 0) {
      const files = new Set(await filesInIndex(this.git, this.#places.prefix, unknown));
      for (const folder of unknown) folders.set(folder, files.has(folder));
    }
    const changed = new Set([...state.uncommitted, ...state.changes.entries.map(({ path }) => path)]);
    return around.filter((folder) => folders.get(folder) === true || changed.has(folder));
  }

  #fingerprint(): string {
    const { realRoot, topLevel, commonDir, gitDir } = this.#places;
    return fingerprint({
      root: realRoot,
      topLevel,
      commonDir,
      gitDir,
      baseNames: this.#baseNames,
      configured: this.#configuredFiles,
    });
  }

  /** Whether fingerprints tell of every move of this base; if they did not, the next ones do, as far as it stands on branches. */
  #isFollowed(base: Base): boolean {
    const isKnown = this.#baseNames.has(base.name);
    this.#baseNames.add(base.name);
    return isKnown && base.refs.length > 0 && base.refs.every(({ name }) => name.startsWith('refs/'));
  }

  async headSubject(): Promise<string | null> {
    const text = await this.git(['log', '-1', '--format=%s', '--no-show-signature', 'HEAD']).catch(() => '');
    return text === '' ? null : text.replace(/\n$/, '');
  }

  /** Asked again only when a file of it was written: a status is read after every save. */
  async #configuration(): Promise<Configuration> {
    const written = this.#configurationStamp();
    if (this.#configured.stamp === written) return this.#configured.configuration;
    const known = this.#configuredFiles;
    const configuration = parseConfiguration(await listConfiguration(this.git), this.topLevel);
    // A file that was not known before may have been written meanwhile; then it is asked once more.
    this.#configured = { configuration, stamp: isSameList(known, configuration.files) ? written : '' };
    return configuration;
  }

  get #configuredFiles(): readonly string[] {
    return this.#configured.configuration.files;
  }

  #configurationStamp(): string {
    return configurationStamp(this.commonDir, this.#configured.configuration);
  }

  async #mergeBase(head: HeadStatus, base: Base): Promise<string> {
    const shallow = join(this.commonDir, 'shallow');
    const key = JSON.stringify([head.commit, head.branch, base.refs, stamp(shallow)]);
    const known = this.#mergeBases.get(key);
    if (known !== undefined) return known;
    const found = await mergeBaseOf(this.git, head, base, shallow);
    this.#mergeBases.set(key, found);
    return found;
  }
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}
