import { setTimeout as delay } from 'node:timers/promises';

import { Queue, type WorkerOptions } from 'bullmq';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';

import { plainReader } from '../../../src/adapters/bullmq/plain-reader.ts';
import { scriptReader } from '../../../src/adapters/bullmq/script-reader.ts';
import { observe, type Snapshot } from '../../../src/adapters/bullmq/snapshot.ts';
import { Failure } from '../../../src/failure.ts';
import { localRedis } from '../../support/local-redis.ts';
import { until } from '../../support/patience.ts';
import { startWorker } from './start-worker.ts';

const local = localRedis();
let scripts = true;

beforeAll(async () => {
  scripts = await local.redis.call('EVAL_RO', 'return 1', '0').then(
    () => true,
    () => false,
  );
});

const READERS = { script: scriptReader('bull'), plain: plainReader('bull') };

async function seen(by: keyof typeof READERS, at: number, horizonMs = 0): Promise<Snapshot> {
  const { signal } = new AbortController();
  const [snapshot] = await READERS[by].read(local.redis, [{ queue: 'mail', horizonMs }], at, signal);
  if (!snapshot || snapshot instanceof Failure) throw snapshot ?? new Error('nothing was read');
  return snapshot;
}

/** The snapshot of both readers, once they agree. */
async function read(at = Date.now()): Promise<Snapshot> {
  const plain = await seen('plain', at);
  const script = scripts ? await seen('script', at) : plain;
  expect(compared(script)).toEqual(compared(plain));
  return plain;
}

function compared(snapshot: Snapshot): unknown {
  return Object.fromEntries(Object.entries(snapshot).filter(([name]) => SNAPSHOT_FIELDS.has(name)));
}

/** All fields but the limiter's remaining time, which changes between two readings. */
const SNAPSHOT_FIELDS = new Set(
  'wait pausedJobs prioritized due dueSoon delayed active waitingChildren added paused concurrency limiterMax limiterDurationMs limiterCount oldestReadyAt lastRun sample exists'.split(
    ' ',
  ),
);

function queue(): Queue {
  return new Queue('mail', { connection: local.redis });
}

function oneSlot(): WorkerOptions {
  return { connection: { port: local.port }, concurrency: 1 };
}

const MINUTE_MS = 60_000;

describe('the time since the oldest job became ready', () => {
  const now = Date.now();

  test.each([
    {
      name: 'first in, first out',
      jobs: [{ timestamp: now - 5_000 }, { timestamp: now - 3_000 }],
      since: 5_000,
    },
    {
      name: 'last in, first out',
      jobs: [
        { timestamp: now - 5_000, lifo: true },
        { timestamp: now - 3_000, lifo: true },
      ],
      since: 5_000,
    },
    {
      name: 'jobs of two priorities',
      jobs: [
        { timestamp: now - 5_000, priority: 1 },
        { timestamp: now - 3_000, priority: 9 },
      ],
      since: 5_000,
    },
    {
      name: 'a job that starves behind urgent ones',
      jobs: [
        { timestamp: now - 9_000, priority: 9 },
        { timestamp: now - 3_000, priority: 9 },
        { timestamp: now - 1_000, priority: 1 },
      ],
      since: 9_000,
    },
    {
      name: 'a job that starves behind many',
      jobs: [
        { timestamp: now - 9_000, priority: 9 },
        { timestamp: now - 3_000, priority: 9 },
        ...Array.from({ length: 10 }, () => ({ timestamp: now - 1_000, priority: 1 })),
      ],
      since: 9_000,
    },
    { name: 'an overdue delayed job', jobs: [{ timestamp: now - 10_000, delay: 4_000 }], since: 6_000 },
    {
      name: 'a delayed job that is not due yet',
      jobs: [{ timestamp: now, delay: MINUTE_MS }],
      since: undefined,
    },
    {
      name: 'a delay in the backoff options, which is not the job’s delay',
      jobs: [{ timestamp: now - 5_000, attempts: 2, backoff: { type: 'fixed' as const, delay: 4_000 } }],
      since: 5_000,
    },
  ])('$name', async ({ jobs, since }) => {
    for (const options of jobs) await queue().add('job', {}, options);
    expect((await read(now)).oldestReadyAt).toBe(since === undefined ? null : now - since);
  });

  test('a delayed job counts from its due time, not from when it was added', async () => {
    await queue().add('first', {});
    const added = await queue().add('later', {}, { delay: 50 });
    // One slot, held by the first job: the second is promoted, and waits.
    startWorker('mail', async (_, finished) => await finished, oneSlot());
    await until(async () => (await local.redis.llen('bull:mail:active')) === 1);
    await local.redis.zrem('bull:mail:delayed', added.id ?? '');
    await local.redis.lpush('bull:mail:wait', added.id ?? '');
    expect((await read()).oldestReadyAt).toBe(added.timestamp + 50);
  });

  test.each([
    { name: 'was delayed', options: { timestamp: now - 10_000, delay: 8_000 }, processedOn: undefined },
    { name: 'is retried', options: { timestamp: now - 10_000 }, processedOn: now - 2_000 },
  ])(
    'the job added first $name, and one added later has been ready for longer',
    async ({ options, processedOn }) => {
      const first = await queue().add('first', {}, options);
      await local.redis.del('bull:mail:delayed', 'bull:mail:wait');
      await local.redis.lpush('bull:mail:wait', first.id ?? '');
      if (processedOn !== undefined)
        await local.redis.hset(`bull:mail:${first.id}`, 'processedOn', processedOn);
      expect((await read(now)).oldestReadyAt).toBe(now - 2_000);
      await queue().add('later', {}, { timestamp: now - 5_000, priority: 1 });
      expect((await read(now)).oldestReadyAt).toBe(now - 5_000);
    },
  );

  test('a retried job counts from its last attempt', async () => {
    const job = await queue().add('job', {}, { timestamp: now - MINUTE_MS });
    await local.redis.hset(`bull:mail:${job.id}`, 'processedOn', now - 2_000);
    expect((await read(now)).oldestReadyAt).toBe(now - 2_000);
  });
});

