// The few parts of Node that the tests use, so that the project needs no packages to be read by an editor.
declare module 'node:test' {
  export function test(name: string, run: () => void | Promise<void>): void;
  export function test(name: string, options: { skip?: string | false }, run: () => void | Promise<void>): void;
}

declare module 'node:assert/strict' {
  const assert: {
    equal(actual: unknown, expected: unknown, message?: string): void;
    deepEqual(actual: unknown, expected: unknown): void;
    throws(run: () => unknown, expected?: unknown): void;
    rejects(promise: Promise<unknown>, expected?: unknown): Promise<void>;
  };
  export default assert;
}

declare module 'node:child_process' {
  export function spawnSync(
    command: string,
    args: string[],
    options?: { encoding?: 'utf8' },
  ): { status: number | null; stdout: string; stderr: string };
}
