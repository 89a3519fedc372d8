import { findElsewhere, type Elsewhere } from '../../adapters/bullmq/elsewhere.ts';
import { cleanText } from '../../adapters/bullmq/queue-names.ts';
import type { RedisConnection } from '../../adapters/redis/connect.ts';
import { prefixOf } from '../../config/environment.ts';
import type { ProcessTypeSettings, RedisSettings } from '../../config/settings.ts';
import { sumOf } from '../../core/sum.ts';
import type { QueueObservation } from '../../core/types.ts';
import type { Failure } from '../../failure.ts';
import type { Backlog } from '../../ports.ts';
import { number } from '../views/figures.ts';
import { failed, fail, pass, warn, type Check } from './check.ts';

/** More missing queues than this have one reason. */
const MOST_SEARCHED = 3;

type Unreadable = { readonly queue: string; readonly failure: Failure };

/** Each selected queue: whether it exists, its backlog, and what keeps its jobs from being processed. */
export async function checkQueues(
  redis: RedisConnection,
  settings: {
    readonly redis: RedisSettings;
    readonly processTypes: readonly ProcessTypeSettings[];
    /** What the platform calls one worker. */
    readonly noun: string;
  },
  backlogs: readonly Backlog[],
  signal: AbortSignal,
): Promise<Check[]> {
  const queues = distinct(
    backlogs.flatMap((backlog) => backlog.queues),
    ({ name }) => name,
  );
  const unreadable = distinct(
    backlogs.flatMap((backlog) => backlog.unreadable),
    ({ queue }) => queue,
  );
  return [
    ...queues.map((queue) => queueCheck(queue, settings.noun)),
    ...(await unreadableChecks(redis, settings.redis, unreadable, signal)),
    ...orphanCheck(queues),
    ...sharedChecks(backlogs, settings.processTypes),
  ];
}

function queueCheck(queue: QueueObservation, noun: string): Check {
  const jobs = queue.waiting + queue.prioritized + queue.due;
  const limits = [
    ...(queue.concurrencyLimit === undefined ? [] : [`global concurrency ${number(queue.concurrencyLimit)}`]),
    ...((queue.rateLimitedMs ?? 0) > 0 ? ['rate limited'] : []),
  ];
  const detail = [`${number(jobs)} waiting, ${number(queue.active)} active`, ...limits].join(', ');
  const name = `queue ${queue.name}`;
  if (!queue.paused) return pass(name, detail);
  return warn(
    name,
    `${detail}, paused: no worker takes its jobs, so they start no ${noun}`,
    'If that is not meant, resume it in the app: await queue.resume().',
  );
}

async function unreadableChecks(
  redis: RedisConnection,
  { variable, prefix }: RedisSettings,
  unreadable: readonly Unreadable[],
  signal: AbortSignal,
): Promise<Check[]> {
  const missing = unreadable
    .filter(({ failure }) => failure.code === 'QUEUE_MISSING')
    .slice(0, MOST_SEARCHED);
  const found = new Map(
    await Promise.all(
      missing.map(async ({ queue }) => {
        const nothing: Elsewhere = { prefixes: [], databases: [] };
        const where = await findElsewhere(redis, { queue, prefix }, signal).catch(() => nothing);
        return [queue, where] as const;
      }),
    ),
  );
  return unreadable.map(({ queue, failure }) => {
    const name = `queue ${queue}`;
    const { prefixes, databases } = found.get(queue) ?? { prefixes: [], databases: [] };
    const [otherPrefix] = prefixes;
    const [database] = databases;
    if (otherPrefix !== undefined) {
      const others = prefixes.map(cleanText).join(', ');
      return fail(
        name,
        `not under the prefix ${cleanText(prefix)}, but under ${others}`,
        `Set BULLMQ_PREFIX=${cleanText(otherPrefix)}.`,
      );
    }
    if (database !== undefined) {
      return fail(
        name,
        `not in the database that ${variable} selects, but in database ${databases.join(', ')}`,
        `End the URL in ${variable} with /${database}.`,
      );
    }
    return failed(name, failure);
  });
}

/** Such a job was running on a dyno that was killed or lost its connection. */
function orphanCheck(queues: readonly QueueObservation[]): Check[] {
  const orphaned = sumOf(queues, (queue) => queue.orphaned ?? 0);
  if (orphaned === 0) return [];
  const names = queues.filter((queue) => (queue.orphaned ?? 0) > 0).map(({ name }) => name);
  return [
    warn(
      'orphaned jobs',
      `${number(orphaned)} ${orphaned === 1 ? 'is' : 'are'} active in ${names.join(', ')} without a worker: it was killed, or lost its connection`,
      'A running worker recovers them within a minute. If it repeats, close workers on SIGTERM: cooperate(worker) does.',
    ),
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
    .map(([name, types]) =>
      warn(
        `queue ${name}`,
        `counted in full for each of ${types.join(', ')}`,
        `If workers of one of them alone process it, set QUEUES per type: ${prefixOf(types.at(-1) ?? '')}QUEUES.`,
      ),
    );
}

function distinct<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}
