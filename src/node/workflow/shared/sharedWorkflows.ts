import { join } from 'node:path';
import { HandrailError } from '../../../core/errors.ts';
import type { CancelSignal } from '../../../core/ports.ts';
import { extendsOf, MAX_DEPTH, MAX_FILES, readExtends } from '../../../core/workflow/layers.ts';
import { resolveBeside, unsafePath } from '../../../core/workflow/paths.ts';
import { contentDigest, LOCK_FILE } from '../../../core/workflow/shared/content.ts';
import { lockText, parseLock } from '../../../core/workflow/shared/lock.ts';
import type { LockEntry } from '../../../core/workflow/shared/lock.ts';
import { isShared, parseSource, sourceBeside } from '../../../core/workflow/shared/source.ts';
import type { SharedSource } from '../../../core/workflow/shared/source.ts';
import { MAX_YAML_CHARACTERS } from '../../../core/yaml/locatedYaml.ts';
import { writeFileAtomic } from '../../atomicFile.ts';
import type { FetchLimits } from '../../git/guardedGit.ts';
import { openRemote, type RemoteRepository } from '../../git/remoteRepository.ts';
import { handrailHome } from '../../home.ts';
import { type NodeWorkspaceFiles, workspaceFiles } from '../../workspaceFiles.ts';
import { WORKFLOWS_FOLDER } from '../loader.ts';
import { refuseLinks, writeFailure } from '../repositoryFiles.ts';
import { createSharedContent, type SharedContent } from './sharedContent.ts';

/**
 * `fetch` gets what is locked and not here, and locks nothing. `add` locks what is not locked yet besides, and lets go of what nothing
 * extends any more. `update` asks anew what every version stands for.
 */
export type LockMode = 'fetch' | 'add' | 'update';

/** A file of another repository that a workflow extends, by itself or through another. */
export interface SharedFile {
  source: SharedSource;
  /** Absent while it is not locked. */
  commit?: string;
  /** Whether its locked content is on this machine. */
  isHere: boolean;
}

export interface LockUpdate {
  /** Path of the lock file, when it was written. */
  written: string | null;
  /** What is locked differently now. `from` is null for what was not locked, `to` for what no longer is. */
  changes: { source: string; url: string; from: string | null; to: string | null }[];
  /** Sources whose content was fetched. */
  fetched: string[];
}

export interface UpdateOptions {
  signal: CancelSignal;
  /** Called before each server is asked. */
  onFetch?(file: SharedSource): void;
  /** Whether it may be asked; a no ends the update as `cancelled`. Shared files may lead to repositories that nobody knew of before. */
  confirm?(file: SharedSource): Promise<boolean>;
}

export interface SharedWorkflows {
  /** What is extended, as far as it is known without asking anybody. Fails with `config` for a lock file with mistakes. */
  list(): SharedFile[];
  /** Fetches, and writes the lock, all or nothing. The only place where anything of another repository is fetched. */
  update(mode: LockMode, options: UpdateOptions): Promise<LockUpdate>;
}

export interface SharedWorkflowsOptions {
  /** Workspace folder. */
  root: string;
  env?: Readonly<Record<string, string | undefined>>;
  limits?: FetchLimits;
}

export function createSharedWorkflows({ root, env = process.env, limits }: SharedWorkflowsOptions): SharedWorkflows {
  const content = createSharedContent(handrailHome(env));
  return {
    list: () => new Survey(workspaceFiles(root), content).files(),
    update: (mode, options) => new Update({ root, env, limits, content, mode, ...options }).run(),
  };
}

/** The lock as it is on disk; none counts as empty. */
function readLock(files: NodeWorkspaceFiles): { text: string | undefined; entries: LockEntry[] } {
  const text = files.readText(LOCK_FILE);
  const { entries, problems } = text === undefined ? { entries: [], problems: [] } : parseLock(text);
  if (entries !== undefined) return { text, entries };
  const first = problems.find(({ severity }) => severity === 'error');
  throw new HandrailError('config', `${LOCK_FILE} cannot be read: ${first?.message ?? 'it has mistakes.'}`, {
    hint: first?.hint ?? 'Mend it.',
    location: { path: LOCK_FILE, ...(first && { line: first.line, column: first.column }) },
  });
}

