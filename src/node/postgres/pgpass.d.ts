/** The password that ~/.pgpass (or PGPASSFILE) has for a connection, to the callback; undefined where it has none. */
declare module 'pgpass' {
  export default function pgpass(
    connection: { host: string; port: number; database?: string; user?: string },
    callback: (password: string | undefined) => void,
  ): void;
}
