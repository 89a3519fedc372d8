import { beforeEach, describe, expect, test, vi } from 'vitest';

import type { RedisConnection } from '../../../src/adapters/redis/connect.ts';
import { redisWorkers } from '../../../src/adapters/redis/workers.ts';
import { stateKeys } from '../../../src/adapters/redis/keys.ts';
import { redisLease, type FencedLease } from '../../../src/adapters/redis/lease.ts';
import type { DrainRequest, WorkersReading } from '../../../src/core/drain.ts';
import type { Workers } from '../../../src/ports.ts';
import { clockChannel, type ClockChannel } from '../../../src/worker/clock-channel.ts';
import type { StoredReport } from '../../../src/worker/keys.ts';
import { localRedis } from '../../support/local-redis.ts';

const APP = 'my-app';
const keys = stateKeys(APP);
const { signal } = new AbortController();

const local = localRedis();
let lease: FencedLease;
let workers: Workers;

beforeEach(async () => {
  lease = redisLease(local.connection, keys, ['worker']);
  await lease.acquire(60_000, signal);
  workers = redisWorkers(local.connection, APP, lease, keys.fence);
});

function line(name: string, instance = name): ClockChannel {
  return clockChannel(local.connection.client, {
    app: APP,
    processType: 'worker',
    name,
    ordinal: undefined,
    instance,
  });
}

const REPORT: StoredReport = {
  dyno: 'worker.3',
  host: 'h1',
  concurrency: 5,
  bootedAt: 1000,
  readyAt: 2000,
  sentAt: 5000,
};

async function read(): Promise<WorkersReading> {
  const readings = await workers.read(['worker', 'mailer'], signal);
  expect(readings.get('mailer')).toEqual({ reports: [] });
  return readings.get('worker') as WorkersReading;
}

async function drainRequest(): Promise<DrainRequest> {
  const seen = await read();
  if (seen.request === undefined) throw new Error('there is no drain request');
  return seen.request;
}

describe('between clock and workers', () => {
  test('a report is read with the dyno’s number and its age', async () => {
    const from = Date.now();
    await line('worker.3').heartbeat({ ...REPORT, resting: 'e1' });
    const { reports } = await read();
    expect(reports).toEqual([
      {
        dyno: 'worker.3',
        host: 'h1',
        ageMs: expect.any(Number),
        resting: 'e1',
        concurrency: 5,
        bootedAt: 1000,
        readyAt: 2000,
        readyMs: expect.any(Number),
      },
    ]);
    const [{ ageMs, readyMs } = { ageMs: 0 }] = reports;
    expect(readyMs).toBe(3000 + ageMs);
    expect(reports[0]?.ageMs).toBeLessThanOrEqual(Date.now() - from);
  });

  test('workers read a drain request when it is made, kept, lowered, raised and released', async () => {
    const worker = line('worker.3');
    expect(await worker.heartbeat(REPORT)).toBeUndefined();
    await workers.write(
      { processType: 'worker', request: undefined, step: { kind: 'ask', limit: 2 }, forMs: 5000 },
      signal,
    );
    const requested = await drainRequest();
    expect(await worker.heartbeat(REPORT)).toMatchObject({ epoch: requested.epoch, limit: 2, forMs: 5000 });

    const { epoch } = requested;
    expect(
      await workers.write(
        { processType: 'worker', request: requested, step: { kind: 'keep', limit: 1, epoch }, forMs: 9000 },
        signal,
      ),
    ).toBe(true);
    expect(await worker.heartbeat(REPORT)).toMatchObject({ epoch, limit: 1, forMs: 9000 });

    expect(
      await workers.write(
        { processType: 'worker', request: requested, step: { kind: 'ask', limit: 4 }, forMs: 5000 },
        signal,
      ),
    ).toBe(true);
    const raised = await drainRequest();
    expect(raised).toMatchObject({ limit: 4 });
    expect(raised.epoch).not.toBe(epoch);

    await workers.write(
      { processType: 'worker', request: raised, step: { kind: 'release', epoch: raised.epoch }, forMs: 5000 },
      signal,
    );
    expect(await worker.heartbeat(REPORT)).toBeUndefined();
  });

  test('two processes of one dyno send two reports, and each withdraws only its own', async () => {
    const [one, two] = [line('worker.3', 'a'), line('worker.3', 'b')];
    await one.heartbeat(REPORT);
    await two.heartbeat({ ...REPORT, resting: 'e1' });
    expect((await read()).reports).toHaveLength(2);
    await one.removeReport();
    expect((await read()).reports).toMatchObject([{ resting: 'e1' }]);
  });

  test('every key expires', async () => {
    await line('worker.3').heartbeat(REPORT);
    await workers.write(
      { processType: 'worker', request: undefined, step: { kind: 'ask', limit: 2 }, forMs: 5000 },
      signal,
    );
    const names = await local.connection.use(signal, async (client) => await client.keys('drover:*crew*'));
    expect(names).toHaveLength(2);
    for (const name of names) {
      expect(await local.connection.use(signal, async (client) => await client.pttl(name))).toBeGreaterThan(
        0,
      );
    }
  });
});