/**
 * The shared files that the workflows of a folder name themselves, and whether those are all: where a file has mistakes, nobody knows what
 * it extends. Local files on the way are followed.
 */
function namedIn(files: NodeWorkspaceFiles): { sources: SharedSource[]; isWhole: boolean } {
  const seen = new Set<string>();
  const named = new Map<string, SharedSource>();
  let whole = true;
  const visit = (path: string): void => {
    if (seen.has(path) || seen.size > MAX_FILES * MAX_FILES) return;
    seen.add(path);
    const text = readQuietly(files, path);
    const { targets, isWhole } = readExtends(text ?? '');
    whole &&= isWhole && text !== undefined;
    for (const target of targets) {
      if (isShared(target)) {
        const source = parseSource(target);
        if ('message' in source) whole = false;
        else named.set(source.text, source);
      } else if (unsafePath(target) === undefined) visit(resolveBeside(path, target));
    }
  };
  for (const name of files.list(WORKFLOWS_FOLDER)) if (/\.ya?ml$/.test(name)) visit(`${WORKFLOWS_FOLDER}/${name}`);
  return { sources: [...named.values()], isWhole: whole };
}

/** A file that cannot be read is told by its own diagnostics. */
function readQuietly(files: NodeWorkspaceFiles, path: string): string | undefined {
  try {
    return files.readText(path);
  } catch {
    return undefined;
  }
}

/** What a shared file extends in turn. What is wrongly written there is told when the workflow is put together. */
function sourcesIn(source: SharedSource, text: string): SharedSource[] {
  return extendsOf(text).flatMap((target) => {
    const found = isShared(target) ? parseSource(target) : sourceBeside(source, target);
    return 'message' in found ? [] : [found];
  });
}

class Survey {
  readonly #entries: Map<string, LockEntry>;
  readonly #files: NodeWorkspaceFiles;
  readonly #content: SharedContent;

  constructor(files: NodeWorkspaceFiles, content: SharedContent) {
    this.#files = files;
    this.#content = content;
    this.#entries = new Map(readLock(files).entries.map((entry) => [entry.source, entry]));
  }

  files(): SharedFile[] {
    const found = new Map<string, SharedFile>();
    const queue = namedIn(this.#files).sources;
    for (let source = queue.shift(); source !== undefined; source = queue.shift()) {
      if (found.has(source.text) || found.size >= MAX_FILES) continue;
      const entry = this.#entries.get(source.text);
      const text = entry === undefined ? undefined : this.#content.read(entry.digest);
      found.set(source.text, { source, ...(entry && { commit: entry.commit }), isHere: text !== undefined });
      if (text !== undefined) queue.push(...sourcesIn(source, text));
    }
    return [...found.values()];
  }
}

interface UpdateRequest extends UpdateOptions {
  root: string;
  env: Readonly<Record<string, string | undefined>>;
  limits: FetchLimits | undefined;
  content: SharedContent;
  mode: LockMode;
}

class Update {
  readonly #request: UpdateRequest;
  readonly #files: NodeWorkspaceFiles;
  readonly #lock: { text: string | undefined; entries: LockEntry[] };
  readonly #locked: Map<string, LockEntry>;
  /** By address and version. */
  readonly #repositories = new Map<string, RemoteRepository>();
  readonly #entries = new Map<string, LockEntry>();
  readonly #fetched: string[] = [];

  constructor(request: UpdateRequest) {
    this.#request = request;
    this.#files = workspaceFiles(request.root);
    this.#lock = readLock(this.#files);
    this.#locked = new Map(this.#lock.entries.map((entry) => [entry.source, entry]));
  }

