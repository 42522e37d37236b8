/**
 * Bundles. `dist/extension.js` and `dist/cli.js` are CommonJS and small; every module they reach through `import()` becomes an
 * ES module under `dist/chunks/`, shared by both and loaded on first use. `vscode` is external for the extension alone, so a
 * leak of the editor into the command line or the shared code fails here.
 *
 * `node esbuild.mjs [--production] [--watch]`
 */
import * as esbuild from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { thirdPartyNotices } from './scripts/notices.mjs';

const projectRoot = import.meta.dirname;

/** CommonJS has no `import.meta`; these give the bundles' own place to code that asks for it. */
const IMPORT_META = { 'import.meta.url': '__moduleUrl', 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' };
const MODULE_URL = "const __moduleUrl = require('node:url').pathToFileURL(__filename).href;";

const ENTRIES = [
  { source: 'src/extension.ts', out: 'extension.js', external: ['vscode'], banner: MODULE_URL, plugins: [noStaticNodePlugin] },
  { source: 'src/cli/main.ts', out: 'cli.js', external: [], banner: `#!/usr/bin/env node\n${MODULE_URL}`, plugins: [] },
];
const WORKERS = [
  { source: 'src/node/ai/builtin/worker.ts', name: 'builtinWorker' },
  { source: 'src/node/team/release/admitWorker.ts', name: 'admitWorker' },
];
/** Packages that load WebAssembly from beside themselves and so stay files. */
const ENGINES = [
  { name: 'biome', from: '@biomejs/wasm-nodejs' },
  { name: 'ruff', from: '@astral-sh/ruff-wasm-nodejs' },
];

/** `src/node/git/repo.ts` becomes `node-git-repo`, `node_modules/openai/…` becomes `openai`. */
function chunkName(root, file) {
  const relative = path.relative(root, file).split(path.sep).join('/');
  const ofPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(relative)?.[1];
  return (ofPackage ?? relative.replace(/^src\//, '').replace(/\.[cm]?[jt]sx?$/, '')).replace(/[^\w.]+/g, '-').replace(/^-/, '');
}

/** Turns each `import()` of an entry into an external chunk and collects what those chunks have to be built from. */
function chunksPlugin(root, found) {
  return {
    name: 'chunks',
    setup(bundler) {
      bundler.onResolve({ filter: /./ }, async (request) => {
        if (request.kind !== 'dynamic-import' || request.pluginData === chunksPlugin) return undefined;
        const resolved = await bundler.resolve(request.path, {
          kind: request.kind,
          importer: request.importer,
          resolveDir: request.resolveDir,
          pluginData: chunksPlugin,
        });
        if (resolved.errors.length > 0 || resolved.external || resolved.namespace !== 'file') return resolved;
        const name = chunkName(root, resolved.path);
        if (found.has(name) && found.get(name) !== resolved.path) {
          return { errors: [{ text: `two modules would share the chunk ${name}: ${resolved.path} and ${found.get(name)}` }] };
        }
        found.set(name, resolved.path);
        return { path: `./chunks/${name}.mjs`, external: true };
      });
    },
  };
}

/** Activation loads nothing of `src/node`: the extension reaches it through `import()`. Type imports are gone by now. */
function noStaticNodePlugin(root) {
  const nodeLayer = path.join(root, 'src/node') + path.sep;
  return {
    name: 'no-static-node',
    setup(bundler) {
      bundler.onResolve({ filter: /(^|\/)node\// }, (request) => {
        if (request.kind === 'dynamic-import' || !path.join(request.resolveDir, request.path).startsWith(nodeLayer)) return undefined;
        return { errors: [{ text: `${request.path} is loaded at activation; reach src/node through import() on first use` }] };
      });
    },
  };
}

/**
 * Code of the editor's layer may come on first use as well, and then asks its host for the editor. Anything else that asks for it has no
 * place in a chunk, because the command line shares them.
 */
function editorPlugin(root) {
  const editorLayer = path.join(root, 'src/vscode') + path.sep;
  return {
    name: 'editor-on-first-use',
    setup(bundler) {
      bundler.onResolve({ filter: /^vscode$/ }, ({ importer, namespace }) => {
        if (namespace === 'editor') return { path: 'vscode', external: true };
        return importer.startsWith(editorLayer) ? { path: 'vscode', namespace: 'editor' } : undefined;
      });
      // By require(), which the host answers for files of the extension, whichever form they have.
      bundler.onLoad({ filter: /./, namespace: 'editor' }, () => ({ contents: 'module.exports = require("vscode");' }));
    },
  };
}

const common = (root, production) => ({
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node22',
  metafile: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  legalComments: 'none',
  logLevel: 'warning',
  // Its other form loads its own parts in a way that no bundler can follow.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  define: { 'process.env.NODE_ENV': JSON.stringify(production ? 'production' : 'development') },
});

function entryOptions(root, outdir, entry, production, found) {
  const base = common(root, production);
  return {
    ...base,
    define: { ...base.define, ...IMPORT_META },
    entryPoints: [entry.source],
    outfile: path.join(outdir, entry.out),
    format: 'cjs',
    external: entry.external,
    banner: { js: entry.banner },
    plugins: [...entry.plugins.map((plugin) => plugin(root)), chunksPlugin(root, found)],
  };
}

function chunkOptions(root, outdir, production, found) {
  const workers = WORKERS.filter(({ source }) => fs.existsSync(path.join(root, source)));
  return {
    ...common(root, production),
    entryPoints: Object.fromEntries([...[...found].sort(), ...workers.map(({ name, source }) => [name, path.join(root, source)])]),
    outdir: path.join(outdir, 'chunks'),
    outExtension: { '.js': '.mjs' },
    chunkNames: 'shared-[hash]',
    format: 'esm',
    splitting: true,
    plugins: [editorPlugin(root)],
    // CommonJS packages inside the bundle call require() for Node's own modules.
    banner: { js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);" },
  };
}

function sameVersion(one, other) {
  const manifest = (directory) => path.join(directory, 'package.json');
  return fs.existsSync(manifest(other)) && fs.readFileSync(manifest(one)).equals(fs.readFileSync(manifest(other)));
}

function copyEngines(root, outdir) {
  for (const { name, from } of ENGINES) {
    const source = path.join(root, 'node_modules', from);
    const target = path.join(outdir, 'engines', name);
    if (!fs.existsSync(source) || sameVersion(source, target)) continue;
    const fresh = `${target}.${process.pid}`;
    fs.cpSync(source, fresh, { recursive: true, filter: (file) => !/\.(d\.ts|map|md)$/.test(file) });
    fs.rmSync(target, { recursive: true, force: true });
    fs.renameSync(fresh, target);
  }
}

/** The cases of `handrail eval` as one file; a case that is none fails the build. */
async function writeEvalCases(root, outdir) {
  const source = path.join(root, 'examples/eval');
  if (!fs.existsSync(source)) return;
  const { readCaseFolder } = await import('./src/node/ai/eval/caseFolder.ts');
  fs.mkdirSync(path.join(outdir, 'eval'), { recursive: true });
  fs.writeFileSync(path.join(outdir, 'eval/cases.json'), `${JSON.stringify(readCaseFolder(source))}\n`);
}

/** Files that surround the bundles: module type, executable bit, engines, cases, notices; chunks of earlier builds go. */
async function finish(root, outdir, results) {
  fs.writeFileSync(path.join(outdir, 'package.json'), '{ "type": "commonjs" }\n');
  const cli = path.join(outdir, 'cli.js');
  if (fs.existsSync(cli)) fs.chmodSync(cli, 0o755);
  copyEngines(root, outdir);
  await writeEvalCases(root, outdir);
  const inputs = results.flatMap((result) => Object.keys(result.metafile.inputs));
  fs.writeFileSync(
    path.join(outdir, 'THIRD-PARTY-NOTICES.txt'),
    thirdPartyNotices(
      root,
      inputs,
      ENGINES.map(({ from }) => from),
    ),
  );
  const outputs = Object.assign({}, ...results.map((result) => result.metafile.outputs));
  fs.writeFileSync(path.join(outdir, 'meta.json'), JSON.stringify({ inputs: {}, outputs }));
  const written = new Set(Object.keys(outputs).map((file) => path.resolve(root, file)));
  const chunks = path.join(outdir, 'chunks');
  for (const file of fs.existsSync(chunks) ? fs.readdirSync(chunks) : []) {
    if (!written.has(path.join(chunks, file))) fs.rmSync(path.join(chunks, file), { force: true });
  }
}

const presentEntries = (root) => ENTRIES.filter(({ source }) => fs.existsSync(path.join(root, source)));

/** Builds everything once. Fails with esbuild's located errors, which it has printed unless `quiet`. */
export async function build({ root = projectRoot, outdir = path.join(root, 'dist'), production = false, quiet = false } = {}) {
  const found = new Map();
  const run = (options) => esbuild.build(quiet ? { ...options, logLevel: 'silent' } : options);
  const entries = await Promise.all(presentEntries(root).map((entry) => run(entryOptions(root, outdir, entry, production, found))));
  const chunks = await run(chunkOptions(root, outdir, production, found));
  await finish(root, outdir, [...entries, chunks]);
}

/** Rebuilds on change until the process ends. The set of chunks may grow while one works, then their build starts anew. */
export async function watch({ root = projectRoot, outdir = path.join(root, 'dist') } = {}) {
  const found = new Map();
  let chunks;
  let built = '';
  let queue = Promise.resolve();
  const restartChunks = async () => {
    const names = [...found.keys()].sort().join();
    if (names === built) return;
    built = names;
    await chunks?.dispose();
    chunks = await esbuild.context({ ...chunkOptions(root, outdir, false, found), logLevel: 'info' });
    await chunks.watch();
  };
  const afterEntry = {
    name: 'after-entry',
    setup: (one) => one.onEnd(() => void (queue = queue.then(restartChunks).catch((error) => console.error(String(error))))),
  };
  fs.mkdirSync(outdir, { recursive: true });
  fs.writeFileSync(path.join(outdir, 'package.json'), '{ "type": "commonjs" }\n');
  copyEngines(root, outdir);
  await writeEvalCases(root, outdir);
  for (const entry of presentEntries(root)) {
    const options = entryOptions(root, outdir, entry, false, found);
    const context = await esbuild.context({ ...options, logLevel: 'info', plugins: [...options.plugins, afterEntry] });
    await context.watch();
  }
}

if (import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1] ?? '')).href) {
  const flags = new Set(process.argv.slice(2));
  await (flags.has('--watch') ? watch() : build({ production: flags.has('--production') })).catch((error) => {
    // esbuild has printed its errors with their places.
    if (!error.errors) console.error(error);
    process.exitCode = 1;
  });
}
