import { setTimeout as delay } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { randomFrom } from '../../src/sim/random.ts';
import { RedisClient } from './redis-client.ts';
import { runCommand } from './redis-commands.ts';
import { VirtualRedis } from './redis.ts';
import { storyOf } from './seeds.ts';
import { Time, type Machine } from './time.ts';
import { play } from './world.ts';

/** Lets work run on a machine of a time that begins at 1,000,000, until that time is over. */
async function within(
  ms: number,
  work: (time: Time, machine: Machine, log: unknown[]) => void,
): Promise<unknown[]> {
  const time = new Time(1_000_000);
  const machine = time.machine('a');
  const log: unknown[] = [];
  const restore = time.install();
  try {
    time.on(machine, 0, () => work(time, machine, log));
    await time.advance(1_000_000 + ms);
  } finally {
    restore();
  }
  return log;
}

test('a burst brings a tick forward in the world too', async () => {
  const { log } = await play(storyOf(16), true);
  const ticks = log.filter(([, text]) => text.startsWith('clock 1 worker')).map(([atMs]) => atMs);
  const gaps = ticks.slice(1).map((atMs, index) => atMs - (ticks[index] ?? 0));
  expect(gaps.length).toBeGreaterThan(50);
  expect(gaps.some((gap) => gap < 2000)).toBe(true);
});

test('timers, sleeps and wall clocks keep virtual time', async () => {
  const log = await within(10_000, (_, __, seen) => {
    setTimeout(() => seen.push(['timer', Date.now(), performance.now()]), 3000);
    clearTimeout(setTimeout(() => seen.push('never'), 10));
    void delay(2000, 'slept').then((value) => seen.push([value, new Date().getTime()]));
    AbortSignal.timeout(5000).addEventListener('abort', () => seen.push(['aborted', Date.now()]));
  });
  expect(log).toEqual([
    ['slept', 1_002_000],
    ['timer', 1_003_000, 3000],
    ['aborted', 1_005_000],
  ]);
});

test('a machine has a wall clock of its own, and all that hangs on an event runs on its machine', async () => {
  const log = await within(10_000, (time, machine, seen) => {
    const other = time.machine('b');
    other.skewMs = 500_000;
    time.on(other, 1000, () => {
      void delay(1000).then(() => seen.push(['b', Date.now()]));
    });
    void delay(1500).then(async () => {
      await Promise.resolve();
      seen.push([machine.name, Date.now()]);
    });
  });
  expect(log).toEqual([
    ['a', 1_001_500],
    ['b', 1_502_000],
  ]);
});

test('a stopped machine does everything when it wakes up, a dead one nothing', async () => {
  const log = await within(60_000, (time, machine, seen) => {
    const dead = time.machine('dead');
    time.on(dead, 100, () => seen.push('dead'));
    dead.state = 'dead';
    setTimeout(() => seen.push(['first', Date.now()]), 2000);
    setTimeout(() => seen.push(['second', Date.now()]), 4000);
    time.after(1000, () => time.stop(machine));
    time.after(30_000, () => time.wake(machine));
  });
  expect(log).toEqual([
    ['first', 1_030_000],
    ['second', 1_030_000],
  ]);
});

type Fault = readonly [name: string, fault: (redis: VirtualRedis, time: Time) => void, said: string];

test.each<Fault>([
  ['out of reach', (redis) => redis.setReachable(false), 'Connection is closed.'],
  ['hanging', (redis) => redis.setHanging(true), 'Socket timeout'],
  ['full', (redis) => void (redis.full = true), "OOM command not allowed when used memory > 'maxmemory'."],
  [
    'failed over',
    (redis) => redis.failOver(() => true),
    "READONLY You can't write against a read only replica.",
  ],
  ['slow', (redis) => void (redis.slowMs = 2000), 'OK'],
])('a command to a Redis that is %s', async (_, fault, said) => {
  const log = await within(60_000, (time, machine, seen) => {
    const redis = new VirtualRedis(time, randomFrom(1));
    const client = new RedisClient(redis, machine, false);
    void client.connect();
    time.after(1000, () => fault(redis, time));
    time.on(machine, 1000, () => {
      client.set('key', 'value').then(
        (answer) => seen.push(answer),
        (thrown: Error) => seen.push(thrown.message),
      );
    });
  });
  expect(log).toEqual([said]);
});

test('a failover loses all writes after some moment', async () => {
  const log = await within(10_000, (time, _, seen) => {
    const { data } = new VirtualRedis(time, randomFrom(1));
    runCommand(data, 'SET', ['a', '1']);
    runCommand(data, 'HSET', ['h', 'x', '1']);
    const goBack = data.snapshot();
    runCommand(data, 'SET', ['a', '2']);
    runCommand(data, 'HSET', ['h', 'y', '2']);
    runCommand(data, 'SET', ['b', '1']);
    goBack();
    seen.push(runCommand(data, 'MGET', ['a', 'b']), runCommand(data, 'HGETALL', ['h']));
  });
  expect(log).toEqual([
    ['1', null],
    ['x', '1'],
  ]);
});

test('a seed replays exactly', async () => {
  for (const seed of [3, 50, 76]) {
    const [first, second] = [await play(storyOf(seed), true), await play(storyOf(seed), true)];
    expect(first.log.length).toBeGreaterThan(30);
    expect(second).toEqual(first);
  }
});
