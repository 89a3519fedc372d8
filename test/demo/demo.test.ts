import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { startDrover } from '../support/drover.ts';
import { descendants, isAlive } from '../support/processes.ts';

describe('drover demo', () => {
  test('shows a burst met by dynos, loses no job, ends by itself and leaves nothing running', async () => {
    // Settings of the machine it runs on must not reach it.
    const env = { REDIS_URL: 'redis://127.0.0.1:1', HEROKU_API_KEY: 'HRKU-of-the-user', MAX_WORKERS: '2' };
    const demo = startDrover(['demo', '--for', '15s'], { env, secrets: ['HRKU-of-the-user'] });
    const seen = new Set<number>();
    const timer = setInterval(() => descendants(demo.child.pid ?? 0).forEach((pid) => seen.add(pid)), 500);
    const { code, stdout, stderr } = await demo.ended;
    clearInterval(timer);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/jobs lost {5}0 \(0 started twice, 0 dynos killed\)/);
    expect(stdout).toMatch(/dynos {9}1 to ([89]|10)\n/);
    expect(stdout).toMatch(/jobs done {5}[1-9]/);
    // How many of its workers' seconds fit into fifteen is up to the machine.
    expect(stdout).toMatch(/750 e-mails (delivered in \d+ s|not all delivered at the end)/);
    // Redis, and the workers of several dynos.
    expect(seen.size).toBeGreaterThan(4);
    await expect.poll(() => [...seen].filter(isAlive)).toEqual([]);
  });

  test('with --platform kubernetes, shows a burst met by pods, loses no job, and leaves nothing behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drover-demo-'));
    onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
    const env = { TMPDIR: folder, PLATFORM: 'heroku', KUBECONFIG: '/nowhere', KUBERNETES_NAMESPACE: 'mine' };
    const demo = startDrover(['demo', '--platform', 'kubernetes', '--for', '12s'], { env });
    await expect.poll(() => demo.printed.stdout).toMatch(/pods [3-9]/);
    const below = descendants(demo.child.pid ?? 0);
    const { code, stdout, stderr } = await demo.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/jobs lost {5}0 \(0 started twice, 0 pods killed\)/);
    expect(stdout).toMatch(/jobs done {5}[1-9]/);
    expect(stdout).not.toMatch(/dyno|Heroku/i);
    // Redis, and the workers of several pods.
    expect(below.length).toBeGreaterThan(3);
    await expect.poll(() => below.filter(isAlive)).toEqual([]);
    await expect.poll(async () => await readdir(folder)).toEqual([]);
  });

  test('killed by SIGKILL, it leaves neither a process nor a folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drover-demo-'));
    onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
    const demo = startDrover(['demo'], { env: { TMPDIR: folder } });
    await expect.poll(() => demo.printed.stdout).toMatch(/done [1-9]/);
    const below = descendants(demo.child.pid ?? 0);
    expect(await readdir(folder)).toHaveLength(1);
    demo.child.kill('SIGKILL');
    await demo.ended;
    // Redis and the workers of a dyno at least.
    expect(below.length).toBeGreaterThan(1);
    await expect.poll(() => below.filter(isAlive)).toEqual([]);
    await expect.poll(async () => await readdir(folder)).toEqual([]);
  });

  test('an old Redis ends it with one sentence, and nothing left running', async () => {
    const env = { REDIS_SERVER_BINARY: join(import.meta.dirname, '../support/old-redis.mjs') };
    const demo = startDrover(['demo'], { env });
    const seen = new Set<number>();
    const timer = setInterval(() => descendants(demo.child.pid ?? 0).forEach((pid) => seen.add(pid)), 50);
    const { code, stderr } = await demo.ended;
    clearInterval(timer);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^drover: the Redis server of this machine is too old for BullMQ\. Install Redis 6 or newer, or Valkey, and try again\.\n/m,
    );
    expect(seen.size).toBeGreaterThan(0);
    await expect.poll(() => [...seen].filter(isAlive)).toEqual([]);
  });

  test('a time it cannot run for is reported', async () => {
    const { code, stderr } = await startDrover(['demo', '--for', 'soon']).ended;
    expect(code).toBe(2);
    expect(stderr).toContain('It must be a time from 5s to 24h');
  });
});
