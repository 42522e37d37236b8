import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { projectEnvironment, root } from './bootstrap.mjs';

/** What the command line needs of what was built. */
const SHIPPED = [
  'dist/cli.js',
  'dist/package.json',
  'dist/THIRD-PARTY-NOTICES.txt',
  'dist/chunks',
  'dist/engines',
  'dist/eval',
  'LICENSE',
  'CHANGELOG.md',
];

/**
 * Packs the built command line as `dist/handrail-<version>.tgz`, for CI and other machines: `npm install --global FILE`. Returns
 * its path. The package has a manifest of its own: the project's would bring along the Node it is developed with.
 */
export function packCommandLine() {
  const { name, version, description, license, bin } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  const staged = path.join(root, 'dist/npm');
  fs.rmSync(staged, { recursive: true, force: true });
  for (const file of SHIPPED) fs.cpSync(path.join(root, file), path.join(staged, file), { recursive: true });
  fs.copyFileSync(path.join(root, 'docs/reference/cli.md'), path.join(staged, 'README.md'));
  const manifest = { name, version, description, license, bin, engines: { node: '>=22' }, files: ['dist'] };
  fs.writeFileSync(path.join(staged, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  const done = spawnSync('npm', ['pack', '--ignore-scripts', '--pack-destination', '..'], {
    cwd: staged,
    encoding: 'utf8',
    env: projectEnvironment(),
    shell: process.platform === 'win32',
  });
  fs.rmSync(staged, { recursive: true, force: true });
  if (done.status !== 0) throw new Error(`the command line could not be packed:\n${done.stderr}`);
  return path.join(root, 'dist', `${name}-${version}.tgz`);
}
