import type { Moment } from '../../core/workflow/moment.ts';

/** When the run is read again. Times are in milliseconds. */

/** Git at work is waited out this long, and looked for again this often. */
const LONGEST_WAIT = 3000;
const LOOK_AGAIN = 20;
/** A status, which the editor asks git for after each save, is over by then; a checkout may not be. */
const PASSING = 100;
/** After looks at what was touched only, everything is looked at once: a watcher may have missed something. */
const SETTLED = 5000;
/** More paths than this are a build or a checkout, and cost as much as looking at everything. */
const MANY = 100;

export interface RefresherOptions<T> {
  /** Reads the run. Without `touched`, anything may have changed since the last reading. */
  read(touched: readonly string[] | undefined): Promise<T>;
  show(read: T): void;
  /** What git is at. What is read while the head moves may be of two branches. */
  moment(): Moment;
}

/**
 * Reads the run at once for the first thing that happens and once for all that happens meanwhile. One reading at a time, and none that
 * is out of date when it ends is shown, unless newer reasons keep coming.
 */
export class Refresher<T> {
  readonly #options: RefresherOptions<T>;
  /** Paths that were written since the last reading began, or that everything may have changed. */
  #touched = new Set<string>();
  #everything = false;
  /** Somebody asked during the reading. */
  #again = false;
  #reading: Promise<void> | undefined;
  readonly #soon: Alarm;
  readonly #settled: Alarm;
  #disposed = false;

  constructor(options: RefresherOptions<T>) {
    this.#options = options;
    this.#soon = new Alarm(() => void this.#start());
    this.#settled = new Alarm(() => void this.refresh());
  }

  /** Reads everything now. Resolves when what is then newest is shown. */
  refresh(): Promise<void> {
    this.#everything = true;
    return this.#start();
  }

  /** Waits for the first reading, which may be under way. */
  ready(): Promise<void> {
    return this.#reading ?? this.refresh();
  }

  /** Reads everything within `delay`. */
  refreshSoon(delay: number): void {
    this.#everything = true;
    this.#soon.set(delay);
  }

  /** Reads what these paths affect, within `delay`; none of them when only what is looked at in any case can have changed. */
  touched(paths: readonly string[], delay: number): void {
    if (!this.#everything) for (const path of paths) this.#touched.add(path);
    if (this.#touched.size > MANY) this.#everything = true;
    this.#soon.set(delay);
    if (paths.length > 0) this.#settled.set(SETTLED);
  }

  #start(): Promise<void> {
    this.#soon.clear();
    if (this.#disposed) return Promise.resolve();
    if (this.#reading === undefined) this.#reading = this.#readUntilFresh();
    else this.#again = true;
    return this.#reading;
  }

  async #readUntilFresh(): Promise<void> {
    const patience = performance.now() + LONGEST_WAIT;
    const isPatient = (): boolean => performance.now() < patience && !this.#disposed;
    try {
      do {
        while (isPatient() && (this.#options.moment().workingFor ?? 0) > PASSING) await pause(LOOK_AGAIN);
        this.#again = false;
        const { head } = this.#options.moment();
        const read = await this.#options.read(this.#take());
        while (isPatient() && this.#options.moment().workingFor !== undefined) await pause(LOOK_AGAIN);
        if (isPatient() && this.#options.moment().head !== head) {
          this.#everything = true;
          this.#again = true;
        } else if (!this.#disposed && !(this.#again && isPatient())) this.#options.show(read);
      } while (this.#again && !this.#disposed);
    } finally {
      this.#reading = undefined;
    }
  }

  #take(): readonly string[] | undefined {
    const touched = this.#everything ? undefined : [...this.#touched];
    this.#touched = new Set();
    this.#everything = false;
    if (touched === undefined) this.#settled.clear();
    return touched;
  }

  dispose(): void {
    this.#disposed = true;
    this.#soon.clear();
    this.#settled.clear();
  }
}

/** Rings once, at the earliest of the times it was set to. */
class Alarm {
  readonly #ring: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #due = Infinity;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  set(delay: number): void {
    const due = performance.now() + delay;
    if (due >= this.#due) return;
    this.clear();
    this.#due = due;
    this.#timer = setTimeout(() => {
      this.#due = Infinity;
      this.#ring();
    }, delay);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#due = Infinity;
  }
}

function pause(delay: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, delay));
}
