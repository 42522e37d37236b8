import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { prepareExample } from './example.mjs';

/** A fresh working copy of the example project, a git repository with a branch in progress, in a new temporary folder. */
export async function newExample(name = 'shop') {
  const target = path.join(fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'handrail-'))), name);
  await prepareExample(target);
  return target;
}

/** A new git repository with one commit of the given files (path to text), on the branch `main`. */
export function newRepository(files) {
  const target = path.join(fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'handrail-'))), 'project');
  fs.mkdirSync(target);
  const git = (...args) => execFileSync('git', args, { cwd: target, stdio: 'pipe' });
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'Ada');
  git('config', 'user.email', 'ada@example.com');
  for (const [file, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(target, file)), { recursive: true });
    fs.writeFileSync(path.join(target, file), text);
  }
  git('add', '-A');
  git('commit', '-q', '--allow-empty', '-m', 'Start');
  return target;
}

/** Removes what {@link newExample} or {@link newRepository} made. */
export function removeWorkspace(folder) {
  fs.rmSync(path.dirname(folder), { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
