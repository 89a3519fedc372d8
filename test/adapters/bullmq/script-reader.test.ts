import { expect, test } from 'vitest';

import { queueNodes, queueReader } from '../../../src/adapters/bullmq/queue-reader.ts';
import { fillQueues } from '../../support/fill-queues.ts';
import { localRedis } from '../../support/local-redis.ts';
import { patience } from '../../support/patience.ts';

const local = localRedis();

test('plain commands read the queues where no script stays cached, as behind a proxy to several servers', async () => {
  const { redis } = local;
  const names = await fillQueues(redis, 40);
  const call = redis.call.bind(redis) as (...args: unknown[]) => Promise<unknown>;
  const called: unknown[] = [];
  redis.call = async (...args: unknown[]): Promise<unknown> => {
    called.push(args[0]);
    if (args[0] === 'EVALSHA_RO') await redis.script('FLUSH');
    return await call(...args);
  };
  const read = queueReader('bull');
  const requests = names.map((queue) => ({ queue, horizonMs: 0 }));
  const once = async (): Promise<number[]> => {
    const results = await read(queueNodes(redis), requests, Date.now(), patience());
    return [...results.values()].map((seen) => ('wait' in seen ? seen.wait : -1));
  };
  expect(await once()).toEqual(names.map(() => 5));
  expect(called).toContain('EVALSHA_RO');
  called.length = 0;
  expect(await once()).toEqual(names.map(() => 5));
  expect(called).toEqual([]);
});
