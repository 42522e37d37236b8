import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { GitCommand } from './gitCommand.ts';

/** What is asked of git's configuration, and where it was found. */
export interface Configuration {
  /** `handrail.base` of the repository itself; empty when unset. */
  base: string;
  /** Whether the file system takes names that differ in case for the same. */
  ignoresCase: boolean;
  /** Absolute paths of everything that decides what git says: each file of the configuration, included ones too, and those it names. */
  files: string[];
}

/** Settings that name a file which rules over others. */
const NAMING = new Set(['core.excludesfile', 'core.attributesfile']);
const INCLUDING = /^include(if\..*)?\.path$/s;

/** One `git config`, for {@link parseConfiguration}. */
export async function listConfiguration(git: GitCommand): Promise<string> {
  return await git(['config', '--list', '--show-scope', '--show-origin', '--null']);
}

/** Format: git-config(1), `--show-scope --show-origin --null`. Relative paths count from the top of the working tree. */
export function parseConfiguration(output: string, topLevel: string): Configuration {
  const configuration: Configuration = { base: '', ignoresCase: false, files: [] };
  const files = new Set<string>();
  const fields = output.split('\0');
  for (let i = 0; i + 2 < fields.length; i += 3) {
    const [scope, origin = '', setting = ''] = fields.slice(i, i + 3);
    const end = setting.indexOf('\n');
    const [key, value] = end === -1 ? [setting, ''] : [setting.slice(0, end), setting.slice(end + 1)];
    const file = resolve(topLevel, origin.startsWith('file:') ? origin.slice('file:'.length) : '');
    if (origin.startsWith('file:')) files.add(file);
    // One that is empty, missing or not included now is listed nowhere else.
    if (INCLUDING.test(key)) files.add(resolve(dirname(file), atHome(value)));
    else if (NAMING.has(key) && value !== '') files.add(resolve(topLevel, atHome(value)));
    if (scope !== 'local') continue;
    if (key === 'handrail.base') configuration.base = value.trim();
    else if (key === 'core.ignorecase') configuration.ignoresCase = end === -1 || /^(true|yes|on|[1-9]\d*)$/i.test(value.trim());
  }
  return { ...configuration, files: [...files].sort() };
}

function atHome(path: string): string {
  return path.replace(/^~(?=\/)/, () => homedir());
}
