import { Queue } from 'bullmq';
import { setTimeout as delay } from 'node:timers/promises';

import { openRedis } from '../queues/redis.ts';
import { SCALED_QUEUES } from '../queues/names.ts';
import { APP, type Stage } from './stage.ts';

const JOBS_PER_WORKER = 100;
const MIN = 3;
const MAX = 50;

/** The rule that Drover started from: the waiting jobs by a hundred, cut off, 3 to 50. */
export function originRule(waiting: number): number {
  return Math.min(MAX, Math.max(MIN, Math.trunc(waiting / JOBS_PER_WORKER)));
}

/** Its clock: looks for the first time after `firstMs`, then every `everyMs`. Ends with the signal. */
export async function runOriginRule(
  stage: Stage,
  firstMs: number,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  const redis = openRedis(stage.redisUrl);
  const queues = SCALED_QUEUES.map((name) => new Queue(name, { connection: redis }));
  try {
    await delay(firstMs, null, { signal });
    for (;;) {
      const counts = await Promise.all(queues.map(async (queue) => await queue.getWaitingCount()));
      const wanted = originRule(counts.reduce((sum, count) => sum + count, 0));
      await fetch(`${stage.platform.url}/apps/${APP}/formation/worker`, {
        method: 'PATCH',
        headers: {
          accept: 'application/vnd.heroku+json; version=3',
          authorization: `Bearer ${stage.platform.token}`,
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
