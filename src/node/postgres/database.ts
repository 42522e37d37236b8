import { readFileSync } from 'node:fs';
import pg from 'pg';
import pgpass from 'pgpass';
import { failureOf, HandrailError } from '../../core/errors.ts';
import type { CancelSignal } from '../../core/ports.ts';
import { parsePostgresUrl, type PostgresAddress, shownAddress } from './address.ts';
import { codeOf, databaseFailure } from './failure.ts';

const CONNECT_MS = 15_000;

/** A connection to a PostgreSQL server, or one that speaks its protocol. Statements run one after the other. */
export interface Database {
  /** Where it is, for people; without user and password. */
  readonly server: string;
  /** Runs one statement. 64-bit integers and numerics come as text. Fails with HandrailError. */
  rows<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /**
   * All of `work`, or nothing: it is rolled back when it fails, when the signal ends it and when this process does. Runs again, three times
   * at most, where the server could not bring it into an order with what others did meanwhile.
   */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  env: Readonly<Record<string, string | undefined>>;
  signal: CancelSignal;
}

/** Connects. Fails with `config` for an address that is none, else as {@link databaseFailure} says. */
export async function openDatabase(url: string, { env, signal }: DatabaseOptions): Promise<Database> {
  const address = parsePostgresUrl(url, env);
  const server = shownAddress(address);
  const client = new pg.Client(configOf(address, server, env));
  // A connection that breaks while nobody asks anything is noticed with the next statement.
  client.on('error', () => {});
  const stop = (): void => void client.end().catch(() => {});
  signal.addEventListener('abort', stop, { once: true });
  const failed = (error: unknown): HandrailError =>
    signal.aborted
      ? new HandrailError('cancelled', 'It was cancelled; nothing was kept.', { cause: error })
      : databaseFailure(error, server, { tls: address.tls !== false });
  const close = async (): Promise<void> => {
    signal.removeEventListener('abort', stop);
    await client.end().catch(() => {});
  };
  const ask = async <Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<Row[]> =>
    (await client.query<Row>(sql, [...values])).rows;
  try {
    if (signal.aborted) throw new HandrailError('cancelled', 'It was cancelled.');
    await client.connect();
  } catch (error) {
    await close();
    throw failed(error);
  }
  const rows: Database['rows'] = async (sql, values) => {
    try {
      return await ask(sql, values);
    } catch (error) {
      throw failed(error);
    }
  };
  return {
    server,
    close,
    rows,
    async transaction(work) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          await rows('BEGIN');
          const result = await work();
          await rows('COMMIT');
          return result;
        } catch (error) {
          // On a connection that broke there is nothing to roll back.
          await ask('ROLLBACK').catch(() => {});
          if (attempt === 3 || signal.aborted || !isInTheWay(failureOf(error)?.cause)) throw error;
        }
      }
    },
  };
}

/** Serialization failures and deadlocks, and what two that make the same tables or rows at once see. */
function isInTheWay(error: unknown): boolean {
  return ['40001', '40P01', '23505', '42P06', '42P07', '42710', 'XX000'].includes(codeOf(error) ?? '');
}

function configOf(address: PostgresAddress, server: string, env: DatabaseOptions['env']): pg.ClientConfig {
  const { host, port, user, database, tls } = address;
  return {
    host,
    port,
    ...(user === undefined ? {} : { user }),
    ...(database === undefined ? {} : { database }),
    application_name: 'handrail',
    connectionTimeoutMillis: CONNECT_MS,
    ssl: tls === false ? false : { rejectUnauthorized: true, ...certificate(tls) },
    // Only asked for when the server wants one.
    password: async () => address.password ?? env['PGPASSWORD'] ?? (await storedPassword(address, server, env)),
  };
}

function certificate({ rootCertificate }: { rootCertificate?: string }): { ca?: string } {
  if (rootCertificate === undefined || rootCertificate === 'system') return {};
  try {
    return { ca: readFileSync(rootCertificate, 'utf8') };
  } catch (error) {
    throw new HandrailError('not-found', 'The file of sslrootcert cannot be read.', { hint: 'Correct its path.', cause: error });
  }
}

async function storedPassword(
  { host, port, user, database }: PostgresAddress,
  server: string,
  env: DatabaseOptions['env'],
): Promise<string> {
  const name = user ?? env['PGUSER'] ?? env['USER'] ?? env['USERNAME'] ?? '';
  const stored = await new Promise<string | undefined>((resolve) =>
    pgpass({ host, port, user: name, database: database ?? env['PGDATABASE'] ?? name }, resolve),
  );
  if (stored !== undefined) return stored;
  throw new HandrailError('no-key', `${server} wants a password.`, {
    hint: 'Set PGPASSWORD, or add a line to ~/.pgpass that only you can read.',
  });
}
