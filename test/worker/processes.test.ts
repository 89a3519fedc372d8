import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import type { Job } from 'bullmq';
import { describe, expect, test } from 'vitest';

import { until } from '../support/patience.ts';
import { APP, FAST } from './clock-keys.ts';
import { cleanups, clockKeys, queue, server } from './worker-setup.ts';

/** For jobs that cannot be finished: nothing is gained by waiting for them. */
const IMPATIENT = { TIMING: JSON.stringify({ ...FAST, closeTimeoutMs: 500 }) };

function start(file: string, env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [resolve(import.meta.dirname, 'apps', file)], {
    env: {
      PATH: process.env['PATH'],
      REDIS_PORT: String(server.port),
      HEROKU_APP_NAME: APP,
      DYNO: 'worker.3',
      TIMING: JSON.stringify(FAST),
      ...env,
    },
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  cleanups.push(async () => {
    if (child.pid === undefined) return;
    const runs = child.exitCode === null && child.signalCode === null;
    try {
      // As the platform does in the end: a sandbox outlives the process that has started it.
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // None of its group is left.
    }
    if (runs) await once(child, 'exit');
  });
  return child;
}

/** As the platform does: every process of the dyno gets it. */
function terminate(child: ChildProcess): void {
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
}

async function ended(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

/** A job that ends once it is released, however slow the machine is. */
async function heldJob(): Promise<{ readonly job: Job; readonly release: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-held-'));
  const heldBy = join(folder, 'held');
  await writeFile(heldBy, '');
  cleanups.push(async () => await rm(folder, { recursive: true, force: true }));
  return { job: await queue.add('a', { heldBy }), release: async () => await rm(heldBy) };
}

/** A process deletes its report when it gets SIGTERM. */
async function heardSigterm(): Promise<void> {
  await until(async () => (await clockKeys.reports()).length === 0);
}

/** The processor itself has begun: a sandbox that is still starting does not yet know what SIGTERM means. */
async function begun(job: Job): Promise<void> {
  await until(async () => (await latest(job)).progress === 1);
}

async function latest(job: Job): Promise<Job> {
  const found: Job | undefined = await queue.getJob(job.id ?? '');
  if (found === undefined) throw new Error('the job is gone');
  return found;
}

describe.each([
  { name: 'an ES module', file: 'module.mjs' },
  { name: 'CommonJS', file: 'common.cjs' },
])('the exported helper from $name', ({ file }) => {
  test('works, reports, and ends on SIGTERM', async () => {
    const job = await queue.add('a', {});
    const child = start(file);
    await until(async () => await job.isCompleted());
    await clockKeys.untilReported({ dyno: 'worker.3', concurrency: 1 });
    terminate(child);
    expect(await ended(child)).toBe(0);
    expect(await clockKeys.reports()).toEqual([]);
  });
});

describe.each([
  { name: 'BullMQ 6', env: {} },
  { name: 'BullMQ 5', env: { BULLMQ: 'bullmq5' } },
  { name: 'a sandboxed processor', env: { SANDBOXED: 'yes' } },
])('SIGTERM, with $name', ({ env }) => {
  test('what can be finished is finished, and nothing else begun', async () => {
    const { job, release } = await heldJob();
    const child = start('dyno.mjs', env);
    await begun(job);
    const next = await queue.add('b', {});
    terminate(child);
    await heardSigterm();
    await release();
    expect(await ended(child)).toBe(0);
    expect(await job.isCompleted()).toBe(true);
    expect(await next.isWaiting()).toBe(true);
  });

  test('what cannot be finished is handed back before the kill, and costs neither attempt nor stall', async () => {
    const job = await queue.add('a', { ms: 3_600_000 }, { attempts: 1, priority: 3 });
    const child = start('dyno.mjs', { ...env, ...IMPATIENT });
    await begun(job);
    terminate(child);
    expect(await ended(child)).toBe(0);
    // It has not been waited for: it would be done.
    expect(await job.isDelayed()).toBe(true);
    expect(await clockKeys.redis.keys('bull:mail:*:lock')).toEqual([]);

    await job.updateData({ ms: 10 });
    start('dyno.mjs', env);
    await until(async () => await job.isCompleted());
    const { attemptsMade, attemptsStarted, stalledCounter, priority } = await latest(job);
    expect({ attemptsMade, attemptsStarted, stalledCounter, priority }).toEqual({
      attemptsMade: 1,
      attemptsStarted: 2,
      stalledCounter: 0,
      priority: 3,
    });
  });
});

describe("SIGTERM: the user's handler runs and decides when the process ends", () => {
  test.each([
    { name: 'registered by on', env: { HANDLER: 'on' } },
    { name: 'registered by on before cooperate', env: { HANDLER: 'on', HANDLER_WHEN: 'before' } },
    { name: 'registered by once', env: { HANDLER: 'once' } },
    { name: 'registered by once before cooperate', env: { HANDLER: 'once', HANDLER_WHEN: 'before' } },
    {
      name: 'registered by once between two calls of cooperate',
      env: { HANDLER: 'once', HANDLER_WHEN: 'between', COOPERATIONS: '2' },
    },
    { name: 'put before all others by once', env: { HANDLER: 'prependOnceListener' } },
    { name: 'registered by on, and it stops the helper', env: { HANDLER: 'on', HANDLER_STOPS: 'yes' } },
    { name: 'registered by once, and it stops the helper', env: { HANDLER: 'once', HANDLER_STOPS: 'yes' } },
  ])('$name', async ({ env }) => {
    const { job, release } = await heldJob();
    const child = start('dyno.mjs', env);
    await begun(job);
    terminate(child);
    await heardSigterm();
    await release();
    expect(await ended(child)).toBe(7);
    expect(await job.isCompleted()).toBe(true);
  });
});

describe('SIGTERM', () => {
  test('drained it ends at once', async () => {
    await clockKeys.requestDrain(2, 'e1');
    const child = start('dyno.mjs', { TIMING: JSON.stringify({ ...FAST, closeTimeoutMs: 3_600_000 }) });
    await clockKeys.untilReported({ resting: 'e1' });
    terminate(child);
    // Its patience, as any fixed wait, would outlast the test.
    expect(await ended(child)).toBe(0);
  });

  test('sent twice it is one', async () => {
    const { job, release } = await heldJob();
    const child = start('dyno.mjs');
    await begun(job);
    terminate(child);
    await heardSigterm();
    child.kill('SIGTERM');
    await release();
    expect(await ended(child)).toBe(0);
    expect(await job.isCompleted()).toBe(true);
  });

  test('a frozen process that wakes follows what it then reads', async () => {
    await clockKeys.requestDrain(2, 'e1');
    const child = start('dyno.mjs');
    await clockKeys.untilReported({ resting: 'e1' });
    child.kill('SIGSTOP');
    await clockKeys.deleteRequest();
    const job = await queue.add('a', { ms: 10 });
    expect(await job.isWaiting()).toBe(true);
    child.kill('SIGCONT');
    await until(async () => await job.isCompleted());
  });
});
