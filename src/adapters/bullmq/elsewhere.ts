import { Cluster, type Redis } from 'ioredis';

import type { RedisConnection } from '../redis/connect.ts';
import { databasesIn } from './server-facts.ts';
import { escapeGlob } from './queue-directory.ts';
import { EXISTENCE_KEYS, queueBase } from './queue-keys.ts';
import { isPattern } from './queue-names.ts';

/** Where a queue is that the settings do not lead to. */
export type Elsewhere = {
  /** Other prefixes in the selected database. */
  readonly prefixes: readonly string[];
  /** Other databases in which the prefix has the queue. */
  readonly databases: readonly number[];
};

/** Bounds the search on a large Redis, as for names: a thousand keys a step. */
const STEPS = 200;
const KEYS_A_STEP = 1_000;
const MOST_FOUND = 3;
const MOST_DATABASES = 16;

/** Looks for a queue that is missing: under other prefixes, then in other databases. Finds nothing where it may not look. */
export async function findElsewhere(
  connection: RedisConnection,
  { queue, prefix }: { readonly queue: string; readonly prefix: string },
  signal: AbortSignal,
): Promise<Elsewhere> {
  return await connection.use(signal, async (client) => {
    // A cluster has one database, and its prefixes would have to be searched on every node.
    if (client instanceof Cluster) return { prefixes: [], databases: [] };
    const prefixes = await prefixesOf(client, queue).catch(() => []);
    const databases = prefixes.length > 0 ? [] : await databasesOf(client, queue, prefix).catch(() => []);
    return { prefixes, databases };
  });
}

async function prefixesOf(client: Redis, queue: string): Promise<string[]> {
  const match = `*:${escapeGlob(queue).replaceAll(String.raw`\*`, '*')}:meta`;
  const found = new Set<string>();
  let cursor = '0';
  for (let step = 0; step < STEPS && found.size < MOST_FOUND; step += 1) {
    const [next, keys] = await client.scan(cursor, 'MATCH', match, 'COUNT', KEYS_A_STEP);
    for (const key of keys) found.add(key.slice(0, key.indexOf(':')));
    cursor = next;
    if (cursor === '0') break;
  }
  return [...found].slice(0, MOST_FOUND);
}

async function databasesOf(client: Redis, queue: string, prefix: string): Promise<number[]> {
  if (isPattern(queue)) return [];
  const others = databasesIn(await client.info('keyspace')).filter((index) => index !== client.options.db);
  const has = await Promise.all(
    others.slice(0, MOST_DATABASES).map(async (index) => {
      const other = client.duplicate({ db: index, lazyConnect: true, enableOfflineQueue: true });
      // What is refused shows in the reply; without a listener the process would end.
      other.on('error', () => {});
      try {
        return (await other.exists(EXISTENCE_KEYS.map((key) => queueBase(prefix, queue) + key))) > 0;
      } finally {
        other.disconnect();
      }
    }),
  );
  return others.filter((_, position) => has[position] === true);
}
