import { Queue } from 'bullmq';
import { setTimeout as delay } from 'node:timers/promises';

import { openRedis } from '../queues/redis.ts';
import { SCALED_QUEUES } from '../queues/names.ts';
import { APP, type LocalApp } from './local-app.ts';

const JOBS_PER_WORKER = 100;
const MIN = 3;
const MAX = 50;

/** The rule that Drover replaces: the waiting jobs divided by 100, rounded down, 3 to 50. */
export function originRule(waiting: number): number {
  return Math.min(MAX, Math.max(MIN, Math.trunc(waiting / JOBS_PER_WORKER)));
}

/** Applies the rule after `firstMs` and then every `everyMs`, until the signal aborts. */
export async function runOriginRule(
  app: LocalApp,
  firstMs: number,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  const redis = openRedis(app.redisUrl);
  const queues = SCALED_QUEUES.map((name) => new Queue(name, { connection: redis }));
  try {
    await delay(firstMs, null, { signal });
    for (;;) {
      const counts = await Promise.all(queues.map(async (queue) => await queue.getWaitingCount()));
      const wanted = originRule(counts.reduce((sum, count) => sum + count, 0));
      await fetch(`${app.platform.url}/apps/${APP}/formation/worker`, {
        method: 'PATCH',
        headers: {
          accept: 'application/vnd.heroku+json; version=3',
          authorization: `Bearer ${app.platform.token}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ quantity: wanted }),
      });
      await delay(everyMs, null, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await Promise.all(queues.map(async (queue) => await queue.close()));
    redis.disconnect();
  }
}
