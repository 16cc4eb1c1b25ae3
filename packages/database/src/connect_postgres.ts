import { NmcpError } from '@nmcp/types';
import { PostgresDialect } from 'kysely';
import pg from 'pg';
import { explainPostgresError } from './explain_postgres_error.ts';

/** Which database it is. */
export interface PostgresPlace {
  /** Such as `postgres://nmcp:password@localhost/nmcp`; what libpq takes after a `?`, too. */
  url: string;
  /** The setting that the URL comes from, which errors name. */
  setting: string;
  /** What it holds, which errors name: such as `The inventory`. */
  holds: string;
  /** Connections at most. @default 4 */
  connections?: number | undefined;
}

/** A pool of connections to a database. */
export interface PostgresConnection {
  dialect: PostgresDialect;
  /** How to connect beside the pool, such as to listen. */
  config: pg.ClientConfig;
  /** Host, port and database, without user and password. */
  where: string;
  /** Says what a driver's error means; `undefined` for a fault of ours. */
  explain(error: unknown): NmcpError | undefined;
  /** Closes connections that no Kysely does. */
  end(): Promise<void>;
}

const CONNECT_MS = 5000;
/** Milliseconds after which the server gives a statement up, and the client one of which it hears nothing. */
const STATEMENT_MS = 30_000;

/**
 * Prepares connections to a database; none is made before the first statement. TLS is used where the URL asks for it by
 * `sslmode`, and then certificates are verified, unless it says `no-verify`; `sslrootcert` names the file of a CA.
 *
 * @throws {NmcpError} `invalid_config` for a URL that is none
 */
export function connectPostgres({ url, setting, holds, connections = 4 }: PostgresPlace): PostgresConnection {
  const where = placeOf(url, setting);
  const config: pg.ClientConfig = {
    connectionString: verified(url),
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: STATEMENT_MS + CONNECT_MS,
    keepAlive: true,
  };
  const pool = new pg.Pool({ ...config, max: connections });
  // a connection that breaks off fails what is asked of it, and the next one is made anew
  pool.on('error', () => {});
  pool.on('connect', (client) => void client.on('error', () => {}));
  return {
    dialect: new PostgresDialect({ pool }),
    config,
    where,
    explain: (error) => explainPostgresError(error, { where, setting, holds }),
    end: () => pool.end().catch(() => {}), // it was ended
  };
}

/** Where a database is, without the password. */
function placeOf(url: string, setting: string): string {
  try {
    const { protocol, hostname, port, pathname } = new URL(url);
    if (/^postgres(ql)?:$/.test(protocol) && pathname.length > 1)
      return `${hostname}${port ? `:${port}` : ''}${pathname}`;
  } catch {
    // said below
  }
  throw new NmcpError(
    'invalid_config',
    `${setting}: expected postgres://USER:PASSWORD@HOST:PORT/DATABASE${/^\w+:\/\//.test(url) ? '' : '; it is no URL'}`,
  );
}

/** The driver verifies certificates for each of these words, and warns that it may not do so one day. */
function verified(url: string): string {
  return url.replace(/([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/, '$1verify-full');
}
