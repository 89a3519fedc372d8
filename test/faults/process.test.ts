import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { freePort, startRedisServer } from '../../src/standin/redis-server.ts';
import { startDrover, type Running, type RunOptions } from '../support/drover.ts';
import { TestEnvironment } from '../support/test-environment.ts';

const SECOND = '* * * * * *';

let environment: TestEnvironment;

beforeAll(async () => {
  environment = await TestEnvironment.start();
});
afterAll(async () => {
  await environment.stop();
});
beforeEach(async () => {
  await environment.reset();
  // A queue in which there never was a job is missing.
  await environment.add('mail', 100);
});

function run(env: Record<string, string> = {}, options: Partial<RunOptions> = {}): Running {
  const settings = { SCHEDULE: SECOND, SCALE_DOWN_DELAY_SECONDS: '0', ...env };
  return startDrover(['run'], {
    env: { ...environment.env, ...settings },
    secrets: environment.secrets,
    ...options,
  });
}

const quantity = (): number => environment.platform.quantity(environment.app, 'worker');
const patches = (): unknown[] =>
  environment.platform.requests.filter(({ method }) => method === 'PATCH').map(({ body }) => body);

/** In one command, so that a tick finds all of them or none. */
async function push(jobs: number): Promise<void> {
  await environment.redis.lpush(
    'bull:mail:wait',
    ...Array.from({ length: jobs }, (_, index) => `pushed-${index}`),
  );
}

async function says({ printed }: Running, words: string | RegExp): Promise<void> {
  await expect.poll(() => printed.stdout).toMatch(words);
}

async function ends(running: Running): Promise<void> {
  running.child.kill('SIGTERM');
  expect((await running.ended).code).toBe(0);
}

describe('where its log goes', () => {
  test('a closed pipe does not stop it', async () => {
    const running = run();
    await says(running, 'stay at 3');
    running.child.stdout?.destroy();
    for (const [jobs, dynos] of [
      [600, 7],
      [800, 15],
    ] as const) {
      await environment.add('mail', jobs);
      await expect.poll(quantity).toBe(dynos);
    }
    await ends(running);
  });

  test.skipIf(!existsSync('/dev/full'))('nor does a full disk (needs /dev/full)', async () => {
    await using file = await open('/dev/full', 'w');
    const running = run({}, { stdout: file.fd });
    await environment.add('mail', 600);
    await expect.poll(quantity).toBe(7);
    await environment.add('mail', 800);
    await expect.poll(quantity).toBe(15);
    await ends(running);
  });
});

describe('two clocks', () => {
  test('as in a deploy: the new one stands by, takes over at the end of the old one, and writes nothing twice', async () => {
    const before = patches().length;
    const old = run();
    await says(old, 'stay at 3');
    const young = run();
    await says(young, 'standing by');
    await push(600);
    await expect.poll(quantity).toBe(7);
    await ends(old);
    await says(young, /resolved after \d+ s: standing by/);
    await sleep(1500);
    expect(patches().slice(before)).toEqual([{ quantity: 7 }]);
    await push(300);
    await expect.poll(quantity).toBe(10);
    expect(patches().slice(before)).toEqual([{ quantity: 7 }, { quantity: 10 }]);
    await ends(young);
  });

  test('one that is killed is followed within two ticks', async () => {
    const env = { SCHEDULE: '*/2 * * * * *' };
    const first = run(env);
    await says(first, 'stay at 3');
    const second = run(env);
    await says(second, 'standing by');
    await environment.add('mail', 600);
    // Its lease is at its longest just after a tick; in mid-write it covers the write.
    await says(first, 'set to 7');
    first.child.kill('SIGKILL');
    // What it leaves is over after one and a half, so the second of the other's slots finds it free.
    expect(await environment.redis.pttl('drover:{my-app}:lease')).toBeLessThanOrEqual(1.5 * 2000);
    await environment.add('mail', 300);
    await expect.poll(quantity).toBe(10);
    await ends(second);
  });

  test('one that is stopped in mid-tick, and wakes up when another acts, writes nothing', async () => {
    const sleeper = run();
    await says(sleeper, 'stay at 3');
    const other = run();
    await says(other, 'standing by');
    // Its decision stands, and it has asked what it asks before it writes.
    let stopped = false;
    environment.platform.intercept(({ path }) => {
      if (!stopped && path.endsWith('/dynos')) {
        sleeper.child.kill('SIGSTOP');
        stopped = true;
      }
      return 'pass';
    });
    await environment.add('mail', 1900);
    await expect.poll(() => stopped).toBe(true);
    await expect.poll(quantity).toBe(20);
    await environment.redis.del('bull:mail:wait');
    await expect.poll(quantity).toBe(3);
    const written = patches().length;
    sleeper.child.kill('SIGCONT');
    await says(sleeper, /LEASE_LOST|standing by/);
    await sleep(2500);
    expect([patches().length, quantity()]).toEqual([written, 3]);
    await ends(sleeper);
    await ends(other);
  });
});

describe('Redis', () => {
  test('a name that is not known holds, and is reported once', async () => {
    const running = run({ REDIS_URL: 'redis://does-not-exist.invalid:6379' });
    await says(running, /REDIS_UNREACHABLE/);
    await sleep(2500);
    expect(running.printed.stdout.match(/"level":"warn"/g)).toHaveLength(1);
    expect(quantity()).toBe(3);
    await ends(running);
  });

  test('killed and started again, empty: nothing goes down, and it goes on by itself', async () => {
    const port = await freePort();
    let redis = await startRedisServer({ port });
    const running = run({ REDIS_URL: `redis://127.0.0.1:${port}`, QUEUES: 'other' });
    await says(running, 'QUEUE_MISSING');
    await redis.stop();
    await says(running, /worker: cannot read state; holding: Redis cannot be reached/);
    environment.platform.setQuantity(environment.app, 'worker', 9);
    redis = await startRedisServer({ port });
    // Its queues are gone with it: not known is not none.
    await says(running, /resolved after \d+ s: worker: REDIS_UNREACHABLE/);
    expect(quantity()).toBe(9);
    await ends(running);
    await redis.stop();
  });
});
