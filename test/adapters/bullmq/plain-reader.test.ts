import { Queue } from 'bullmq';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { plainReader } from '../../../src/adapters/bullmq/plain-reader.ts';
import { Failure } from '../../../src/failure.ts';
import { localRedis } from '../../support/local-redis.ts';

const HUGE = 8 * 1024 * 1024;
const NOW = 1_800_000_000_000;

const local = localRedis();
let queue: Queue;

beforeAll(() => {
  queue = new Queue('mail', { connection: { port: local.port } });
});
afterAll(async () => {
  await queue.close();
});

async function sentBytes(): Promise<number> {
  return Number(/total_net_output_bytes:(\d+)/.exec(await local.redis.info('stats'))?.[1]);
}

/** When the oldest job became ready, and how many bytes Redis sent for it. */
async function read(): Promise<{ oldestReadyAt: number | null; bytes: number }> {
  const before = await sentBytes();
  const signal = AbortSignal.timeout(10_000);
  const [seen] = await plainReader('bull').read(local.redis, [{ queue: 'mail', horizonMs: 0 }], NOW, signal);
  if (seen === undefined || seen instanceof Failure) throw new Error('unreadable');
  return { oldestReadyAt: seen.oldestReadyAt, bytes: (await sentBytes()) - before };
}

/** Adds a job whose options have so many bytes besides the delay. */
async function add(timestamp: number, delay: number, bytes: number, priority = 0): Promise<void> {
  const { id } = await queue.add('job', {}, { timestamp, priority });
  await local.redis.hset(`bull:mail:${id}`, 'opts', JSON.stringify({ delay, padding: 'x'.repeat(bytes) }));
}

test.each([
  { name: 'no priorities', jobs: [0] },
  { name: 'one priority', jobs: [1] },
  { name: 'several priorities, the lowest of which starves', jobs: [1, 5] },
])('long options are not fetched, short ones are read for the delay: $name', async ({ jobs }) => {
  for (const priority of jobs) await add(NOW - 60_000, 20_000, 100, priority);
  expect((await read()).oldestReadyAt).toBe(NOW - 40_000);

  await queue.obliterate({ force: true });
  for (const priority of jobs) await add(NOW - 60_000, 20_000, HUGE, priority);
  const { oldestReadyAt, bytes } = await read();
  // Options of that size hold more than a delay and are not read.
  expect(oldestReadyAt).toBe(NOW - 60_000);
  expect(bytes).toBeLessThan(100_000);
});
