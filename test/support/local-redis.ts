import { afterAll, beforeAll, beforeEach } from 'vitest';

import { connectRedis, type RedisConnection } from '../../src/adapters/redis/connect.ts';
import { startRedisServer, type RedisServer } from '../../src/standin/redis-server.ts';

/** A Redis server for the tests of a file, empty before each of them. The connection exists from the first test on. */
export function localRedis(): { readonly connection: RedisConnection } {
  let server: RedisServer;
  let connection: RedisConnection;
  beforeAll(async () => {
    server = await startRedisServer();
    connection = connectRedis(server.url, { tlsVerify: true });
  });
  beforeEach(async () => {
    await connection.use(AbortSignal.timeout(10_000), async (client) => await client.flushall());
  });
  afterAll(async () => {
    connection.close();
    await server.stop();
  });
  return {
    get connection() {
      return connection;
    },
  };
}
