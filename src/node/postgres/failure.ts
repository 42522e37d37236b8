import { failureOf, HandrailError } from '../../core/errors.ts';

/** What a failure of a database server means to a person. SQLSTATE codes: https://www.postgresql.org/docs/current/errcodes-appendix.html */
export function databaseFailure(error: unknown, server: string, { tls }: { tls: boolean }): HandrailError {
  const known = failureOf(error);
  if (known !== undefined) return known;
  const code = codeOf(error);
  switch (code) {
    case '28P01':
    case '28000':
      return new HandrailError('unauthorised', `${server} refused the user or the password.`, {
        hint: 'Correct the user in the address, and the password in PGPASSWORD or ~/.pgpass.',
        cause: error,
      });
    case '3D000':
      return new HandrailError('not-found', `${server}: there is no such database.`, {
        hint: 'Correct the name in the address, or let createdb make it.',
        cause: error,
      });
    case '42501':
      return new HandrailError('unauthorised', `${server} does not allow this user to do that.`, {
        hint: 'Let its owner say GRANT CREATE ON DATABASE … TO …; docs/scale.md lists what is needed.',
        cause: error,
      });
    case '53300':
    case '57P03':
      return new HandrailError('unreachable', `${server} takes no connection just now.`, { hint: 'Try again in a while.', cause: error });
    default:
      if (code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]+$/.test(code)) {
        return new HandrailError('bad-response', `${server} failed with SQLSTATE ${code}; nothing was kept.`, {
          hint: 'Look into its log. If its version is older than PostgreSQL 13, use a newer one.',
          cause: error,
        });
      }
      return new HandrailError('unreachable', `${server} could not be reached, or the connection broke.`, {
        hint: tls
          ? 'Look whether it runs there, and whether it offers TLS with a certificate that this machine knows (sslrootcert=FILE).'
          : 'Look whether it runs there, and whether the port is right.',
        cause: error,
      });
  }
}

/** SQLSTATE, or the code of a system's error. */
export function codeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