describe('stale state', () => {
  test('an expired drain request is not restored', async () => {
    await workers.write(
      { processType: 'worker', request: undefined, step: { kind: 'ask', limit: 2 }, forMs: 5000 },
      signal,
    );
    const requested = await drainRequest();
    await local.connection.use(
      signal,
      async (client) => await client.del(`drover:{${APP}}:crew:worker:order`),
    );
    const step = { kind: 'keep', limit: 2, epoch: requested.epoch } as const;
    expect(
      await workers.write({ processType: 'worker', request: requested, step, forMs: 5000 }, signal),
    ).toBe(false);
    expect((await read()).request).toBeUndefined();
  });

  test('a drain request that was replaced is neither kept nor released', async () => {
    await workers.write(
      { processType: 'worker', request: undefined, step: { kind: 'ask', limit: 2 }, forMs: 5000 },
      signal,
    );
    const requested = await drainRequest();
    await workers.write(
      { processType: 'worker', request: requested, step: { kind: 'ask', limit: 3 }, forMs: 5000 },
      signal,
    );
    const { epoch } = requested;
    expect(
      await workers.write(
        { processType: 'worker', request: requested, step: { kind: 'keep', limit: 1, epoch }, forMs: 5000 },
        signal,
      ),
    ).toBe(false);
    expect(
      await workers.write(
        { processType: 'worker', request: requested, step: { kind: 'release', epoch }, forMs: 5000 },
        signal,
      ),
    ).toBe(false);
    expect(await drainRequest()).toMatchObject({ limit: 3 });
  });

  test('a clock that has lost the lease writes nothing', async () => {
    await lease.release(signal);
    const other = redisLease(local.connection, keys, ['worker']);
    await other.acquire(60_000, signal);
    await expect(
      workers.write(
        { processType: 'worker', request: undefined, step: { kind: 'ask', limit: 0 }, forMs: 5000 },
        signal,
      ),
    ).rejects.toMatchObject({
      code: 'LEASE_LOST',
    });
    expect((await read()).request).toBeUndefined();
    const next = redisWorkers(local.connection, APP, other, keys.fence);
    await next.write(
      { processType: 'worker', request: undefined, step: { kind: 'ask', limit: 2 }, forMs: 5000 },
      signal,
    );
    expect(await drainRequest()).toMatchObject({ limit: 2 });
  });

  test('the next clock continues the drain request of the clock before it', async () => {
    await workers.write(
      { processType: 'worker', request: undefined, step: { kind: 'ask', limit: 2 }, forMs: 5000 },
      signal,
    );
    const requested = await drainRequest();
    await lease.release(signal);
    const other = redisLease(local.connection, keys, ['worker']);
    await other.acquire(60_000, signal);
    const next = redisWorkers(local.connection, APP, other, keys.fence);
    const step = { kind: 'keep', limit: 2, epoch: requested.epoch } as const;
    expect(await next.write({ processType: 'worker', request: requested, step, forMs: 5000 }, signal)).toBe(
      true,
    );
  });

  test('a report that reaches Redis long after it was sent counts as withdrawn', async () => {
    const worker = line('worker.3');
    await worker.heartbeat({ ...REPORT, resting: 'e1' });
    // As if the process had been cut off between computing the time and sending the report.
    const { timeOrigin } = performance;
    const late = vi.spyOn(performance, 'now').mockImplementation(() => Date.now() - timeOrigin - 6000);
    await worker.heartbeat({ ...REPORT, resting: 'e1' });
    late.mockRestore();
    expect((await read()).reports).toEqual([]);
  });

  test('the next report removes old reports of processes that ended without withdrawing them', async () => {
    const key = `drover:{${APP}}:crew:worker:reports`;
    const long = `${Date.now() - 3_600_000} ${JSON.stringify(REPORT)}`;
    await local.connection.use(signal, async (client) => await client.hset(key, 'old', long));
    await line('worker.4').heartbeat({ ...REPORT, dyno: 'worker.4' });
    expect((await read()).reports).toMatchObject([{ dyno: 'worker.4' }]);
  });

  test('reports beyond the size of any formation are not read', async () => {
    const key = `drover:{${APP}}:crew:worker:reports`;
    const fields = Array.from({ length: 1000 }, (_, index) => [
      `i${index}`,
      `${Date.now()} ${JSON.stringify(REPORT)}`,
    ]);
    await local.connection.use(signal, async (client) => await client.hset(key, Object.fromEntries(fields)));
    await line('worker.4').heartbeat({ ...REPORT, dyno: 'worker.4' });
    expect((await read()).reports).toHaveLength(1000);
  });

  test('values that neither worker nor clock wrote are ignored', async () => {
    const key = `drover:{${APP}}:crew:worker`;
    await local.connection.use(signal, async (client) => {
      await client.set(`${key}:order`, '"all"');
      await client.hset(`${key}:reports`, {
        a: 'x',
        b: '1 {}',
        c: `1 ${JSON.stringify({ ...REPORT, dyno: 3 })}`,
      });
    });
    expect(await read()).toEqual({ reports: [] });
    await workers.write(
      { processType: 'worker', request: undefined, step: { kind: 'ask', limit: 2 }, forMs: 5000 },
      signal,
    );
    expect(await drainRequest()).toMatchObject({ limit: 2 });
  });
});