test('the duration of the last completed job is read while others run and wait', async () => {
  const [first] = await queue().addBulk([1, 2, 3].map((ms) => ({ name: 'job', data: { ms } })));
  startWorker(
    'mail',
    async (job, finished) => await (job.id === first?.id ? delay(50) : finished),
    oneSlot(),
  );
  await until(async () => (await local.redis.zcard('bull:mail:completed')) === 1);
  const [began, ended] = await local.redis.hmget(`bull:mail:${first?.id}`, 'processedOn', 'finishedOn');
  const { lastRun } = await read();
  expect(lastRun).toEqual({ endedAt: Number(ended), tookMs: Number(ended) - Number(began) });
  expect(lastRun?.tookMs).toBeGreaterThanOrEqual(49);
  await local.redis.del('bull:mail:wait');
  expect((await read()).lastRun).toBeNull();
});

test('the maximum of a rate limiter and its count in this window are read', async () => {
  await queue().setGlobalRateLimit(2, 60_000);
  await queue().addBulk([1, 2, 3].map((each) => ({ name: 'job', data: { each } })));
  startWorker('mail', async () => {}, oneSlot());
  await until(async () => (await local.redis.zcard('bull:mail:completed')) === 2);
  const snapshot = await read();
  expect(snapshot).toMatchObject({ limiterMax: 2, limiterDurationMs: 60_000, limiterCount: 2 });
  expect(observe('mail', snapshot)).toMatchObject({
    limiter: { begun: 2, max: 2, durationMs: 60_000 },
    rateLimitedMs: snapshot.limiterTtlMs,
  });
});

test('a marker that BullMQ 4 left at the end of the list is not counted as a job', async () => {
  await queue().add('job', {});
  await local.redis.rpush('bull:mail:wait', '0:1700000000000');
  expect((await read()).wait).toBe(1);
});

test('both readers agree, whatever a queue holds', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('__proto__', 'constructor', '0:5', '', 'meta', '-1', '\u001b[2J', 'x'.repeat(100_000)),
  );
  const score = fc.integer({ min: 0, max: 2 ** 21 }).map((step) => step * 2 ** 31);
  const hash = fc.record(
    {
      timestamp: fc.oneof(fc.nat().map(String), text),
      processedOn: fc.oneof(fc.nat(100_000_000).map(String), text),
      opts: fc.oneof(
        fc.json(),
        fc.nat().map((ms) => `{"delay":${ms}}`),
        text,
      ),
      finishedOn: fc.oneof(fc.nat(100_000_000).map(String), text),
      pb: text,
    },
    { requiredKeys: [] },
  );
  const ids = fc.uniqueArray(text, { maxLength: 6 });
  const scored = fc.uniqueArray(fc.tuple(text, score), { maxLength: 6, selector: ([id]) => id });
  let withJobs = 0;
  let withRuns = 0;
  const content = fc.record({
    wait: ids,
    paused: ids,
    prioritized: scored,
    delayed: scored,
    completed: fc.array(fc.tuple(text, hash), { maxLength: 2 }),
    active: fc.uniqueArray(fc.tuple(text, fc.boolean()), { maxLength: 6, selector: ([id]) => id }),
    meta: fc.dictionary(fc.constantFrom('paused', 'concurrency', 'max', 'duration'), text),
    hashes: fc.array(fc.tuple(text, hash), { maxLength: 6 }),
  });
  await fc.assert(
    fc.asyncProperty(
      content,
      async ({ wait, paused, prioritized, delayed, completed, active, meta, hashes }) => {
        await local.redis.flushall();
        const pipeline = local.redis.pipeline();
        for (const id of wait) pipeline.lpush('bull:mail:wait', id);
        for (const id of paused) pipeline.lpush('bull:mail:paused', id);
        for (const [id, at] of prioritized) pipeline.zadd('bull:mail:prioritized', at, id);
        for (const [id, at] of delayed) pipeline.zadd('bull:mail:delayed', at, id);
        for (const [index, [id]] of completed.entries()) pipeline.zadd('bull:mail:completed', index, id);
        for (const [id, locked] of active) {
          pipeline.lpush('bull:mail:active', id);
          if (locked) pipeline.set(`bull:mail:${id}:lock`, 'token');
        }
        for (const [name, value] of Object.entries(meta)) pipeline.hset('bull:mail:meta', name, value);
        for (const [id, fields] of [...hashes, ...completed]) {
          if (!RESERVED.has(id) && Object.keys(fields).length > 0) pipeline.hset(`bull:mail:${id}`, fields);
        }
        await pipeline.exec();
        const { active: count, lastRun } = await read(1_000_000_000_000);
        if (lastRun) withRuns += 1;
        expect(count).toBe(active.length);
        withJobs += count;
      },
    ),
    { numRuns: 150 },
  );
  expect(withJobs).toBeGreaterThan(100);
  expect(withRuns).toBeGreaterThan(0);
});

const RESERVED = new Set(['meta', 'wait', 'id', 'active', 'delayed', 'completed']);
