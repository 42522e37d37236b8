import { isLoopbackHost } from '../../core/ai/models/endpoints.ts';
import { HandrailError } from '../../core/errors.ts';

/** Which database server, as which user. What is missing comes from PostgreSQL's own variables (PGHOST, PGUSER, …). */
export interface PostgresAddress {
  host: string;
  port: number;
  user?: string;
  password?: string;
  database?: string;
  /** False only where the server is on this machine, or where somebody said so. */
  tls: false | { rootCertificate?: string };
}

type Environment = Readonly<Record<string, string | undefined>>;

const PARAMETERS = new Set(['host', 'sslmode', 'sslrootcert']);
const FORM = 'Write it like postgres://USER@HOST:5432/DATABASE; the password stands in PGPASSWORD or ~/.pgpass.';

export function isPostgresUrl(text: string): boolean {
  return /^postgres(?:ql)?:/i.test(text);
}

/**
 * Takes `postgres://user:password@host:port/database?sslmode=…&sslrootcert=…` apart; a socket's folder goes into `host=`. TLS with a checked
 * certificate is the rule for a server on another machine. Fails with `config`, and never repeats what it was given: a password is in it.
 */
export function parsePostgresUrl(text: string, env: Environment): PostgresAddress {
  if (!isPostgresUrl(text) || !URL.canParse(text)) {
    throw new HandrailError('config', 'That is not the address of a PostgreSQL server.', { hint: FORM });
  }
  const { hostname, port, username, password, pathname, searchParams } = new URL(text);
  const unknown = [...searchParams.keys()].find((name) => !PARAMETERS.has(name));
  if (unknown !== undefined) {
    throw new HandrailError('config', `The address of the database server has a part that is not known: ${JSON.stringify(unknown)}.`, {
      hint: `Leave it out; known are ${[...PARAMETERS].join(', ')}.`,
    });
  }
  const host = searchParams.get('host') || decoded(hostname).replace(/^\[|\]$/g, '') || env['PGHOST'] || 'localhost';
  const [user, word, database] = [decoded(username), decoded(password), decoded(pathname.slice(1))];
  return {
    host,
    port: Number(port || env['PGPORT'] || 5432),
    tls: tlsOf(host, searchParams.get('sslmode') ?? env['PGSSLMODE'], searchParams.get('sslrootcert') ?? env['PGSSLROOTCERT']),
    ...(user === '' ? {} : { user }),
    ...(word === '' ? {} : { password: word }),
    ...(database === '' ? {} : { database }),
  };
}

/** For people: without user and password. */
export function shownAddress({ host, port, database }: PostgresAddress): string {
  const place = host.startsWith('/') ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return database === undefined ? place : `${place}/${database}`;
}

function tlsOf(host: string, mode: string | undefined, rootCertificate: string | undefined): PostgresAddress['tls'] {
  const isHere = host.startsWith('/') || isLoopbackHost(host) || host === '::1';
  switch (mode ?? (isHere ? 'disable' : 'verify-full')) {
    case 'disable':
      return false;
    case 'require':
    case 'verify-ca':
    case 'verify-full':
      return rootCertificate === undefined ? {} : { rootCertificate };
    default:
      throw new HandrailError('config', 'That sslmode could send everything unencrypted, or to anybody.', {
        hint: 'Say sslmode=verify-full, or sslmode=disable on a network that nobody else is on.',
      });
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new HandrailError('config', 'A part of the address of the database server is not percent-encoded as addresses are.', {
      hint: 'Write % as %25, @ as %40, / as %2F and : as %3A in user and password.',
    });
  }
}
