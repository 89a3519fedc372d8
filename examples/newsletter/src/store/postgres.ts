import pg from 'pg';

import { StoreTimeout, type Store } from './store.ts';

/** PostgreSQL's own word for a statement that `statement_timeout` ended. */
const QUERY_CANCELED = '57014';

export type PostgresOptions = {
  /** Longest time for one query, the wait for a connection included. */
  readonly timeoutMs: number;
  /** Connections at most: a small plan allows twenty for all dynos together. */
  readonly connections: number;
};

export function openPostgres(url: string, { timeoutMs, connections }: PostgresOptions): Store {
  const local = ['localhost', '127.0.0.1'].includes(new URL(url).hostname);
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    // The database gives up a little before the client, so that it never works on a query without a reader.
    statement_timeout: Math.ceil(timeoutMs * 0.95),
    // Heroku Postgres has a self-signed certificate.
    ...(local ? {} : { ssl: { rejectUnauthorized: false } }),
  });
  // An idle connection that breaks is replaced at the next query, which tells if that fails too.
  pool.on('error', () => {});

  return {
    query: async <Row>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> => {
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(new StoreTimeout(text, timeoutMs)), timeoutMs);
      try {
        return await run<Row>(pool, text, values, late.signal);
      } catch (error) {
        if (error instanceof pg.DatabaseError && error.code === QUERY_CANCELED) {
          throw new StoreTimeout(text, timeoutMs);
        }
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
    close: async () => await pool.end(),
  };
}

async function run<Row>(
  pool: pg.Pool,
  text: string,
  values: readonly unknown[],
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const connecting = pool.connect();
  const client = await orAborted(connecting, signal).catch((error: unknown) => {
    // It may come later: then it goes back unused.
    void connecting.then(
      (late) => late.release(),
      () => {},
    );
    throw error;
  });
  try {
    const { rows } = await orAborted(client.query(text, [...values]), signal);
    client.release();
    return rows as Row[];
  } catch (error) {
    // A connection whose query was given up must not serve the next one.
    client.release(signal.aborted);
    throw error;
  }
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => {});
  return await new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
