import { startEmbeddedDatabase } from '../store/embedded.ts';
import { openPostgres } from '../store/postgres.ts';
import type { Closers } from './closers.ts';

/**
 * The address of an empty database: an embedded one, or, if DATABASE_URL is set, a schema of its own in that database,
 * which is dropped at the end. Existing data is not touched.
 */
export async function openDatabase(databaseUrl: string | undefined, closers: Closers): Promise<string> {
  if (databaseUrl === undefined) {
    const database = await startEmbeddedDatabase();
    closers.add(async () => await database.stop());
    return database.url;
  }
  const schema = `newsletter_local_${process.pid}_${Date.now()}`;
  const store = openPostgres(databaseUrl, { timeoutMs: 60_000, connections: 1 });
  closers.add(async () => await store.close());
  await store.query(`create schema ${schema}`);
  closers.add(async () => await store.query(`drop schema ${schema} cascade`));
  const url = new URL(databaseUrl);
  url.searchParams.set('options', `-c search_path=${schema}`);
  return url.href;
}
