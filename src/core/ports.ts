/** Small ports through which the core reaches the world. `src/node` implements them; tests use fakes. */

/** The part of the platform's AbortSignal that the core relies on. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

export interface Log {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** Read access to one workspace folder. Paths are relative, with `/`, and never leave the folder. */
export interface WorkspaceFiles {
  /** Text of a file, or undefined when there is none. Fails with `too-large` or `bad-response` (binary). */
  read(path: string): Promise<string | undefined>;
}

export const silentLog: Log = { info() {}, warn() {}, error() {} };
