import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import pg from 'pg';
import { ensurePostgres, postgresEnvironment } from '../../scripts/postgres.mjs';

/** A PostgreSQL server of the tests' own: data in a temporary folder, on this machine only, gone with the process that started it. */
export interface PostgresServer {
  readonly port: number;
  /** With the password of the user `handrail`, who may do everything. */
  readonly url: string;
  readonly password: string;
  /** The same server as other users or databases see it. */
  urlOf(user: string, password: string, database?: string): string;
  /** Asks as `handrail`, on a connection of its own. */
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** What the server wrote so far; it logs every statement. */
  log(): string;
  stop(): Promise<void>;
}

const PASSWORD = 'not-a-secret-5f3a';

/** Ends the server when its own input ends, which it does however this process ends; then nobody needs the folder any more. */
const KEEPER = `trap : INT TERM
"$1/pg_ctl" start --silent --wait --pgdata="$2/data" --log="$2/log" </dev/null >/dev/null 2>&1 && echo ready && cat >/dev/null
"$1/pg_ctl" stop --silent --mode=immediate --pgdata="$2/data" >/dev/null 2>&1
rm -rf "$2"`;

/** Starts a server. Undefined, with a line that says so, on systems other than Debian that have no PostgreSQL. */
export async function startPostgres(): Promise<PostgresServer | undefined> {
  const found = ensurePostgres();
  if (found === undefined) {
    console.log('      PostgreSQL is not installed, so its tests are left out. Install it, or set HANDRAIL_POSTGRES to its bin folder.');
    return undefined;
  }
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'handrail-postgres-')));
  const user = unprivileged();
  const { bin, env } = reachable(found, folder, user);
  const data = join(folder, 'data');
  mkdirSync(data);
  writeFileSync(join(folder, 'password'), PASSWORD);
  // All of it, so that the keeper can remove it.
  if (user !== undefined) spawnSync('chown', ['-R', `${user.uid}:${user.gid}`, folder], { stdio: 'inherit' });
  const options = { cwd: folder, env: { ...process.env, ...env }, ...user };
  const made = spawnSync(
    join(bin, 'initdb'),
    [
      `--pgdata=${data}`,
      '--username=handrail',
      `--pwfile=${join(folder, 'password')}`,
      '--auth=scram-sha-256',
      '--no-locale',
      '--no-sync',
      '--encoding=UTF8',
    ],
    { ...options, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`, { cause: made.error });
  const port = await freePort();
  // A log of its own, and no pipe: a test that waits for a process reads none meanwhile.
  const log = join(folder, 'log');
  const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: folder, fsync: 'off', log_statement: 'all', jit: 'off' };
  appendFileSync(
    join(data, 'postgresql.conf'),
    Object.entries(settings)
      .map(([name, value]) => `${name} = '${value}'\n`)
      .join(''),
  );
  const keeper = spawn('/bin/sh', ['-c', KEEPER, 'sh', bin, folder], { ...options, stdio: ['pipe', 'pipe', 'inherit'] });
  const [said] = (await Promise.race([once(keeper.stdout, 'data'), once(keeper, 'close')])) as unknown[];
  if (String(said).trim() !== 'ready') throw new Error('PostgreSQL did not start.');
  return server(keeper, port, log);
}

function server(keeper: ChildProcess, port: number, log: string): PostgresServer {
  const urlOf: PostgresServer['urlOf'] = (name, password, database = 'postgres') =>
    `postgres://${name}:${password}@127.0.0.1:${port}/${database}`;
  const url = urlOf('handrail', PASSWORD);
  return {
    port,
    url,
    password: PASSWORD,
    urlOf,
    async query(text, values = []) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        return (await client.query<Record<string, unknown>>(text, values)).rows;
      } finally {
        await client.end();
      }
    },
    log: () => readFileSync(log, 'utf8'),
    async stop() {
      const ended = once(keeper, 'close');
      keeper.stdin?.end();
      await ended;
    },
  };
}

/** PostgreSQL refuses to run as root. Undefined where this process is somebody else. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  const known = (name: string): string | undefined => users.find((line) => line.startsWith(`${name}:`));
  const [, , uid, gid] = (known('postgres') ?? known('nobody') ?? '').split(':');
  if (uid === undefined || gid === undefined) throw new Error('There is no user that PostgreSQL could run as.');
  return { uid: Number(uid), gid: Number(gid) };
}

/** What lies in root's cache is out of that user's reach, so it gets a copy. */
function reachable(found: NonNullable<ReturnType<typeof ensurePostgres>>, folder: string, user: object | undefined) {
  if (found.root === undefined || user === undefined) return { bin: found.bin, env: postgresEnvironment(found) };
  const root = join(folder, 'root');
  cpSync(found.root, root, { recursive: true, verbatimSymlinks: true });
  return { bin: join(root, relative(found.root, found.bin)), env: postgresEnvironment({ root }) };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
