import { type FSWatcher, statSync, watch } from 'node:fs';

/** A directory whose direct entries matter; `only` limits them to these names. */
export interface WatchedDirectory {
  path: string;
  only?: readonly string[];
}

interface Watched {
  watcher: FSWatcher;
  /** Device and inode, since a directory that was removed and made again needs a new watcher. */
  identity: string;
}

/**
 * Tells of changes among the direct entries of a few directories. The editor's own recursive watcher loses directories that are
 * made together with their content, which is how `.handrail/` and a run's folder of records come to be; this one is told again,
 * after each change, which directories to watch, and so finds them.
 */
export class DirectoryWatch {
  readonly #onChange: () => void;
  readonly #watched = new Map<string, Watched>();
  #disposed = false;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Watches exactly these directories. One that does not exist is passed over; one that is new counts as a change. */
  set(directories: readonly WatchedDirectory[]): void {
    if (this.#disposed) return;
    const wanted = new Set(directories.map(({ path }) => path));
    for (const path of this.#watched.keys()) if (!wanted.has(path)) this.#drop(path);
    let isNew = false;
    for (const directory of directories) if (this.#arm(directory)) isNew = true;
    if (isNew) this.#onChange();
  }

  #arm({ path, only }: WatchedDirectory): boolean {
    const identity = identityOf(path);
    if (identity === this.#watched.get(path)?.identity) return false;
    this.#drop(path);
    if (identity === undefined) return false;
    try {
      const watcher = watch(path, { persistent: false }, (_event, name) => {
        if (only === undefined || name === null || only.includes(name)) this.#onChange();
      });
      // The directory went away, or the system has no watchers left: the next change told elsewhere tries again.
      watcher.on('error', () => this.#drop(path));
      this.#watched.set(path, { watcher, identity });
      return true;
    } catch {
      return false;
    }
  }

  #drop(path: string): void {
    this.#watched.get(path)?.watcher.close();
    this.#watched.delete(path);
  }

  dispose(): void {
    this.#disposed = true;
    for (const path of this.#watched.keys()) this.#drop(path);
  }
}

function identityOf(path: string): string | undefined {
  try {
    const stat = statSync(path);
    return stat.isDirectory() ? `${stat.dev}:${stat.ino}` : undefined;
  } catch {
    return undefined;
  }
}
