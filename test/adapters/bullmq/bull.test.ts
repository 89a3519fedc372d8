import BullQueue from 'bull';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { bullmqBacklog } from '../../../src/adapters/bullmq/backlog.ts';
import type { QueueObservation } from '../../../src/core/types.ts';
import type { Backlog } from '../../../src/ports.ts';
import { localRedis } from '../../support/local-redis.ts';
import { until } from '../../support/patience.ts';
import { backlogOf, connectionsByMode, MODES, type Mode } from './reading.ts';

/*
 * Queues and workers of Bull 4, BullMQ's predecessor. It has the same keys, but prioritized jobs are in the waiting list
 * too, `meta` exists only during a pause, and no job says who runs it.
 */

const HORIZON_MS = 40_000;
const MINUTE_MS = 60_000;

const local = localRedis();
const connectionBy = connectionsByMode(local);
let queue: BullQueue.Queue;
/** Ends the jobs that a test holds: the queue closes only after them. */
let release: () => void;
beforeEach(() => {
  release = () => {};
});
afterEach(async () => {
  release();
  await queue.close();
});

function open(): BullQueue.Queue {
  queue = new BullQueue('mail', local.url);
  queue.on('error', () => {});
  return queue;
}

async function read(mode: Mode, pattern = 'mail'): Promise<Backlog> {
  const source = bullmqBacklog(connectionBy(mode), { prefix: 'bull' });
  const backlog = await backlogOf(source, [pattern], { horizonMs: HORIZON_MS });
  expect(backlog.unreadable).toEqual([]);
  return backlog;
}

async function readQueue(mode: Mode): Promise<QueueObservation> {
  const { queues } = await read(mode);
  const [only] = queues;
  if (!only) throw new Error('no queue');
  return only;
}

describe.each(MODES)('Bull 4, read by %s', (mode) => {
  test('a prioritized job counts once, as a waiting job', async () => {
    open();
    for (const options of [{}, {}, {}, { priority: 2 }, { priority: 9 }, { lifo: true }])
      await queue.add({}, options);
    expect(await local.redis.zcard('bull:mail:priority')).toBe(2);
    expect(await readQueue(mode)).toMatchObject({
      waiting: 6,
      prioritized: 0,
      active: 0,
      added: 6,
      paused: false,
    });
  });

  test('delayed jobs are due at their time', async () => {
    const delays = [1, 10_000, MINUTE_MS];
    open();
    for (const delay of delays) await queue.add({}, { delay });
    await until(async () => (await readQueue(mode)).due === 1);
    expect(await readQueue(mode)).toMatchObject({ waiting: 0, due: 1, dueSoon: 2, delayed: 3 });
  });

  test('a paused queue has nothing to take, and keeps its jobs', async () => {
    open();
    for (let job = 0; job < 4; job += 1) await queue.add({});
    await queue.pause();
    expect(await readQueue(mode)).toMatchObject({ paused: true, waiting: 4 });
    await queue.resume();
    expect(await readQueue(mode)).toMatchObject({ paused: false, waiting: 4 });
  });

  test('an empty queue that once had a job exists, by its name and by a pattern', async () => {
    open();
    const job = await queue.add({}, { removeOnComplete: true });
    await job.remove();
    expect(await local.redis.exists('bull:mail:meta')).toBe(0);
    expect(await readQueue(mode)).toMatchObject({ name: 'mail', waiting: 0, added: 1 });
    expect((await read(mode, 'ma*')).queues).toMatchObject([{ name: 'mail' }]);
  });

  test('a running job has a lock and no holder, and without its lock it is orphaned', async () => {
    open();
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    void queue.process(2, async () => await released);
    for (let job = 0; job < 3; job += 1) await queue.add({});
    // A worker takes a job first, and its lock a moment later.
    await until(async () => (await local.redis.keys('bull:mail:*:lock')).length === 2);
    const { queues, holders, holdersComplete } = await read(mode);
    expect(queues).toMatchObject([{ active: 2, waiting: 1, orphaned: 0 }]);
    expect([[...holders], holdersComplete]).toEqual([[[null, 2]], true]);

    const [id = ''] = await local.redis.lrange('bull:mail:active', 0, 0);
    await local.redis.del(`bull:mail:${id}:lock`);
    expect(await readQueue(mode)).toMatchObject({ active: 2, orphaned: 1 });
  });

  test('the oldest waiting job has its age, and a run that ended its length', async () => {
    open();
    const now = Date.now();
    await queue.add({}, { timestamp: now - 5_000 } as BullQueue.JobOptions);
    await queue.add({}, { timestamp: now - 3_000 } as BullQueue.JobOptions);
    expect((await readQueue(mode)).oldestReadyAt).toBe(now - 5_000);
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let runs = 0;
    void queue.process(async () => {
      runs += 1;
      if (runs > 1) await held;
    });
    await queue.add({});
    await until(async () => (await queue.getCompletedCount()) === 1 && runs === 2);
    const { lastRun } = await readQueue(mode);
    expect(lastRun?.tookMs).toBeGreaterThanOrEqual(0);
    expect(lastRun?.endedAt).toBeGreaterThanOrEqual(now);
  });
});
