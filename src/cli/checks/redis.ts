import { preflightReading } from '../../adapters/bullmq/preflight.ts';
import { serverFacts, type ServerFacts } from '../../adapters/bullmq/server-facts.ts';
import type { RedisConnection } from '../../adapters/redis/connect.ts';
import { parseRedisUrl } from '../../config/redis-url.ts';
import type { RedisAddress } from '../../config/settings.ts';
import { failureOf } from '../../failure.ts';
import type { Clock } from '../../ports.ts';
import { number } from '../views/figures.ts';
import { fail, failed, pass, warn, type Check } from './check.ts';

/** Of memory and connections: above it, the next burst may not fit. */
const NEARLY_FULL = 0.9;

/** Jobs, waits and reports are dated by several clocks, to the second. */
const MOST_SKEW_MS = 2000;

/** Whether Redis answers and permits every command that a reading uses. */
export async function checkRedis(
  redis: RedisConnection,
  prefix: string,
  signal: AbortSignal,
): Promise<Check[]> {
  try {
    const { server, mode, missing } = await preflightReading(redis, prefix, signal);
    const name = server === null ? 'unknown server' : `${server.flavour} ${server.version}`;
    const how = mode === 'script' ? 'one round trip per reading' : 'up to four round trips per reading';
    return [
      pass('Redis', `${name}, ${how}`),
      ...missing.map(({ rule, needed, lost }): Check => ({
        name: `permission ${rule}`,
        state: needed ? 'fail' : 'warn',
        detail: lost,
        remedy: `Grant ${rule} to the Redis user: see docs/redis.md for the complete rule.`,
      })),
    ];
  } catch (thrown) {
    return [failed('Redis', failureOf(thrown))];
  }
}

/** Whether state can be saved. Writes one key of ours, which expires after a second. */
export async function checkState(state: RedisConnection, key: string, signal: AbortSignal): Promise<Check[]> {
  try {
    await state.use(signal, async (client) => await client.set(key, '1', 'PX', 1000));
    return [pass('state', 'can be saved in Redis')];
  } catch (thrown) {
    const failure = failureOf(thrown);
    if (failure.code !== 'REDIS_NOPERM') return [failed('state', failure)];
    return [
      fail(
        'state',
        "the Redis user may not write Drover's keys: without a lease, no clock acts",
        'Grant it drover:* (docs/redis.md has the rule), or set STATE_REDIS_URL.',
      ),
    ];
  }
}

/** Whether a Redis that answers is set up for what it holds. What its user may not run is not checked. */
export async function checkServer(
  connection: RedisConnection,
  address: RedisAddress & { readonly holds: 'jobs' | 'state' },
  clock: Pick<Clock, 'now'>,
  signal: AbortSignal,
): Promise<Check[]> {
  try {
    const facts = await serverFacts(connection, clock, signal);
    const { variable } = address;
    return [
      ...evictionCheck(facts, address),
      ...memoryCheck(facts, variable),
      ...clientsCheck(facts, variable),
      ...topologyChecks(facts, address),
      ...skewCheck(facts, variable),
    ];
  } catch (thrown) {
    return [failed(`server of ${address.variable}`, failureOf(thrown))];
  }
}

function evictionCheck(
  { eviction, memory }: ServerFacts,
  { variable, holds }: { readonly variable: string; readonly holds: 'jobs' | 'state' },
): Check[] {
  if (eviction === undefined || eviction === 'noeviction') return [];
  const when = memory?.limit === 0 ? 'once maxmemory is set and reached' : 'when memory is full';
  // BullMQ's keys have no expiry, except for locks and limiters; all keys of Drover have one.
  const queues = holds === 'jobs' && eviction.startsWith('allkeys-');
  const kept = holds === 'jobs' ? "the locks of running jobs and Drover's state" : "Drover's state";
  const lost = `${when}, Redis deletes ${queues ? 'jobs and whole queues' : kept}`;
  return [
    warn(
      `eviction of ${variable}`,
      `maxmemory-policy is ${eviction}: ${lost}`,
      'Set it to noeviction, as BullMQ requires; on Heroku: heroku redis:maxmemory --policy noeviction.',
    ),
  ];
}

function memoryCheck({ memory }: ServerFacts, variable: string): Check[] {
  if (memory === undefined || memory.limit === 0 || memory.used < NEARLY_FULL * memory.limit) return [];
  return [
    warn(
      `memory of ${variable}`,
      `${percent(memory.used, memory.limit)} of maxmemory is used: when it is full, no job can be added and no state saved`,
      'Have finished jobs removed (removeOnComplete, removeOnFail), or upgrade the plan.',
    ),
  ];
}

function clientsCheck({ clients }: ServerFacts, variable: string): Check[] {
  if (clients === undefined || clients.connected < NEARLY_FULL * clients.limit) return [];
  return [
    warn(
      `connections of ${variable}`,
      `${number(clients.connected)} of ${number(clients.limit)} connections are open: new workers may not get one`,
      'Upgrade the plan, or open fewer connections in each worker. A worker needs two per queue.',
    ),
  ];
}

function topologyChecks({ cluster, replica }: ServerFacts, { url, variable }: RedisAddress): Check[] {
  return [
    ...(cluster === true && parseRedisUrl(url).kind !== 'cluster'
      ? [
          warn(
            `cluster of ${variable}`,
            'this is one node of a cluster: queues on the other nodes cannot be read',
            `Add ?cluster=true to ${variable}.`,
          ),
        ]
      : []),
    ...(replica === true
      ? [
          warn(
            `replica of ${variable}`,
            'this is a replica: what it shows is late, and it refuses writes',
            `Point ${variable} to the master.`,
          ),
        ]
      : []),
  ];
}

function skewCheck({ skew }: ServerFacts, variable: string): Check[] {
  if (skew === undefined || Math.abs(skew.aheadMs) <= MOST_SKEW_MS + skew.exactToMs) return [];
  const seconds = Math.abs(skew.aheadMs / 1000).toFixed(0);
  return [
    warn(
      `time of ${variable}`,
      `the clock of this machine is ${seconds} s ${skew.aheadMs > 0 ? 'behind' : 'ahead of'} that of ${variable}: waits and due times are wrong by as much`,
      'Synchronize the clocks of both machines (NTP).',
    ),
  ];
}

function percent(part: number, whole: number): string {
  return `${Math.floor((100 * part) / whole)} %`;
}