describe('values planted in the keys', () => {
  const requestKey = `drover:{${APP}}:crew:worker:order`;
  const reportsKey = `drover:{${APP}}:crew:worker:reports`;
  const command = async (...args: (string | number)[]): Promise<unknown> =>
    await local.connection.use(
      signal,
      async (client) => await client.call(...(args as [string, ...string[]])),
    );
  const stamped = (fields: Partial<StoredReport>, inMs = 0): string =>
    `${Date.now() + inMs} ${JSON.stringify({ ...REPORT, ...fields })}`;

  test.each<{ name: string; plant: (client: RedisConnection['client']) => Promise<unknown> }>([
    {
      name: 'a list instead of the hash and another instead of the string',
      plant: async () => {
        await command('RPUSH', reportsKey, 'x');
        await command('RPUSH', requestKey, 'x');
      },
    },
    {
      name: 'more fields than workers ever write',
      plant: async (client) => {
        const fields = Array.from({ length: 1001 }, (_, index) => [`i${index}`, stamped({})]);
        await client.hset(reportsKey, Object.fromEntries(fields) as Record<string, string>);
      },
    },
    {
      name: 'long values',
      plant: async (client) => {
        await client.hset(reportsKey, 'a', stamped({ host: 'x'.repeat(5000) }));
        const long = { epoch: 'e1', limit: 0, since: 1, forMs: 1, more: 'x'.repeat(5000) };
        await client.set(requestKey, JSON.stringify(long));
      },
    },
    {
      name: 'a report from long ago',
      plant: async (client) => await client.hset(reportsKey, 'a', stamped({}, -600_001)),
    },
    {
      name: 'a report from the future',
      plant: async (client) => await client.hset(reportsKey, 'a', stamped({}, 60_000)),
    },
  ])('$name: is ignored, and later reports and drain requests work', async ({ plant }) => {
    await local.connection.use(signal, async (client) => await plant(client));
    expect(await read()).toEqual({ reports: [] });
    const worker = line('worker.4');
    expect(await worker.heartbeat({ ...REPORT, dyno: 'worker.4' })).toBeUndefined();
    expect((await read()).reports).toMatchObject([{ dyno: 'worker.4' }]);
    await workers.write(
      { processType: 'worker', request: undefined, step: { kind: 'ask', limit: 2 }, forMs: 5000 },
      signal,
    );
    expect(await worker.heartbeat({ ...REPORT, dyno: 'worker.4' })).toMatchObject({ limit: 2 });
  });

  test('a drain request from the future starts when it is kept', async () => {
    const planted = { epoch: 'e1', limit: 2, since: 8e15, forMs: 5000 };
    await command('SET', requestKey, JSON.stringify(planted));
    const seen = await drainRequest();
    expect(seen).toMatchObject({ limit: 2, ageMs: 0 });
    expect(
      await workers.write(
        { processType: 'worker', request: seen, step: { kind: 'keep', limit: 2, epoch: 'e1' }, forMs: 5000 },
        signal,
      ),
    ).toBe(true);
    const kept = JSON.parse(String(await command('GET', requestKey))) as { since: number };
    expect(kept.since).toBeLessThanOrEqual(Date.now() + 1000);
  });
});
