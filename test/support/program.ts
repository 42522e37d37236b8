import { writeFileSync } from 'node:fs';

/** An executable file that runs a script of CommonJS. Node is not named in its first line: there, a path with a space in it is two words. */
export function writeProgram(path: string, script: string): void {
  writeFileSync(`${path}.cjs`, `${script}\n`);
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${path}.cjs' "$@"\n`, { mode: 0o755 });
}
