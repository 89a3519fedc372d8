import type { Clock } from '../../ports.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { queueNodes } from './queue-reader.ts';
import { replyIdOf } from '../redis/redis-failure.ts';

/** What a Redis reports about itself, as far as `drover check` judges it. Absent: it does not say, or the user may not ask. */
export type ServerFacts = {
  /** `noeviction`, `allkeys-lru`, … */
  readonly eviction?: string | undefined;
  /** Bytes; a limit of 0 is none. */
  readonly memory?: { readonly used: number; readonly limit: number } | undefined;
  readonly clients?: { readonly connected: number; readonly limit: number } | undefined;
  /** Whether it is a node of a cluster. */
  readonly cluster?: boolean | undefined;
  readonly replica?: boolean | undefined;
  /** By how much its clock is ahead of this machine's, and how exactly that is known. Milliseconds. */
  readonly skew?: { readonly aheadMs: number; readonly exactToMs: number } | undefined;
};

/** Throws a Failure where Redis does not answer; what the user may not run is left out. */
export async function serverFacts(
  connection: RedisConnection,
  clock: Pick<Clock, 'now'>,
  signal: AbortSignal,
): Promise<ServerFacts> {
  return await connection.use(signal, async (client) => {
    const node = queueNodes(client).masters[0];
    if (!node) return {};
    const info = await unlessRefused(node.info());
    const sentAt = clock.now();
    const time = await unlessRefused(node.time());
    const receivedAt = clock.now();
    return {
      ...(info === undefined ? {} : factsIn(info)),
      ...(time === undefined ? {} : { skew: skewOf(time, sentAt, receivedAt) }),
    };
  });
}

/** The databases that hold keys, from `INFO keyspace`. */
export function databasesIn(info: string): number[] {
  return [...info.matchAll(/^db(\d{1,4}):keys=\d+/gm)].map(([, index]) => Number(index));
}

function factsIn(info: string): ServerFacts {
  const text = (name: string): string | undefined => new RegExp(`^${name}:(\\S*)`, 'm').exec(info)?.[1];
  const count = (name: string): number | undefined => {
    const value = text(name);
    return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  };
  const [used, limit] = [count('used_memory'), count('maxmemory')];
  const [connected, most] = [count('connected_clients'), count('maxclients')];
  const eviction = text('maxmemory_policy');
  return {
    eviction: eviction !== undefined && /^[a-z-]{1,40}$/.test(eviction) ? eviction : undefined,
    memory: used === undefined || limit === undefined ? undefined : { used, limit },
    clients: connected === undefined || most === undefined ? undefined : { connected, limit: most },
    cluster: text('cluster_enabled') === '1',
    replica: text('role') === 'slave',
  };
}

function skewOf(time: unknown, sentAt: number, receivedAt: number): ServerFacts['skew'] {
  const [seconds, microseconds] = Array.isArray(time) ? time.map(Number) : [];
  if (seconds === undefined || microseconds === undefined || !Number.isFinite(seconds + microseconds))
    return undefined;
  const exactToMs = Math.max(0, receivedAt - sentAt) / 2;
  return { aheadMs: seconds * 1000 + microseconds / 1000 - (sentAt + exactToMs), exactToMs };
}

async function unlessRefused<T>(reply: Promise<T>): Promise<T | undefined> {
  try {
    return await reply;
  } catch (thrown) {
    if (replyIdOf(thrown) !== undefined) return undefined;
    throw thrown;
  }
}
