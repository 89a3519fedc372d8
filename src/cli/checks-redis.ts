import { preflightReading } from '../adapters/bullmq/preflight.ts';
import type { RedisConnection } from '../adapters/redis/connect.ts';
import { failureOf } from '../failure.ts';
import { prefixOf } from '../config/environment.ts';
import type { ProcessTypeSettings, Settings } from '../config/settings.ts';
import type { Backlog, BacklogSource } from '../ports.ts';
import { failed, type Check } from './checks.ts';
import { number } from './views/table.ts';

/** Whether Redis answers, and lets us read all that a decision is made from. */
export async function checkRedis(
  redis: RedisConnection,
  prefix: string,
  signal: AbortSignal,
): Promise<Check[]> {
  try {
    const { server, mode, missing } = await preflightReading(redis, prefix, signal);
    const name =
      server === null ? 'a server that does not say what it is' : `${server.flavour} ${server.version}`;
    const how = mode === 'script' ? 'one round trip a reading' : 'up to four round trips a reading';
    return [
      { name: 'Redis', state: 'pass', detail: `${name}, ${how}` },
      ...missing.map(({ rule, needed, lost }): Check => ({
        name: `right ${rule}`,
        state: needed ? 'fail' : 'warn',
        detail: lost,
        remedy: `Grant ${rule} to the Redis user: docs/redis.md has the whole line.`,
      })),
    ];
  } catch (thrown) {
    return [failed('Redis', failureOf(thrown))];
  }
}

/** Whether what has to be remembered can be kept. Writes one key of our own that is gone a second later. */
export async function checkState(state: RedisConnection, key: string, signal: AbortSignal): Promise<Check[]> {
  try {
    await state.use(signal, async (client) => await client.set(key, '1', 'PX', 1000));
    return [{ name: 'state', state: 'pass', detail: 'can be kept in Redis' }];
  } catch (thrown) {
    return [failed('state', failureOf(thrown))];
  }
}

/** Every queue found, and what is in it. */
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

/** A queue of several process types has its jobs counted for each: right only where the workers of each take them. */
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
      detail: `counts in full for each of ${types.join(', ')}`,
      remedy: `Unless workers of each take its jobs, give them their own: ${prefixOf(types.at(-1) ?? '')}QUEUES.`,
    }));
}

/** Jobs that run under no name could be on any dyno, so none of them is known to be idle. */
function nameChecks({ holders }: Backlog, processType: string): Check[] {
  const unnamed = holders.get(null) ?? 0;
  if (unnamed === 0) return [];
  return [
    {
      name: `workers of ${processType}`,
      state: 'warn',
      detail: `jobs that run under no name: ${number(unnamed)}, so it is not known which dyno is busy`,
      remedy: 'Name them by their dyno: new Worker(queue, processor, { name: process.env.DYNO, … }).',
    },
  ];
}
