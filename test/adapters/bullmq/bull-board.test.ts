import { createBullBoard } from '@bull-board/api';
import { BullAdapter } from '@bull-board/api/bullAdapter';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import BullQueue from 'bull';
import { Queue } from 'bullmq';
import { Queue as Queue5 } from 'bullmq5';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { bullmqBacklog } from '../../../src/adapters/bullmq/backlog.ts';
import type { QueueObservation } from '../../../src/core/types.ts';
import { localRedis } from '../../support/local-redis.ts';
import { backlogOf } from './reading.ts';

const NAMES = ['six', 'five', 'four'] as const;

const local = localRedis({ keep: true });
let six: Queue;
let five: Queue5;
let four: BullQueue.Queue;

beforeAll(async () => {
  six = new Queue('six', { connection: { port: local.port } });
  five = new Queue5('five', { connection: { port: local.port } });
  four = new BullQueue('four', local.url);
  for (const options of [{}, {}, { priority: 3 }, { delay: 600_000 }]) {
    await six.add('job', {}, options);
    await five.add('job', {}, options);
    await four.add({}, options);
  }
});
afterAll(async () => {
  await Promise.all([six.close(), five.close(), four.close()]);
});

async function read(): Promise<readonly QueueObservation[]> {
  const source = bullmqBacklog(local.connection, { prefix: 'bull' });
  return (await backlogOf(source, NAMES)).queues;
}

/** Bull Board without a web server: what its page polls. */
function openBoard(): () => Promise<{ name: string; counts: Record<string, number> }[]> {
  type Route = { route: string | string[]; handler: (request: unknown) => unknown };
  let routes: readonly Route[] = [];
  let queues: unknown;
  const page = {
    setQueues: (given: unknown) => ((queues = given), page),
    setApiRoutes: (given: readonly Route[]) => ((routes = given), page),
    setViewsPath: () => page,
    setStaticPath: () => page,
    setEntryRoute: () => page,
    setErrorHandler: () => page,
    setUIConfig: () => page,
  };
  createBullBoard({
    // Its types are those of one BullMQ.
    queues: [new BullMQAdapter(six), new BullMQAdapter(five as unknown as Queue), new BullAdapter(four)],
    serverAdapter: page as never,
  });
  const route = routes.find((candidate) => [candidate.route].flat().includes('/api/queues'));
  return async () => {
    const answer = (await route?.handler({ queues, query: {}, params: {} })) as {
      body: { queues: { name: string; counts: Record<string, number> }[] };
    };
    return answer.body.queues;
  };
}

/** All keys with what they hold. */
async function keyspace(): Promise<readonly string[]> {
  const keys = (await local.redis.keys('*')).toSorted();
  const dumps = await Promise.all(keys.map(async (key) => await local.redis.dumpBuffer(key)));
  return keys.map((key, index) => `${key} ${dumps[index]?.toString('base64') ?? ''}`);
}

test('Drover and Bull Board read queues of BullMQ 6, BullMQ 5 and Bull 4 side by side', async () => {
  const poll = openBoard();
  const before = await keyspace();
  const alone = await read();
  const [board, beside] = await Promise.all([poll(), read()]);
  expect(await keyspace()).toEqual(before);
  expect(before.length).toBeGreaterThan(15);

  const demands = alone.map(({ name, waiting, prioritized, delayed, due, active, paused }) => [
    name,
    [waiting, prioritized, delayed, due, active],
    paused,
  ]);
  expect(demands).toEqual([
    ['six', [2, 1, 1, 0, 0], false],
    ['five', [2, 1, 1, 0, 0], false],
    ['four', [3, 0, 1, 0, 0], false],
  ]);
  expect(beside).toEqual(alone);
  expect(board.map(({ name, counts }) => [name, counts['delayed'], counts['active']])).toEqual([
    ['six', 1, 0],
    ['five', 1, 0],
    ['four', 1, 0],
  ]);
  // Where the board counts jobs that a worker could take, both agree.
  const takeable = board.map(({ counts }) => (counts['waiting'] ?? 0) + (counts['prioritized'] ?? 0));
  expect(takeable).toEqual(alone.map(({ waiting, prioritized }) => waiting + prioritized));
});
