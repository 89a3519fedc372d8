import { hostname } from 'node:os';

import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { describe, expect, test } from 'vitest';

import { startRedisServer } from '../../src/standin/redis-server.ts';
import { cooperateWith } from '../../src/worker/cooperate.ts';
import { until } from '../support/patience.ts';
import { APP, FAST, ClockKeys } from './clock-keys.ts';
import {
  workerOptions,
  cleanups,
  clockKeys,
  startCooperating,
  KINDS,
  queue,
  server,
  type MakeWorker,
} from './worker-setup.ts';

const make = KINDS[0]?.make as MakeWorker;

describe('what else may be', () => {
  test('several workers of one process rest and report as one', async () => {
    const ends: (() => void)[] = [];
    const busy = async (): Promise<void> => await new Promise<void>((resolve) => ends.push(resolve));
    const other = new Worker('other', busy, { connection: { port: server.port }, ...workerOptions(7) });
    const workers = [make(async () => null, 5), other];
    startCooperating(workers);
    await clockKeys.untilReported({ concurrency: 12 });
    const queueOfOther = new Queue('other', { connection: { port: server.port } });
    cleanups.push(async () => await queueOfOther.close());
    await queueOfOther.add('a', {});
    await until(() => ends.length === 1);
    await clockKeys.requestDrain(0, 'e1');
    await until(() => workers.every((worker) => worker.isPaused()));
    await until(() => workers[0]?.isRunning() === false);
    await clockKeys.untilReported({ resting: undefined });
    expect(await clockKeys.reports()).toHaveLength(1);
    ends[0]?.();
    await clockKeys.untilReported({ resting: 'e1' });
  });

  test('ready is when it was first answered, also where the answer asks it to drain', async () => {
    await clockKeys.requestDrain(2, 'e1');
    startCooperating(make(async () => null));
    await clockKeys.untilReported({ resting: 'e1' });
    const [first] = await clockKeys.reports();
    expect(first?.readyAt).toBeGreaterThan(first?.bootedAt ?? Infinity);
    await clockKeys.deleteRequest();
    await clockKeys.untilReported({ resting: undefined });
    expect((await clockKeys.reports())[0]?.readyAt).toBe(first?.readyAt);
  });

  test('processes of one dyno name the same host, and what each sends is timed', async () => {
    const joinedAt = Date.now();
    startCooperating([make(async () => null, 3)]);
    startCooperating([make(async () => null, 4)]);
    await until(async () => (await clockKeys.reports()).length === 2);
    const reports = await clockKeys.reports();
    expect(new Set(reports.map(({ host }) => host))).toEqual(new Set([hostname()]));
    for (const { sentAt } of reports) {
      expect(sentAt).toBeGreaterThanOrEqual(joinedAt);
      expect(sentAt).toBeLessThanOrEqual(Date.now());
    }
  });

  test('what the user paused stays paused', async () => {
    const worker = make(async () => null);
    startCooperating(worker);
    await clockKeys.untilReported({ resting: undefined });
    await until(() => !worker.isPaused());
    await worker.pause();
    await clockKeys.requestDrain(2, 'e1');
    await clockKeys.untilReported({ resting: 'e1' });
    await clockKeys.deleteRequest();
    await clockKeys.untilReported({ resting: undefined });
    await clockKeys.untilHeartbeats(4);
    expect(worker.isPaused()).toBe(true);
  });

  test('a worker that is not to run by itself is not started', async () => {
    const worker = new Worker('mail', async () => null, {
      connection: { port: server.port },
      autorun: false,
    });
    startCooperating(worker);
    await clockKeys.requestDrain(2, 'e1');
    await clockKeys.untilReported({ resting: 'e1' });
    await clockKeys.deleteRequest();
    await clockKeys.untilReported({ resting: undefined });
    expect(worker.isRunning()).toBe(false);
  });

  test('a client of its own for Drover, of either kind', async () => {
    const ioredis = new Redis({ port: server.port });
    const nodeRedis = createClient({ url: server.url });
    await nodeRedis.connect();
    cleanups.push(
      () => ioredis.disconnect(),
      () => nodeRedis.destroy(),
    );
    for (const connection of [ioredis, nodeRedis]) {
      await clockKeys.redis.flushall();
      const worker = make(async () => null);
      const cooperation = cooperateWith(worker, { app: APP, dyno: 'worker.3', connection }, FAST);
      await clockKeys.requestDrain(2, 'e1');
      await clockKeys.untilReported({ resting: 'e1' });
      expect(worker.isPaused()).toBe(true);
      await cooperation.stop();
      await worker.close();
    }
  });

  test('a dyno without a number reports, and never drains', async () => {
    await clockKeys.requestDrain(0, 'e1');
    let done = 0;
    startCooperating(
      make(async () => (done += 1)),
      { app: APP, dyno: 'worker-12a34bcd56-7efgh' },
    );
    await queue.add('a', {});
    await until(() => done === 1);
    await clockKeys.untilReported({ dyno: 'worker-12a34bcd56-7efgh', resting: undefined });
    expect(done).toBe(1);
  });

  test.each([
    { name: 'a number that is no number', order: 'three' },
    { name: 'another shape', order: '{"limit":0}' },
    { name: 'nothing at all', order: '' },
    { name: 'a list', order: '[0]' },
  ])('a drain request that cannot be read has no effect: $name', async ({ order }) => {
    await clockKeys.redis.set(`drover:{${APP}}:crew:worker:order`, order);
    let done = 0;
    startCooperating(make(async () => (done += 1)));
    await queue.add('a', {});
    await until(() => done > 0);
    expect(done).toBe(1);
  });

  test('stopped, it takes back what it said and works on', async () => {
    await clockKeys.requestDrain(2, 'e1');
    let done = 0;
    const cooperation = startCooperating(make(async () => (done += 1)));
    await clockKeys.untilReported({ resting: 'e1' });
    await cooperation.stop();
    expect(await clockKeys.reports()).toEqual([]);
    await queue.add('a', {});
    await until(() => done > 0);
    expect(done).toBe(1);
  });

  test('without the name of the app it works and says nothing', async () => {
    let done = 0;
    startCooperating(
      make(async () => (done += 1)),
      { dyno: 'worker.3' },
    );
    await queue.add('a', {});
    await until(() => done === 1);
    expect(await clockKeys.redis.keys('drover:*')).toEqual([]);
  });

  test('where its Redis refuses the keys it works', async () => {
    await clockKeys.redis.call('ACL', 'SETUSER', 'app', 'on', '>pw', '~bull:*', '&*', '+@all');
    let done = 0;
    const connection = { port: server.port, username: 'app', password: 'pw' };
    const worker = new Worker('mail', async () => (done += 1), { connection });
    startCooperating(worker);
    await queue.add('a', {});
    await until(() => done > 0);
    expect(done).toBe(1);
  });

  test('with Redis gone in a drain, it follows the drain request until that expires, and then works', async () => {
    const elsewhere = await startRedisServer();
    cleanups.push(async () => await elsewhere.stop());
    const far = new ClockKeys(elsewhere.port);
    cleanups.push(() => far.redis.disconnect());
    const forMs = 1500;
    await far.requestDrain(2, 'e1', forMs);
    let doneAt = 0;
    const connection = new Redis({ port: elsewhere.port, retryStrategy: () => 100 });
    connection.on('error', () => {});
    far.redis.on('error', () => {});
    cleanups.push(() => connection.disconnect());
    startCooperating(
      make(async () => (doneAt = Date.now())),
      { app: APP, dyno: 'worker.3', connection },
    );
    await far.untilReported({ resting: 'e1' });
    await queue.add('a', {});
    const [last] = await far.reports();
    await elsewhere.stop();
    await until(() => doneAt > 0);
    expect(doneAt - (last?.sentAt ?? Infinity)).toBeGreaterThanOrEqual(forMs);
  });
});
