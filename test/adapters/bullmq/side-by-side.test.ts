import * as bullmq6 from 'bullmq';
import * as bullmq5 from 'bullmq5';
import { afterEach, describe, expect, test } from 'vitest';

import { bullmqBacklog } from '../../../src/adapters/bullmq/backlog.ts';
import type { QueueObservation } from '../../../src/core/types.ts';
import type { Backlog } from '../../../src/ports.ts';
import { localRedis } from '../../support/local-redis.ts';
import { until } from '../../support/patience.ts';
import { backlogOf, connectionsByMode, MODES, type Mode } from './reading.ts';

type Bull = typeof bullmq6;

/** Two apps on one Redis with two versions of BullMQ. Their types differ, but not for what is used here. */
const APPS: readonly { readonly name: string; readonly bull: Bull }[] = [
  { name: 'five', bull: bullmq5 as unknown as Bull },
  { name: 'six', bull: bullmq6 },
];

const HORIZON_MS = 40_000;

const local = localRedis();
const connectionBy = connectionsByMode(local);
const endings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of endings.toReversed()) await end();
  endings.length = 0;
});

/** One app's queue and the actions of a test on it. */
class App {
  readonly name: string;
  readonly queue: bullmq6.Queue;
  readonly #bull: Bull;

  constructor({ name, bull }: (typeof APPS)[number]) {
    this.name = name;
    this.#bull = bull;
    this.queue = new bull.Queue(name, { connection: { port: local.port } });
    endings.push(async () => await this.queue.close());
  }

  async add(count: number, options: bullmq6.JobsOptions = {}): Promise<void> {
    for (let job = 0; job < count; job += 1) await this.queue.add('job', {}, options);
  }

  /** Adds a flow whose parent waits for one child. */
  async flow(): Promise<void> {
    const flow = new this.#bull.FlowProducer({ connection: { port: local.port } });
    endings.push(async () => await flow.close());
    await flow.add({
      name: 'parent',
      queueName: this.name,
      children: [{ name: 'child', queueName: this.name }],
    });
  }

  /** Starts a worker that holds so many jobs until the test ends. */
  async hold(jobs: number, name: string): Promise<void> {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const options = { connection: { port: local.port }, concurrency: jobs, name };
    const worker = new this.#bull.Worker(this.name, async () => await released, options);
    endings.push(async () => {
      release();
      await worker.close();
    });
    await until(async () => (await local.redis.llen(`bull:${this.name}:active`)) >= jobs);
  }

  /** Runs a worker whose every job fails, until so many have failed. */
  async fail(jobs: number): Promise<void> {
    let failed = 0;
    const connection = { port: local.port };
    const worker = new this.#bull.Worker(this.name, async () => await Promise.reject(new Error('no')), {
      connection,
    });
    worker.on('failed', () => void (failed += 1));
    await until(async () => failed >= jobs);
    await worker.close();
  }
}

async function read(mode: Mode): Promise<Backlog> {
  const source = bullmqBacklog(connectionBy(mode), { prefix: 'bull' });
  const patterns = APPS.map(({ name }) => name);
  return await backlogOf(source, patterns, { horizonMs: HORIZON_MS });
}

type Row = {
  readonly name: string;
  readonly arrange: (app: App) => Promise<unknown>;
  readonly seen: Partial<QueueObservation>;
};

const rows: readonly Row[] = [
  {
    name: 'waiting',
    arrange: async (app) => await app.add(3),
    seen: { waiting: 3, added: 3, paused: false },
  },
  {
    name: 'priorities',
    arrange: async (app) => {
      await app.add(1, { priority: 2 });
      await app.add(1, { priority: 5 });
    },
    seen: { waiting: 0, prioritized: 2 },
  },
  {
    name: 'delays',
    arrange: async (app) => {
      await app.add(1, { delay: 20_000 });
      await app.add(1, { delay: 3_600_000 });
    },
    seen: { due: 0, dueSoon: 1, delayed: 2 },
  },
  {
    name: 'paused, with jobs from before and since',
    arrange: async (app) => {
      await app.add(2);
      await app.queue.pause();
      await app.add(1);
    },
    seen: { paused: true, waiting: 3, added: 3 },
  },
  {
    name: 'paused, and resumed',
    arrange: async (app) => {
      await app.add(2);
      await app.queue.pause();
      await app.add(1);
      await app.queue.resume();
    },
    seen: { paused: false, waiting: 3 },
  },
  {
    name: 'paused, empty',
    arrange: async (app) => await app.queue.pause(),
    seen: { paused: true, waiting: 0 },
  },
  {
    name: 'a flow',
    arrange: async (app) => await app.flow(),
    seen: { waiting: 1, waitingChildren: 1 },
  },
  {
    name: 'a duplicate',
    arrange: async (app) => await app.add(2, { deduplication: { id: 'same' } }),
    seen: { waiting: 1, added: 2 },
  },
  {
    name: 'a job scheduler',
    arrange: async (app) => await app.queue.upsertJobScheduler('yearly', { pattern: '0 0 1 1 *' }),
    seen: { waiting: 0, delayed: 1, due: 0 },
  },
  {
    name: 'limits of the queue',
    arrange: async (app) => {
      await app.add(1);
      await app.queue.setGlobalConcurrency(4);
      await app.queue.rateLimit(3_600_000);
    },
    seen: { concurrencyLimit: 4, rateLimitedMs: expect.closeTo(3_570_000, -5) as number },
  },
  {
    name: 'a retry after a while',
    arrange: async (app) => {
      await app.add(1, { attempts: 2, backoff: 60_000 });
      await app.fail(1);
    },
    seen: { waiting: 0, active: 0, delayed: 1, due: 0 },
  },
  {
    name: 'held jobs, one of them without a lock',
    arrange: async (app) => {
      await app.add(4);
      await app.hold(3, `${app.name}.1`);
      const [oldest] = await local.redis.lrange(`bull:${app.name}:active`, -1, -1);
      await local.redis.del(`bull:${app.name}:${oldest}:lock`);
    },
    seen: { waiting: 1, active: 3, orphaned: 1 },
  },
];

describe.each(MODES)('read by %s', (mode) => {
  test.each(rows)('an app on BullMQ 5 beside one on 6: $name', async ({ arrange, seen }) => {
    for (const app of APPS) await arrange(new App(app));
    const { queues, unreadable, holders } = await read(mode);
    expect(unreadable).toEqual([]);
    expect(queues).toEqual(APPS.map(({ name }) => expect.objectContaining({ ...seen, name })));
    const held = (seen.active ?? 0) - (seen.orphaned ?? 0);
    expect([...holders]).toEqual(held === 0 ? [] : APPS.map(({ name }) => [`${name}.1`, held]));
  });

  test('the paused list that only BullMQ 5 has is read', async () => {
    const [five] = APPS;
    if (!five) throw new Error('no app');
    const app = new App(five);
    await app.add(2);
    await app.queue.pause();
    expect(await local.redis.llen('bull:five:paused')).toBe(2);
    expect((await read(mode)).queues).toMatchObject([{ name: 'five', waiting: 2 }]);
  });
});
