import { Redis } from 'ioredis';
import { beforeAll, beforeEach } from 'vitest';

import { connectRedis, type RedisConnection } from '../../src/adapters/redis/connect.ts';
import { startRedisServer, type RedisServer } from '../../src/standin/redis-server.ts';

/** What a file's hooks and tests use of its Redis server. */
export type LocalRedis = {
  readonly url: string;
  readonly port: number;
  /** To arrange and to inspect. */
  readonly redis: Redis;
  /** As Drover connects; opened on first use. */
  readonly connection: RedisConnection;
};

/**
 * A Redis server for the tests of a file or a suite, empty before each of them unless `keep` is set. It exists from the
 * first hook on that is registered after this call, and stops after the last. `args` are those of `redis-server`.
 */
export function localRedis(
  options: { readonly args?: readonly string[]; readonly keep?: boolean } = {},
): LocalRedis {
  let server: RedisServer;
  let redis: Redis;
  let connection: RedisConnection;
  beforeAll(async () => {
    server = await startRedisServer({ args: options.args ?? [] });
    redis = new Redis(server.url);
    connection = connectRedis(server.url, { tlsVerify: true });
    return async () => {
      connection.close();
      redis.disconnect();
      await server.stop();
    };
  });
  beforeEach(async () => {
    if (options.keep !== true) await redis.flushall();
  });
  return {
    get url() {
      return server.url;
    },
    get port() {
      return server.port;
    },
    get redis() {
      return redis;
    },
    get connection() {
      return connection;
    },
  };
}
