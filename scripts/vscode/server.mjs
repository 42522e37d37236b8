import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureVsCode } from './install.mjs';
import { startProxy } from './proxy.mjs';

/** Settings of a quiet workbench: nothing is fetched, nothing pops up. */
const QUIET = {
  'workbench.startupEditor': 'none',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'workbench.enableExperiments': false,
  'git.openRepositoryInParentFolders': 'never',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.commandCenter.enabled': false,
};

/** A fresh folder with a short path. */
export const newDataFolder = () => fs.mkdtempSync(path.join(os.tmpdir(), 'hr-'));

async function freePort() {
  const server = net.createServer();
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const serverScript = () => path.join(ensureVsCode(), 'out/server-main.js');

/** The caller's environment without what belongs to npm, to another editor or to a debugger. */
function cleanEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(VSCODE_|ELECTRON_|NODE_OPTIONS|npm_|GIT_)/i.test(key)));
}

/** Writes the person's settings; the running server notices. */
export function writeSettings(dataFolder, settings = {}) {
  const folder = path.join(dataFolder, 'data', 'User');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'settings.json'), JSON.stringify({ ...QUIET, ...settings }, null, 2));
}

/** Installs a packaged extension, as a person would with "Install from VSIX…". */
export function installExtension(dataFolder, vsix) {
  const args = [serverScript(), '--server-data-dir', dataFolder, '--accept-server-license-terms', '--install-extension', vsix, '--force'];
  const done = spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...cleanEnvironment(), EXTENSIONS_GALLERY: '{}' } });
  if (done.status !== 0) throw new Error(`the extension was not installed: ${done.stdout}${done.stderr}`);
}

/**
 * Makes extension folders known without packaging them. The workbench's address takes a single development path, so helpers
 * of a test come in this way.
 */
export function linkExtensions(dataFolder, folders) {
  const registry = path.join(dataFolder, 'extensions', 'extensions.json');
  fs.mkdirSync(path.dirname(registry), { recursive: true });
  const present = fs.existsSync(registry) ? JSON.parse(fs.readFileSync(registry, 'utf8')) : [];
  const added = folders.map((folder) => {
    const { publisher, name, version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
    return {
      identifier: { id: `${publisher}.${name}` },
      version,
      location: { $mid: 1, path: path.resolve(folder), scheme: 'file' },
      metadata: { installedTimestamp: Date.now(), source: 'vsix' },
    };
  });
  fs.writeFileSync(registry, JSON.stringify([...present, ...added]));
}

async function untilAnswering(port, child, log) {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null)
      throw new Error(`the VS Code server ended with ${child.exitCode}:\n${fs.readFileSync(log, 'utf8').slice(-2000)}`);
    const answer = await fetch(`http://127.0.0.1:${port}/version`).catch(() => undefined);
    if (answer?.ok) return;
    await delay(100);
  }
  throw new Error(`the VS Code server did not answer within a minute; see ${log}`);
}

/** Ends the server with everything it started: extension hosts, terminals, language servers. */
function endGroup(child, signal) {
  try {
    if (process.platform === 'win32') spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f']);
    else process.kill(-child.pid, signal);
  } catch {
    // It has already ended.
  }
}

/**
 * Starts a VS Code server on 127.0.0.1 with its data in `dataFolder`.
 * - `smokeDriver`: lets a page learn the exit code of a test run, and hides notifications; for host tests only.
 * - `lasting`: stays when nobody is connected; otherwise a server that was left behind ends by itself after some minutes.
 * - `token`: needed in the address (`?tkn=`); without one every local process may connect, which only tests want.
 * - `key`: 32 bytes, the server's half of the key of the secret storage.
 * - `telemetryLevel`: `all` lets extensions see that the person allows telemetry; the settings have to say so too.
 *
 * @param {{ dataFolder: string, port?: number | undefined, token?: string | undefined, key?: Buffer, smokeDriver?: boolean, lasting?: boolean, args?: string[],
 *   telemetryLevel?: string, env?: Record<string, string> }} options
 */
export async function startServer({
  dataFolder,
  port,
  token,
  key = Buffer.alloc(32, 7),
  smokeDriver = false,
  lasting = false,
  args = [],
  telemetryLevel = 'off',
  env = {},
}) {
  fs.mkdirSync(dataFolder, { recursive: true });
  // Sockets go here; their paths are limited to 107 characters, so this one stays short wherever the data is.
  const temporary = newDataFolder();
  const log = path.join(dataFolder, 'server.log');
  const output = fs.openSync(log, 'a');
  const upstream = await freePort();
  const child = spawn(
    process.execPath,
    [
      serverScript(),
      '--host=127.0.0.1',
      `--port=${upstream}`,
      `--server-data-dir=${dataFolder}`,
      `--telemetry-level=${telemetryLevel}`,
      token === undefined ? '--without-connection-token' : `--connection-token=${token}`,
      '--accept-server-license-terms',
      ...(lasting ? [] : ['--enable-remote-auto-shutdown']),
      ...(smokeDriver ? ['--enable-smoke-test-driver'] : []),
      ...args,
    ],
    {
      stdio: ['ignore', output, output],
      detached: process.platform !== 'win32',
      env: { ...cleanEnvironment(), EXTENSIONS_GALLERY: '{}', TMPDIR: temporary, XDG_RUNTIME_DIR: temporary, ...env },
    },
  );
  fs.closeSync(output);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const onExit = () => endGroup(child, 'SIGKILL');
  process.once('exit', onExit);
  let proxy;
  try {
    await untilAnswering(upstream, child, log);
    proxy = await startProxy({ port, upstream, key, token });
  } catch (error) {
    onExit();
    process.off('exit', onExit);
    throw error;
  }
  const stop = async () => {
    process.off('exit', onExit);
    proxy.stop();
    endGroup(child, 'SIGTERM');
    await Promise.race([ended, delay(3000, undefined, { ref: false })]);
    endGroup(child, 'SIGKILL');
    fs.rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  return { port: proxy.port, origin: `http://127.0.0.1:${proxy.port}`, dataFolder, log, ended, stop };
}

/**
 * Address of the workbench on a folder, or on a workspace file; with `testsPath`, of an extension host that runs those tests and ends. `proposals` lets
 * all extensions use proposed API: the address knows no other choice.
 *
 * @param {{ origin: string, port: number }} server
 * @param {{ folder?: string | undefined, workspace?: string | undefined, token?: string, developmentPath?: string | undefined, testsPath?: string, open?: string,
 *   proposals?: boolean | undefined }} what
 */
export function workbenchAddress(server, { folder, workspace, token, developmentPath, testsPath, open, proposals }) {
  const remote = (file) => `vscode-remote://127.0.0.1:${server.port}${file}`;
  const payload = [
    ...(developmentPath ? [['extensionDevelopmentPath', remote(developmentPath)]] : []),
    ...(testsPath ? [['extensionTestsPath', remote(testsPath)]] : []),
    ...(open ? [['openFile', remote(open)]] : []),
    ...(proposals ? [['enableProposedApi', '']] : []),
  ];
  const address = new URL(server.origin);
  if (token) address.searchParams.set('tkn', token);
  if (workspace) address.searchParams.set('workspace', workspace);
  else if (folder) address.searchParams.set('folder', folder);
  if (payload.length > 0) address.searchParams.set('payload', JSON.stringify(payload));
  return address.href;
}
