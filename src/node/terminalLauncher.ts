import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shellWord } from '../core/shellWord.ts';

/**
 * Writes the launchers `handrail` and, on Windows, `handrail.cmd` into `folder`: they run the command line `cli` with the Node in
 * `node`, which may be an editor's executable that acts as Node when `ELECTRON_RUN_AS_NODE` is set. Up-to-date files are left alone.
 */
export async function writeLauncher(
  folder: string,
  node: string,
  cli: string,
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeIfDifferent(join(folder, 'handrail'), shellLauncher(node, cli));
  if (platform === 'win32') await writeIfDifferent(join(folder, 'handrail.cmd'), cmdLauncher(node, cli));
}

function shellLauncher(node: string, cli: string): string {
  return `#!/bin/sh\nELECTRON_RUN_AS_NODE=1 exec ${shellWord(node)} ${shellWord(cli)} "$@"\n`;
}

function cmdLauncher(node: string, cli: string): string {
  // In a batch file a percent sign begins a variable, also inside quotes.
  const word = (text: string): string => `"${text.replaceAll('%', '%%')}"`;
  return `@echo off\r\nsetlocal\r\nset ELECTRON_RUN_AS_NODE=1\r\n${word(node)} ${word(cli)} %*\r\n`;
}

async function writeIfDifferent(path: string, text: string): Promise<void> {
  const present = await readFile(path, 'utf8').catch(() => undefined);
  if (present === text) return;
  // Whole and executable before it has its name: another window may be starting it.
  const temporary = `${path}.${process.pid}`;
  try {
    await writeFile(temporary, text);
    await chmod(temporary, 0o755);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
