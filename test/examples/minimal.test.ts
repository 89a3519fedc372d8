import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';

import { startRedisServer } from '../../src/standin/redis-server.ts';
import { until } from '../support/patience.ts';

const ROOT = resolve(import.meta.dirname, '../..');

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** The example as `npm install` leaves it: Drover is a link to the checkout, built, and BullMQ is beside it. */
async function install(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-minimal-'));
  closers.push(async () => await rm(folder, { recursive: true, force: true }));
  await cp(join(ROOT, 'examples/minimal'), folder, { recursive: true });
  await rm(join(folder, 'node_modules'), { recursive: true, force: true });
  await mkdir(join(folder, 'node_modules'));
  await symlink(ROOT, join(folder, 'node_modules/drover'));
  await symlink(join(ROOT, 'node_modules/bullmq'), join(folder, 'node_modules/bullmq'));
  return folder;
}

test('the minimal example does a job, and its worker reports to Drover', async () => {
  const folder = await install();
  const server = await startRedisServer();
  closers.push(async () => await server.stop());
  const env = {
    PATH: process.env['PATH'] ?? '',
    REDIS_URL: server.url,
    HEROKU_APP_NAME: 'minimal',
    DYNO: 'worker.1',
  };
  const procfile = await readFile(join(folder, 'Procfile'), 'utf8');
  const script = /^worker: node (.+)$/m.exec(procfile)?.[1] ?? '';
  const worker = spawn(process.execPath, [script], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(worker, 'exit');
  closers.push(async () => {
    worker.kill('SIGKILL');
    await exited;
  });
  let output = '';
  worker.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const adding = spawn(process.execPath, ['add.js', 'grace@example.com'], {
    cwd: folder,
    env,
    stdio: 'inherit',
  });
  expect(await once(adding, 'exit')).toEqual([0, null]);

  const queue = new Queue('mail', { connection: { port: server.port } });
  closers.push(async () => await queue.close());
  await until(async () => (await queue.getCompletedCount()) === 1);
  await expect.poll(() => output).toBe('sent to grace@example.com\n');

  const redis = new Redis(server.url);
  closers.push(async () => await redis.quit());
  await until(async () => (await redis.hlen('drover:{minimal}:crew:worker:reports')) === 1);
  const [report] = await redis.hvals('drover:{minimal}:crew:worker:reports');
  expect(report).toContain('"dyno":"worker.1"');

  worker.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});
