import { FORGETTABLE } from '../../core/beliefs.ts';
import type { ForgetStore } from '../../ports.ts';
import type { RedisConnection } from './connect.ts';
import type { stateKeys } from './keys.ts';

/** A request that no clock takes within a day was meant for a clock that is gone. */
const EXPIRY_MS = 86_400_000;

/** A key of another type counts as no request. */
const TAKE = `
local kinds = redis.pcall('SMEMBERS', KEYS[1])
redis.call('DEL', KEYS[1])
if kinds.err then return {} end
return kinds
`;

/** The kinds of beliefs to forget in one Redis set, which is deleted when a clock takes it. */
export function redisForgetStore(
  connection: RedisConnection,
  keys: ReturnType<typeof stateKeys>,
): ForgetStore {
  return {
    request: async (kinds, signal) => {
      await connection.use(signal, async (client) => {
        const pipeline = client
          .pipeline()
          .sadd(keys.forget, ...kinds)
          .pexpire(keys.forget, EXPIRY_MS);
        for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
      });
    },
    take: async (signal) => {
      const taken = await connection.use(signal, async (client) => await client.eval(TAKE, 1, keys.forget));
      const kinds = new Set(taken as string[]);
      return FORGETTABLE.filter((kind) => kinds.has(kind));
    },
  };
}
