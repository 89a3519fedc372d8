import { preflightReading } from '../../adapters/bullmq/preflight.ts';
import type { RedisConnection } from '../../adapters/redis/connect.ts';
import { failureOf } from '../../failure.ts';
import { prefixOf } from '../../config/environment.ts';
import type { ProcessTypeSettings, Settings } from '../../config/settings.ts';
import type { Backlog, BacklogSource } from '../../ports.ts';
import { failed, type Check } from './check.ts';
import { number } from '../views/figures.ts';

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
      { name: 'Redis', state: 'pass', detail: `${name}, ${how}` },
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
    return [{ name: 'state', state: 'pass', detail: 'can be saved in Redis' }];
  } catch (thrown) {
    return [failed('state', failureOf(thrown))];
  }
}

/** Whether every queue exists, and its backlog. */
export async function checkQueues(
  source: BacklogSource,
  settings: Settings,
  at: number,
  signal: AbortSignal,
): Promise<Check[]> {
  const { processTypes } = settings;
  try {
    const backlogs = await source.read(
      processTypes.map(({ queues }) => ({ patterns: queues, horizonMs: 0 })),
      at,
      signal,
    );
    const checks = backlogs.flatMap((backlog, index) => {
      const processType = processTypes[index]?.processType ?? '';
      return [...queueChecks(backlog), ...nameChecks(backlog, processType)];
    });
    return [...checks, ...sharedChecks(backlogs, processTypes)];
  } catch (thrown) {
    return [failed('queues', failureOf(thrown))];
  }
}

function queueChecks({ queues, unreadable }: Backlog): Check[] {
  return [
    ...queues.map((queue): Check => {
      const jobs = queue.waiting + queue.prioritized + queue.due;
      const detail = `${number(jobs)} waiting, ${number(queue.active)} active${queue.paused ? ', paused' : ''}`;
      return { name: `queue ${queue.name}`, state: 'pass', detail };
    }),
    ...unreadable.map(({ queue, failure }) => failed(`queue ${queue}`, failure)),
  ];
}

/** The jobs of a queue count for each process type that lists it: right only where workers of each process them. */
function sharedChecks(backlogs: readonly Backlog[], processTypes: readonly ProcessTypeSettings[]): Check[] {
  const typesOf = new Map<string, string[]>();
  for (const [index, { queues }] of backlogs.entries()) {
    const processType = processTypes[index]?.processType ?? '';
    for (const { name } of queues) typesOf.set(name, [...(typesOf.get(name) ?? []), processType]);
  }
  return [...typesOf]
    .filter(([, types]) => types.length > 1)
    .map(([name, types]) => ({
      name: `queue ${name}`,
      state: 'warn',
      detail: `counted in full for each of ${types.join(', ')}`,
      remedy: `If workers of one of them alone process it, set QUEUES per type: ${prefixOf(types.at(-1) ?? '')}QUEUES.`,
    }));
}

/** A job of an unnamed worker may run on any dyno, so no dyno is known to be idle. */
function nameChecks({ holders }: Backlog, processType: string): Check[] {
  const unnamed = holders.get(null) ?? 0;
  if (unnamed === 0) return [];
  return [
    {
      name: `workers of ${processType}`,
      state: 'warn',
      detail: `${number(unnamed)} running ${unnamed === 1 ? 'job' : 'jobs'} cannot be mapped to a dyno: no worker name`,
      remedy: 'Name workers after their dyno: new Worker(queue, processor, { name: process.env.DYNO, … }).',
    },
  ];
}
