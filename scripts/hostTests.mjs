import * as esbuild from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { root } from './bootstrap.mjs';

/**
 * Bundles `test/host/*.test.ts` for the extension host, which loads CommonJS. Names given (`review`) limit it to those files.
 */
export async function bundleHostTests(names = []) {
  const outdir = path.join(root, 'dist/test/host');
  fs.rmSync(outdir, { recursive: true, force: true });
  const folder = path.join(root, 'test/host');
  const wanted = (file) => names.length === 0 || names.includes(file.replace(/\.test\.ts$/, ''));
  const files = fs.existsSync(folder) ? fs.readdirSync(folder).filter((file) => file.endsWith('.test.ts') && wanted(file)) : [];
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: files.map((file) => path.join(folder, file)),
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    // As in the bundles of the extension.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    logLevel: 'warning',
    define: { 'import.meta.url': '__moduleUrl', 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
    banner: { js: "const __moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
  });
  fs.mkdirSync(outdir, { recursive: true });
  fs.writeFileSync(path.join(outdir, 'package.json'), '{ "type": "commonjs" }\n');
  return files.length;
}
