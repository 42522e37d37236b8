import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The npm package code-server carries the server and the workbench of a VS Code release, ready to run. */
const CODE_SERVER = '4.139.1';

/** Downloads that every checkout shares. Override with HANDRAIL_CACHE. */
export const cacheFolder = () =>
  process.env.HANDRAIL_CACHE || path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'handrail');

/**
 * Stand-in for the native logger, which would need a compiler: writes the log files behind output channels.
 * Same surface as @vscode/spdlog.
 */
const LOGGER = `
const fs = require('fs'), path = require('path');
const LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];
class Logger {
  constructor(type, name, file) {
    this.name = name; this.level = 2; this.raw = false;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    this.fd = fs.openSync(file, 'a');
  }
  #write(level, message) {
    if (level < this.level || this.fd === undefined) return;
    const stamp = new Date().toISOString().replace('T', ' ').slice(0, 23);
    fs.writeSync(this.fd, this.raw ? String(message) : stamp + ' [' + LEVELS[level] + '] ' + message + '\\n');
  }
  trace(m) { this.#write(0, m); } debug(m) { this.#write(1, m); } info(m) { this.#write(2, m); }
  warn(m) { this.#write(3, m); } error(m) { this.#write(4, m); } critical(m) { this.#write(5, m); }
  getLevel() { return this.level; } setLevel(level) { this.level = level; }
  setPattern() {} clearFormatters() { this.raw = true; } flush() {}
  drop() { if (this.fd !== undefined) fs.closeSync(this.fd); this.fd = undefined; }
}
exports.version = 1;
exports.Logger = Logger;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.createRotatingLogger = async (name, file) => new Logger('rotating', name, file);
exports.createAsyncRotatingLogger = exports.createRotatingLogger;
`;
/** Stand-in for the native watchdog; the extension host also watches its parent by polling. */
const WATCHDOG = 'exports.start = () => {}; exports.exit = (code) => process.exit(code || 0);';

function npmInstall(cwd, ...more) {
  const done = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...more], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
    // npm hands its own configuration to child processes; a nested install must not inherit the project's.
    env: Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^npm_(config_local_prefix|package_|lifecycle_)/i.test(key))),
  });
  if (done.status !== 0)
    throw new Error(`VS Code could not be installed from npm into ${cwd}. Check the network and run the command again.`);
}

/** Installs npm packages into a shared folder once. Safe against a second process doing the same and against being killed half-way. */
export function installOnce(folder, prepare) {
  const ready = path.join(folder, '.ready');
  if (fs.existsSync(ready)) return folder;
  const fresh = `${folder}.${process.pid}`;
  fs.rmSync(fresh, { recursive: true, force: true });
  fs.mkdirSync(fresh, { recursive: true });
  fs.writeFileSync(path.join(fresh, 'package.json'), '{ "private": true }\n');
  prepare(fresh, npmInstall);
  fs.writeFileSync(path.join(fresh, '.ready'), '');
  if (fs.existsSync(ready)) {
    fs.rmSync(fresh, { recursive: true, force: true });
    return folder;
  }
  fs.rmSync(folder, { recursive: true, force: true });
  fs.renameSync(fresh, folder);
  return folder;
}

/** Folder of the VS Code server (`out/server-main.js`), installed on first use. */
export function ensureVsCode() {
  const folder = path.join(cacheFolder(), `vscode-${CODE_SERVER}`);
  if (!fs.existsSync(path.join(folder, '.ready'))) console.error('Installing VS Code (once, some 600 MB)…');
  installOnce(folder, (fresh, npm) => {
    npm(fresh, '--omit=optional', `code-server@${CODE_SERVER}`);
    const server = path.join(fresh, 'node_modules/code-server/lib/vscode');
    // `npm ci` fails in these two: the lock file that is shipped lacks tslib.
    npm(server, '--omit=dev');
    npm(path.join(server, 'extensions'), '--omit=dev');
    fs.writeFileSync(path.join(server, 'node_modules/@vscode/spdlog/index.js'), LOGGER);
    fs.writeFileSync(path.join(server, 'node_modules/@vscode/native-watchdog/index.js'), WATCHDOG);
  });
  return path.join(folder, 'node_modules/code-server/lib/vscode');
}
