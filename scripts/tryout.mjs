import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { prepareExample } from './example.mjs';
import { packageExtension } from './vsix.mjs';
import { whenOrphaned } from './bootstrap.mjs';
import { cacheFolder } from './vscode/install.mjs';
import { installExtension, startServer, workbenchAddress, writeSettings } from './vscode/server.mjs';

/** The folder to open: the caller's, or a working copy of the example that is kept from start to start. */
async function project({ folder, data }) {
  if (folder !== undefined) {
    const own = path.resolve(folder);
    if (!fs.existsSync(own)) throw new Error(`There is no folder ${own}.`);
    return own;
  }
  const copy = path.join(data, 'shop');
  if (!fs.existsSync(path.join(copy, '.git'))) {
    fs.rmSync(copy, { recursive: true, force: true });
    await prepareExample(copy);
  }
  return copy;
}

function dataFolder({ data = path.join(cacheFolder(), 'start'), fresh }) {
  if (fresh) fs.rmSync(data, { recursive: true, force: true });
  fs.mkdirSync(data, { recursive: true });
  return path.resolve(data);
}

/** Random bytes of this installation, the same at every start; readable by this person alone. */
function installationSecret(data, name, bytes) {
  const file = path.join(data, name);
  if (!fs.existsSync(file)) fs.writeFileSync(file, randomBytes(bytes).toString('hex'), { mode: 0o600 });
  return Buffer.from(fs.readFileSync(file, 'utf8'), 'hex');
}

function openBrowser(address) {
  const display = process.env.DISPLAY || process.env.WAYLAND_DISPLAY || process.platform !== 'linux';
  if (!display) return;
  const [command, args] =
    process.platform === 'darwin' ? ['open', [address]] : process.platform === 'win32' ? ['explorer', [address]] : ['xdg-open', [address]];
  // Without a browser the printed address is all there is.
  spawn(command, args, { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}

async function startOnFreePort(options) {
  try {
    return await startServer(options);
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error;
    console.error(`Port ${options.port} is taken, so another one is used; keys set before are known only on port ${options.port}.`);
    return startServer({ ...options, port: 0 });
  }
}

/** Serves VS Code on 127.0.0.1 until Ctrl-C. */
export async function startInBrowser({ port, open, ...options }) {
  const data = dataFolder(options);
  const vsix = await packageExtension();
  const folder = await project({ ...options, data });
  const serverData = path.join(data, 'vscode');
  installExtension(serverData, vsix);
  // The example is ours, so nobody has to be asked whether to trust it; a person's own folder is asked about, as always.
  if (!fs.existsSync(path.join(serverData, 'data/User/settings.json'))) {
    writeSettings(serverData, { 'workbench.startupEditor': 'readme', 'security.workspace.trust.enabled': options.folder !== undefined });
  }
  const token = installationSecret(data, 'token', 16).toString('hex');
  const server = await startOnFreePort({
    dataFolder: serverData,
    port,
    token,
    key: installationSecret(data, 'key', 32),
    lasting: true,
    env: { HANDRAIL_HOME: process.env.HANDRAIL_HOME || path.join(data, 'home') },
  });
  const address = workbenchAddress(server, { folder, token });
  console.log(`\nHandrail is open in VS Code on ${folder}\n\n${address}\n\nCtrl-C stops it.`);
  if (open) openBrowser(address);
  const asked = new Promise((resolve) => {
    // npm passes on the signal that the terminal has sent already, so each may come twice.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve('asked'));
    whenOrphaned(() => resolve('asked'));
  });
  const why = await Promise.race([asked, server.ended]);
  await server.stop();
  if (why !== 'asked') throw new Error(`VS Code ended by itself; its log is ${server.log}`);
}

/** Opens the desktop VS Code on the PATH with its own data folder, so that a person's settings stay as they are. */
export async function startDesktop(options) {
  const shell = process.platform === 'win32';
  if (spawnSync('code', ['--version'], { shell }).status !== 0) {
    throw new Error('There is no `code` on the PATH. Start without --desktop, or install VS Code and its shell command.');
  }
  const data = dataFolder(options);
  const vsix = await packageExtension();
  const folder = await project({ ...options, data });
  const own = [`--user-data-dir=${path.join(data, 'desktop')}`, `--extensions-dir=${path.join(data, 'desktop-extensions')}`];
  const run = (...args) => spawnSync('code', [...own, ...args], { stdio: 'inherit', shell }).status;
  if (run('--install-extension', vsix, '--force') !== 0) throw new Error('The extension could not be installed; see the messages above.');
  if (run('--new-window', folder) !== 0) throw new Error('VS Code could not be opened; see the messages above.');
}
