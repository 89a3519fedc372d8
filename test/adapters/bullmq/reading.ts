import { beforeAll } from 'vitest';

import { connectRedis, type RedisConnection } from '../../../src/adapters/redis/connect.ts';
import type { Backlog, BacklogSource } from '../../../src/ports.ts';
import type { LocalRedis } from '../../support/local-redis.ts';
import { patience } from '../../support/patience.ts';

/** How queues are read: by a user who may run scripts, and by one who may not. */
export const MODES = ['script', 'plain'] as const;
export type Mode = (typeof MODES)[number];

/** A connection for each mode. */
export function connectionsByMode(local: LocalRedis): (mode: Mode) => RedisConnection {
  let plain: RedisConnection;
  beforeAll(async () => {
    await local.redis.acl('SETUSER', 'plain', 'on', '>pw', '~*', '+@all', '-@scripting');
    plain = connectRedis(`redis://plain:pw@127.0.0.1:${local.port}`, { tlsVerify: true });
    return () => plain.close();
  });
  return (mode) => (mode === 'plain' ? plain : local.connection);
}

/** What the source reads of these queues. */
export async function backlogOf(
  source: BacklogSource,
  patterns: readonly string[],
  { at = Date.now(), horizonMs = 0 }: { readonly at?: number; readonly horizonMs?: number } = {},
): Promise<Backlog> {
  const [backlog] = await source.read([{ patterns, horizonMs }], at, patience());
  if (!backlog) throw new Error('no backlog');
  return backlog;
}
