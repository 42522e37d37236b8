/**
 * The first thing every npm script loads. Runs on Node 20 with nothing installed: installs the npm packages when they are
 * missing or do not match the lock file, then continues on the project's own Node, which runs TypeScript directly.
 */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..');
const modules = path.join(root, 'node_modules');

/** Ends the process with a plain sentence; for what a person has to mend. */
export function giveUp(message) {
  console.error(`\n${message}\n`);
  process.exit(2);
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Whether every package of the lock file is installed in its version. Packages of other platforms may be absent. */
export function packagesMatch(lock, installed) {
  return Object.entries(lock?.packages ?? {}).every(([where, wanted]) => {
    if (where === '') return true;
    const found = installed?.packages?.[where];
    return found ? found.version === wanted.version : wanted.optional === true;
  });
}

function installPackages() {
  const lock = readJson(path.join(root, 'package-lock.json'));
  if (packagesMatch(lock, readJson(path.join(modules, '.package-lock.json')))) return;
  console.error('Installing npm packages (once)…');
  const npm = (...args) =>
    spawnSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
  const strict = npm('ci');
  if (strict.status === 0) return;
  // `npm ci` refuses a lock file without the packages of every other platform, which a registry need not have; the plain
  // install takes the same versions from it and leaves out what does not exist.
  const plain = npm('install', '--no-save');
  if (plain.status !== 0) {
    console.error(plain.stderr);
    giveUp('npm could not install the packages. Check the network and the messages above, then run the command again.');
  }
}

const runsTypeScript = (version) => {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18);
};

function projectNode() {
  for (const name of ['node', 'node.exe']) {
    const candidate = path.join(modules, '.bin', name);
    if (!fs.existsSync(candidate)) continue;
    const version = spawnSync(candidate, ['--version'], { encoding: 'utf8' });
    if (version.status === 0 && runsTypeScript(version.stdout.trim())) return candidate;
  }
  return undefined;
}

/** Environment for child processes: the project's Node and tools come first on the PATH, npm's own variables are left out. */
export function projectEnvironment(extra = {}) {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^npm_/i.test(key)));
  return { ...clean, PATH: `${path.join(modules, '.bin')}${path.delimiter}${process.env.PATH ?? ''}`, ...extra };
}

/** Calls back once the process that started this one is gone: npm that is ended does not end what it started. */
export function whenOrphaned(callback) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, 1000);
  timer.unref();
}

/**
 * Makes sure that packages are there and that the calling script runs on a Node that runs TypeScript. When it does not, the
 * script is started again on the project's Node and this call never returns.
 */
export async function bootstrap() {
  if (spawnSync('git', ['--version']).status !== 0) {
    giveUp('git is needed and was not found. Install it (on Debian: apt-get install git) and run the command again.');
  }
  installPackages();
  const node = projectNode();
  if (runsTypeScript(process.version) && (!node || process.execPath === fs.realpathSync(node))) return;
  if (!node)
    giveUp(
      `Node 22.18 or later is needed; this is ${process.version} and npm has no Node package for ${process.platform}-${process.arch}.`,
    );
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit', env: projectEnvironment() });
  // The child shares the terminal and gets Ctrl-C itself; this process only waits for it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  whenOrphaned(() => child.kill('SIGTERM'));
  const code = await new Promise((resolve) => child.once('exit', (status, signal) => resolve(status ?? (signal === 'SIGINT' ? 130 : 1))));
  process.exit(code);
}
