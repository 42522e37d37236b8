import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { cacheFolder, installOnce } from './vscode/install.mjs';

/** Where packages put the server, which most of them leave off the PATH. */
const FOLDERS = ['/usr/lib/postgresql/*/bin', '/opt/homebrew/opt/postgresql@*/bin', '/usr/local/opt/postgresql@*/bin', '/usr/pgsql-*/bin'];

/** Of what the server's package asks for, what it needs to run: libraries, without those of its compiler, which loads on demand. */
const NEEDED = /^(?:postgresql-\d+|lib(?!llvm|z3|c-|perl|gdbm|.*-perl_)[^_]+)_/;
const NOT_NEEDED = ['usr/share/doc', 'usr/share/locale', 'usr/share/man', 'usr/lib/postgresql/*/lib/bitcode'];

/**
 * @typedef {object} Postgres
 * @property {string} bin folder of `initdb` and `postgres`
 * @property {string | undefined} root folder that all of it lies in, where it is in none of the system's
 */

const isComplete = (folder) => ['initdb', 'postgres'].every((name) => fs.existsSync(path.join(folder, name)));

function installed() {
  const named = process.env.HANDRAIL_POSTGRES;
  if (named) return [named].find(isComplete);
  const onPath = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return [...onPath, ...FOLDERS.flatMap((pattern) => fs.globSync(pattern)).toReversed()].find(isComplete);
}

function isDebian() {
  if (process.platform !== 'linux' || spawnSync('apt-get', ['--version']).status !== 0) return false;
  return fs.existsSync('/etc/debian_version');
}

/** Debian's package is only unpacked: installed, it would leave a server running, and it would take root. */
function unpacked(fresh) {
  console.error('Fetching PostgreSQL (once)…');
  const state = path.join(fresh, 'apt');
  for (const name of ['lists/partial', 'cache/archives/partial']) fs.mkdirSync(path.join(state, name), { recursive: true });
  const options = [
    `Dir::State::lists=${state}/lists`,
    `Dir::Cache=${state}/cache`,
    'Debug::NoLocking=1',
    // Another user has no access to this folder, and what is fetched is checked by its signature all the same.
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  const run = (program, ...args) => {
    const done = spawnSync(program, args, { cwd: fresh, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    if (done.status === 0) return done.stdout;
    throw new Error(
      'PostgreSQL could not be fetched from Debian. Install the package postgresql, or set HANDRAIL_POSTGRES to its bin folder.',
    );
  };
  run('apt-get', ...options, '-qq', 'update');
  const wanted = run('apt-get', ...options, '-qq', '--print-uris', '--no-install-recommends', '-y', 'install', 'postgresql');
  const files = [...wanted.matchAll(/^'[^']+' (\S+\.deb) /gm)].map(([, file]) => file).filter((file) => NEEDED.test(file));
  run('apt-get', ...options, '-qq', 'download', ...files.map((file) => file.split('_')[0]));
  for (const file of fs.globSync('*.deb', { cwd: fresh })) {
    run('dpkg-deb', '--extract', file, path.join(fresh, 'root'));
    fs.rmSync(path.join(fresh, file));
  }
  const root = path.join(fresh, 'root');
  for (const folder of fs.globSync(NOT_NEEDED, { cwd: root })) fs.rmSync(path.join(root, folder), { recursive: true });
  fs.rmSync(state, { recursive: true });
}

/**
 * A PostgreSQL: of HANDRAIL_POSTGRES (its bin folder), one that is installed, on Debian its package unpacked into the cache. Undefined
 * on other systems without one.
 * @returns {Postgres | undefined}
 */
export function ensurePostgres() {
  const bin = installed();
  if (bin !== undefined) return { bin, root: undefined };
  if (!isDebian()) return undefined;
  const release = fs.readFileSync('/etc/debian_version', 'utf8').trim().replace(/\W.*$/, '');
  const root = path.join(installOnce(path.join(cacheFolder(), `postgresql-${release}-${process.arch}`), unpacked), 'root');
  const [own] = fs.globSync('usr/lib/postgresql/*/bin', { cwd: root }).map((folder) => path.join(root, folder));
  if (own === undefined) throw new Error(`${root} holds no PostgreSQL. Delete it and run the command again.`);
  return { bin: own, root };
}

/** What has to be in the environment of a server in `root`, for it to find its libraries. */
export function postgresEnvironment({ root }) {
  const folders =
    root === undefined ? [] : fs.globSync(['usr/lib/*-linux-*', 'lib/*-linux-*'], { cwd: root }).map((one) => path.join(root, one));
  return folders.length === 0 ? {} : { LD_LIBRARY_PATH: folders.join(':') };
}
