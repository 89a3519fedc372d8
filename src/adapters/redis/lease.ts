import { randomUUID } from 'node:crypto';

import type { Cluster, Redis } from 'ioredis';
import { Mutex, type LockOptions } from 'redis-semaphore';

import { Failure } from '../../failure.ts';
import type { Lease } from '../../ports.ts';
import type { RedisConnection } from './connect.ts';
import { STATE_EXPIRY_MS, type stateKeys } from './keys.ts';

/** `token` is what the fence's key holds for as long as nobody took over; undefined without the lease. */
export type FencedLease = Lease & { readonly token: number | undefined };

/** The library puts a prefix of its own before every key; all of ours begin with `drover:`. */
class LeaseMutex extends Mutex {
  constructor(client: Redis | Cluster, key: string, options: LockOptions) {
    super(client, key, options);
    this._key = key;
  }
}

/**
 * The lease as one Redis key with an expiry. It is renewed by the tick and by nothing else: a clock that hangs loses
 * it. Each new holder raises a counter, its fencing token: a process that slept through its lease finds the counter
 * moved on even where the lease came back to it, and does not act on what it decided before.
 */
export function redisLease(connection: RedisConnection, keys: ReturnType<typeof stateKeys>): FencedLease {
  const identifier = randomUUID();
  let token: number | undefined;

  return {
    get token() {
      return token;
    },

    hold: async (forMs, signal) =>
      await connection.use(signal, async (client) => {
        // The library renews on a timer whose failure nobody can catch; with its interval at 0 the tick does it.
        const options = {
          identifier,
          lockTimeout: Math.ceil(forMs),
          refreshInterval: 0,
          acquireAttemptsLimit: 1,
        };
        const renewed =
          token !== undefined &&
          (await new LeaseMutex(client, keys.lease, { ...options, acquiredExternally: true }).tryAcquire());
        if (renewed) return true;
        token = undefined;
        if (!(await new LeaseMutex(client, keys.lease, options).tryAcquire())) return false;
        token = await client.incr(keys.fence);
        await client.pexpire(keys.fence, STATE_EXPIRY_MS);
        return true;
      }),

    confirm: async (signal) => {
      const [holder, fence] = await connection.use(
        signal,
        async (client) => await client.mget(keys.lease, keys.fence),
      );
      if (token === undefined || holder !== identifier || fence !== String(token)) {
        throw leaseLost();
      }
    },

    release: async (signal) => {
      if (token === undefined) return;
      token = undefined;
      await connection.use(signal, async (client) => {
        const mutex = new LeaseMutex(client, keys.lease, {
          identifier,
          acquiredExternally: true,
          refreshInterval: 0,
        });
        await mutex.release();
      });
    },
  };
}

export function leaseLost(): Failure {
  return new Failure(
    'LEASE_LOST',
    'another clock took over while this tick was under way',
    'Nothing to do during a deploy; at other times see that only one clock dyno runs.',
  );
}
