import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { build } from '../esbuild.mjs';
import { projectEnvironment, root } from './bootstrap.mjs';

/** Builds for production and packs `dist/handrail.vsix`. Returns its path. Dependencies are inside the bundles. */
export async function packageExtension() {
  await build({ production: true });
  const vsix = path.join(root, 'dist/handrail.vsix');
  const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');
  const args = [
    vsce,
    'package',
    '--no-dependencies',
    '--allow-missing-repository',
    '--skip-license',
    '--no-rewrite-relative-links',
    '--out',
    vsix,
  ];
  const done = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', env: projectEnvironment() });
  if (done.status !== 0) throw new Error(`the extension could not be packed:\n${done.stdout}${done.stderr}`);
  return vsix;
}
