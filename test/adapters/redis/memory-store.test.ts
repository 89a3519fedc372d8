import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';

import { stateKeys } from '../../../src/adapters/redis/keys.ts';
import { parseSavedState, redisMemoryStore } from '../../../src/adapters/redis/memory-store.ts';
import { redisLease, type FencedLease } from '../../../src/adapters/redis/lease.ts';
import {
  noteWrite,
  observeQuantity,
  settleWrite,
  type ScalingState,
} from '../../../src/core/scaling-state.ts';
import type { MemoryStore, Remembered } from '../../../src/ports.ts';
import { localRedis } from '../../support/local-redis.ts';

const local = localRedis();
let lease: FencedLease;
const { signal } = new AbortController();
const keys = stateKeys('my-app');

const kept: Remembered = {
  memory: { version: 1, peaks: [[1000, 7]], queues: [], capacity: { quantity: 7, booting: [] } },
  scaling: {
    quantity: 7,
    writes: [{ from: 7, to: 9, at: 900, answered: false }],
    manual: { since: 100, until: 5000 },
    limit: { count: 10, counts: 'app', since: 100, until: 6000, refusals: 1 },
    concurrency: { value: 5, since: 100, until: 9000 },
  },
};

beforeEach(async () => {
  lease = redisLease(local.connection, keys, ['worker']);
  await lease.acquire(60_000, signal);
});

test('state is loaded by process type as it was saved', async () => {
  const store = redisMemoryStore(local.connection, keys, lease, () => {});
  await store.save(new Map([['worker', kept]]), signal);
  await store.end(new Map([['worker', kept]]), signal);
  await lease.release(signal);
  const next = await nextClock();
  expect(await next.load(['worker', 'mailer'], signal)).toEqual(new Map([['worker', kept]]));
  const key = 'drover:{my-app}:memory:worker';
  expect(await local.connection.use(signal, async (client) => await client.pttl(key))).toBeGreaterThan(0);
});

async function nextClock(): Promise<MemoryStore> {
  const other = redisLease(local.connection, keys, ['worker']);
  await other.acquire(60_000, signal);
  return redisMemoryStore(local.connection, keys, other, () => {});
}

test('state with a write in each second of five minutes is read back', () => {
  let scaling: ScalingState = {};
  for (let at = 0; at < 300_000; at += 1000) {
    scaling = noteWrite(observeQuantity(scaling, 3, at, 0), 3, 9, at);
    // As much as the platform allows: a write of its own.
    scaling = settleWrite(scaling, { quantity: 5, answered: true });
    const text = JSON.stringify({ version: 3, token: '1', memory: kept.memory, scaling });
    expect(parseSavedState(text)?.scaling, `after ${at} ms`).toEqual(scaling);
  }
  expect(scaling.writes?.at(-1)).toEqual({ from: 3, to: 5, at: 299_000, answered: true });
});

describe('the quantity', () => {
  const withoutQuantity = { ...kept, scaling: { ...kept.scaling, quantity: undefined } };

  test('is unknown to a clock that took over from one that may have acted since it saved', async () => {
    await redisMemoryStore(local.connection, keys, lease, () => {}).save(new Map([['worker', kept]]), signal);
    await lease.release(signal);
    expect((await (await nextClock()).load(['worker'], signal)).get('worker')).toEqual(withoutQuantity);
  });

  test('is unknown if another clock has had the lease since and saved nothing', async () => {
    await redisMemoryStore(local.connection, keys, lease, () => {}).end(new Map([['worker', kept]]), signal);
    await lease.release(signal);
    const between = redisLease(local.connection, keys, ['worker']);
    await between.acquire(60_000, signal);
    await between.release(signal);
    expect((await (await nextClock()).load(['worker'], signal)).get('worker')).toEqual(withoutQuantity);
  });

  test('is known to a reader without the lease as to the clock that has it', async () => {
    await redisMemoryStore(local.connection, keys, lease, () => {}).save(new Map([['worker', kept]]), signal);
    const reader = redisMemoryStore(
      local.connection,
      keys,
      redisLease(local.connection, keys, ['worker']),
      () => {},
    );
    expect((await reader.load(['worker'], signal)).get('worker')).toEqual(kept);
  });
});

test('a clock that has lost the lease does not overwrite the state of its successor', async () => {
  await lease.release(signal);
  const next = await nextClock();
  await next.save(new Map([['worker', kept]]), signal);
  const late = redisMemoryStore(local.connection, keys, { token: '1', previousToken: undefined }, () => {});
  const other = { ...kept, scaling: { quantity: 99 } };
  await expect(late.save(new Map([['worker', other]]), signal)).rejects.toMatchObject({ code: 'LEASE_LOST' });
  expect(
    await local.connection.use(signal, async (client) => await client.get(keys.memory('worker'))),
  ).not.toContain('"quantity":99');
});

describe('state that Drover would not have written', () => {
  const good = JSON.stringify({ version: 3, token: '1', ...kept });
  const rows = [
    { name: 'is not JSON', text: '{' },
    { name: 'is empty', text: '' },
    { name: 'is of a newer version', text: good.replace('"version":3', '"version":4') },
    { name: 'has a quantity below zero', text: good.replace('"quantity":7', '"quantity":-7') },
    { name: 'has a peak that is not a number', text: good.replace('[1000,7]', '[1000,"7"]') },
    { name: 'has a limit that lasts too long', text: good.replace('"until":6000', '"until":1e15') },
    { name: 'has a manual hold until 1e300', text: good.replace('"until":5000', '"until":1e300') },
    { name: 'has more dynos than any formation', text: good.replace('"to":9', '"to":9e15') },
    { name: 'has a concurrency of zero', text: good.replace('"value":5', '"value":0') },
    { name: 'has no memory', text: good.replace('"memory"', '"other"') },
    { name: 'is too long', text: `${good}${' '.repeat(1_000_000)}` },
  ];
  test.each(rows)('and $name is discarded and reported', async ({ text }) => {
    await local.connection.use(signal, async (client) => await client.set(keys.memory('worker'), text));
    const discarded: string[] = [];
    const store = redisMemoryStore(local.connection, keys, lease, (processType) =>
      discarded.push(processType),
    );
    expect(await store.load(['worker'], signal)).toEqual(new Map());
    expect(discarded).toEqual(['worker']);
  });

  test('never makes the parser throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(() => parseSavedState(text)).not.toThrow();
      }),
      { numRuns: 2000 },
    );
  });

  test('the rows above start from state that is valid', () => {
    expect(parseSavedState(good)).toEqual({ version: 3, token: '1', ...kept });
  });
});

test('a Redis that refuses writes is reported as such', async () => {
  await local.connection.use(signal, async (client) => await client.config('SET', 'maxmemory', '1'));
  const store = redisMemoryStore(local.connection, keys, lease, () => {});
  await expect(store.save(new Map([['worker', kept]]), signal)).rejects.toMatchObject({ code: 'REDIS_OOM' });
});