  async run(): Promise<LockUpdate> {
    try {
      const named = namedIn(this.#files);
      let level = named.sources;
      for (let depth = 0; level.length > 0; depth += 1) {
        if (depth >= MAX_DEPTH) throw tooMany(`Shared workflows extend each other more than ${MAX_DEPTH} deep.`);
        const next: SharedSource[] = [];
        for (const source of level) next.push(...(await this.#take(source)));
        level = next;
      }
      // What a file with mistakes extends stays as it was locked: let go of now, it would come back unseen at another commit.
      if (!named.isWhole) this.#keepLocked();
      return { written: await this.#write(), changes: this.#changes(), fetched: this.#fetched };
    } finally {
      for (const repository of this.#repositories.values()) await repository.close();
    }
  }

  /** Sees to it that one file is locked and here; gives back what it extends. */
  async #take(source: SharedSource): Promise<SharedSource[]> {
    if (this.#entries.has(source.text)) return [];
    if (this.#entries.size >= MAX_FILES) throw tooMany(`The workflows are put together of more than ${MAX_FILES} shared files.`);
    const { mode, content } = this.#request;
    const locked = mode === 'update' ? undefined : this.#locked.get(source.text);
    if (locked === undefined && mode === 'fetch') {
      throw new HandrailError('config', `${source.text} is not locked, so it is not fetched.`, {
        hint: 'Lock it, look at it and commit the lock: handrail validate --lock',
        location: { path: LOCK_FILE },
      });
    }
    const known = locked === undefined ? undefined : content.read(locked.digest);
    if (locked !== undefined && known !== undefined) {
      this.#entries.set(source.text, locked);
      return sourcesIn(source, known);
    }
    const repository = await this.#repository(source, locked?.commit ?? this.#commitOf(source));
    const text = await repository.read(source.path);
    if (text.length > MAX_YAML_CHARACTERS) {
      throw new HandrailError('too-large', `${source.text} is larger than a workflow file may be.`, { hint: 'Name a workflow file.' });
    }
    const digest = contentDigest(text);
    if (locked !== undefined && digest !== locked.digest) {
      throw new HandrailError('conflict', `${source.text} has other content at ${locked.commit.slice(0, 12)} than ${LOCK_FILE} says.`, {
        hint: 'Nothing of it was taken. Find out who changed the lock.',
        location: { path: LOCK_FILE },
      });
    }
    await content.add(text);
    this.#fetched.push(source.text);
    this.#entries.set(source.text, { source: source.text, commit: repository.commit, digest });
    return sourcesIn(source, text);
  }

  #keepLocked(): void {
    for (const [name, entry] of this.#locked) if (!this.#entries.has(name)) this.#entries.set(name, entry);
  }

  /** A file that joins others of its version comes from the commit that they are locked to. */
  #commitOf(source: SharedSource): string | undefined {
    if (this.#request.mode === 'update') return undefined;
    const sibling = this.#lock.entries.find((entry) => {
      const other = parseSource(entry.source);
      return !('message' in other) && other.url === source.url && other.version === source.version;
    });
    return sibling?.commit;
  }

  async #repository(source: SharedSource, commit: string | undefined): Promise<RemoteRepository> {
    const key = `${source.url} ${source.version}`;
    const known = this.#repositories.get(key);
    if (known !== undefined) return known;
    const { root, env, signal, limits, onFetch, confirm } = this.#request;
    if ((await confirm?.(source)) === false) throw new HandrailError('cancelled', `${source.url} was not asked.`);
    onFetch?.(source);
    const opened = await openRemote({ url: source.url, version: source.version, commit, root, env, signal, limits });
    this.#repositories.set(key, opened);
    return opened;
  }

  async #write(): Promise<string | null> {
    if (this.#request.mode === 'fetch') return null;
    const text = lockText([...this.#entries.values()]);
    if (text === this.#lock.text || (this.#lock.text === undefined && this.#entries.size === 0)) return null;
    refuseLinks(this.#request.root, LOCK_FILE);
    try {
      await writeFileAtomic(join(this.#request.root, LOCK_FILE), text);
    } catch (error) {
      throw writeFailure(LOCK_FILE, (error as NodeJS.ErrnoException).code, error);
    }
    return LOCK_FILE;
  }

  #changes(): LockUpdate['changes'] {
    if (this.#request.mode === 'fetch') return [];
    const names = [...new Set([...this.#locked.keys(), ...this.#entries.keys()])].sort();
    return names.flatMap((name) => {
      const [from, to] = [this.#locked.get(name)?.commit ?? null, this.#entries.get(name)?.commit ?? null];
      const source = parseSource(name);
      return from === to || 'message' in source ? [] : [{ source: name, url: source.url, from, to }];
    });
  }
}

function tooMany(message: string): HandrailError {
  return new HandrailError('config', message, { hint: 'Put what they say into fewer files.' });
}
