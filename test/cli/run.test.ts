import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { beforeEach, describe, expect, test } from 'vitest';

import { drover, startDrover, type Running } from '../support/drover.ts';
import { testEnvironment } from '../support/test-environment-hooks.ts';

const scene = await testEnvironment();

beforeEach(async () => {
  await scene.add('mail', 1);
});

const quick = { SCHEDULE: '* * * * * *', SCALE_DOWN_DELAY_SECONDS: '0', MIN_WORKERS: '0' };
const start = (args: readonly string[] = [], env: Record<string, string> = {}): Running =>
  startDrover(['run', ...args], { env: { ...scene.env, ...quick, ...env }, secrets: scene.secrets });
const quantity = (): number => scene.platform.quantity(scene.app, 'worker');

async function stop(running: Running, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  running.child.kill(signal);
  const { code } = await running.ended;
  expect(code).toBe(0);
}

/** So it ended in order: when its time to end is over, the process exits with the lease still held. */
async function leaseGivenUp(): Promise<boolean> {
  return (await scene.redis.exists('drover:{my-app}:lease')) === 0;
}

describe('run', () => {
  test('follows the backlog up and down, and ends on SIGTERM', async () => {
    const running = start();
    await expect.poll(quantity).toBe(1);
    await scene.add('mail', 1500);
    await expect.poll(quantity).toBe(16);
    await scene.queue('mail').obliterate({ force: true });
    await scene.queue('mail').waitUntilReady();
    await scene.add('mail', 1);
    await expect.poll(quantity).toBe(1);
    await stop(running);
    const lines = running.printed.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string });
    // From 1, or from what a tick set that found a part of the jobs.
    expect(lines.map(({ msg }) => msg).join('\n')).toMatch(
      /worker: set to 16 Standard-1X: 1,501 jobs need 16 dynos: \d+ → 16/,
    );
  });

  test('sees a burst hours before the next slot', async () => {
    const running = start([], { SCHEDULE: '0 0 0 * * *' });
    await expect.poll(() => running.printed.stdout).toContain('stay at 3');
    await scene.addAtOnce('mail', 1500);
    await expect.poll(() => running.printed.stdout).toContain('3 → 16 (before its slot: more jobs came)');
    expect(quantity()).toBe(16);
    await stop(running);
  });

  test('gives the lease up at its end, so the next clock need not wait', async () => {
    const running = start();
    await expect.poll(quantity).toBe(1);
    await stop(running, 'SIGINT');
    expect(await leaseGivenUp()).toBe(true);
  });

  test('of two clocks one acts, and the other says that it stands by', async () => {
    const one = start();
    await expect.poll(quantity).toBe(1);
    const two = start();
    await expect.poll(() => two.printed.stdout).toContain('another clock holds the lease');
    await stop(one);
    await scene.add('mail', 500);
    await expect.poll(quantity).toBe(6);
    await stop(two);
  });

  test('ends in order while Heroku hangs', async () => {
    scene.platform.intercept(() => ({ hang: true }));
    const before = scene.platform.requests.length;
    // A lease of minutes, so that it is not over by itself.
    const running = start([], { SCHEDULE: '0 0 * * * *' });
    await expect.poll(() => scene.platform.requests.length).toBeGreaterThan(before);
    expect(await leaseGivenUp()).toBe(false);
    await stop(running);
    expect(await leaseGivenUp()).toBe(true);
  });

  test('gives the lease up before a notice has arrived', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    const asked = once(server, 'request');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const running = start([], { NOTIFY_URL: `http://127.0.0.1:${port}/`, QUEUES: 'typo' });
      const [, response] = (await asked) as [IncomingMessage, ServerResponse];
      running.child.kill('SIGTERM');
      // So that the lease cannot end by its time: only a clock that gives it up deletes it.
      const givenUp = async (): Promise<boolean> => {
        await scene.redis.persist('drover:{my-app}:lease');
        return await leaseGivenUp();
      };
      await expect.poll(givenUp, { interval: 20, timeout: 3000 }).toBe(true);
      expect(running.child.exitCode).toBeNull();
      response.end();
      expect((await running.ended).code).toBe(0);
    } finally {
      server.close();
    }
  });

  test('a Redis that is not there is reported once, not every tick', async () => {
    const running = start([], { REDIS_URL: 'redis://127.0.0.1:1' });
    await expect.poll(() => running.printed.stdout).toContain('ECONNREFUSED');
    await new Promise((resolve) => setTimeout(resolve, 2500));
    await stop(running);
    expect(running.printed.stdout.match(/ECONNREFUSED/g)).toHaveLength(1);
    expect(quantity()).toBe(3);
  });
});

describe('run --dry-run', () => {
  test.each([
    { name: 'the option', args: ['--dry-run'], env: {} },
    { name: 'the setting', args: [], env: { DRY_RUN: 'true' } },
  ])('by $name says what it would do, and writes nothing anywhere', async ({ args, env }) => {
    const before = scene.platform.requests.length;
    const running = start(args, env);
    await expect.poll(() => running.printed.stdout).toContain('would set 1 (dry run)');
    await stop(running);
    expect(scene.platform.requests.slice(before).every(({ method }) => method === 'GET')).toBe(true);
    expect(await scene.redis.keys('drover:*')).toEqual([]);
  });
});

describe('run --once', () => {
  const runOnce = async (env: Record<string, string> = {}) =>
    await drover(['run', '--once'], {
      env: { ...scene.env, MIN_WORKERS: '0', ...env },
      secrets: scene.secrets,
    });

  test('makes one tick, and puts its answer on stdout', async () => {
    await scene.add('mail', 700);
    const seen = await runOnce();
    expect(seen.code).toBe(0);
    expect(seen.stdout).toBe('worker: set to 8 Standard-1X: 701 jobs need 8 dynos: 3 → 8\n');
    expect(quantity()).toBe(8);
  });

  test('remembers a peak from one process to the next', async () => {
    await scene.add('mail', 700);
    await runOnce();
    await scene.queue('mail').obliterate({ force: true });
    await scene.add('mail', 1);
    await runOnce({ SCALE_DOWN_DELAY_SECONDS: '3600' });
    expect(quantity()).toBe(8);
    await runOnce({ SCALE_DOWN_DELAY_SECONDS: '0' });
    expect(quantity()).toBe(1);
  });

  test('that fails exits with 1', async () => {
    const seen = await runOnce({ REDIS_URL: 'redis://127.0.0.1:1' });
    expect(seen.code).toBe(1);
    expect(quantity()).toBe(3);
  });
});
