import BullQueue from 'bull';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import { drover } from '../support/drover.ts';
import { until } from '../support/patience.ts';
import { TestEnvironment } from '../support/test-environment.ts';

let scene: TestEnvironment;
let queue: BullQueue.Queue;

beforeAll(async () => {
  scene = await TestEnvironment.start();
  await scene.reset();
  queue = new BullQueue('mail', scene.redisUrl);
});
afterAll(async () => {
  await queue.close();
  await scene.stop();
});

/** The quantity after one tick, as an operator who starts from Heroku Scheduler has it. */
async function tick(): Promise<number | undefined> {
  const settings = { MIN_WORKERS: '1', SCALE_DOWN_DELAY_SECONDS: '0', LOG_LEVEL: 'error' };
  const ran = await drover(['run', '--once'], { env: { ...scene.env, ...settings }, secrets: scene.secrets });
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  return scene.platform.quantity(scene.app, 'worker');
}

test('Drover scales workers of Bull 4 up to the backlog, and down once none of them runs a job', async () => {
  await queue.addBulk(
    Array.from({ length: 430 }, (_, job) => ({
      data: {},
      opts: { priority: job % 5, removeOnComplete: true },
    })),
  );
  expect(await tick()).toBe(5);

  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  // The queue closes only after its jobs.
  onTestFinished(() => release());
  let started = 0;
  void queue.process(async () => {
    started += 1;
    if (started === 430) await released;
  });
  await until(async () => started === 430 && (await queue.getWaitingCount()) === 0);
  expect(await tick()).toBe(5);

  release();
  await until(async () => (await queue.getActiveCount()) === 0);
  expect(await tick()).toBe(1);
});
