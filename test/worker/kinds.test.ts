import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import type { BullWorker } from '../../src/worker/bullmq-worker.ts';
import { until } from '../support/patience.ts';
import { clockKeys, startCooperating, KINDS, queue, type MakeWorker } from './worker-setup.ts';

/** A worker of two slots that was just asked to rest, with one job running for as long as the test wants. */
async function pausedWithOneOfTwo(make: MakeWorker): Promise<{ worker: BullWorker; ends: (() => void)[] }> {
  const ends: (() => void)[] = [];
  const worker = make(async () => await new Promise<void>((resolve) => ends.push(resolve)), 2);
  startCooperating(worker);
  await queue.add('a', {});
  await until(() => ends.length === 1);
  await clockKeys.requestDrain(2, 'e1');
  await until(() => worker.isPaused());
  return { worker, ends };
}

describe.each(KINDS)('$name', ({ make }) => {
  test('says how it is, and works', async () => {
    await queue.add('a', {});
    let done = 0;
    const worker = make(async () => (done += 1), 5);
    startCooperating(worker);
    await until(() => done === 1);
    await clockKeys.untilReported({ dyno: 'worker.3', concurrency: 5, resting: undefined });
    await until(async () => (await clockKeys.reports())[0]?.readyAt !== undefined);
    const [report] = await clockKeys.reports();
    expect(report?.readyAt).toBeGreaterThan(report?.bootedAt ?? Infinity);
    expect(worker.opts.name).toBe('worker.3');
  });

  test('above the limit it finishes what it has, drains, and resumes at once', async () => {
    const { ends } = await pausedWithOneOfTwo(make);
    // The fetch that was under way still takes a job that comes in time: it ends with the worker's `drainDelay`.
    await clockKeys.untilNoFetch();
    await queue.add('b', {});
    await clockKeys.untilHeartbeats(4);
    // Busy, so it has not come to rest; the second slot is free, yet takes nothing.
    await clockKeys.untilReported({ resting: undefined });
    expect(ends).toHaveLength(1);

    ends[0]?.();
    await clockKeys.untilReported({ resting: 'e1' });
    await clockKeys.untilHeartbeats(4);
    expect(ends).toHaveLength(1);

    await clockKeys.deleteRequest();
    await until(() => ends.length === 2);
    ends[1]?.();
  });

  test('booted above the limit it begins nothing', async () => {
    await clockKeys.requestDrain(2, 'e1');
    await queue.add('a', {});
    let begun = 0;
    startCooperating(make(async () => (begun += 1)));
    await clockKeys.untilReported({ resting: 'e1' });
    await clockKeys.untilHeartbeats(4);
    expect(begun).toBe(0);
    expect(await queue.getWaitingCount()).toBe(1);
  });

  test('when the drain request expires it works', async () => {
    await clockKeys.requestDrain(2, 'e1');
    let done = 0;
    startCooperating(make(async () => (done += 1)));
    await clockKeys.untilReported({ resting: 'e1' });
    await queue.add('a', {});
    await clockKeys.requestDrain(2, 'e1', 400, 400);
    await until(() => done > 0);
    expect(done).toBe(1);
  });

  test('a drain turned round ten times leaves it working, with every job run once', async () => {
    let done = 0;
    const worker = make(async () => {
      await delay(5);
      done += 1;
    }, 3);
    startCooperating(worker);
    for (let turn = 0; turn < 10; turn += 1) {
      await queue.addBulk(Array.from({ length: 10 }, () => ({ name: 'a', data: {} })));
      await clockKeys.requestDrain(2, `e${turn}`);
      await (turn % 2 === 0
        ? clockKeys.untilReported({ resting: `e${turn}` })
        : until(() => worker.isPaused()));
      await clockKeys.deleteRequest();
      await until(() => !worker.isPaused());
    }
    // A job counts as run before BullMQ has moved it.
    await until(async () => (await queue.getCompletedCount()) === 100);
    expect(done).toBe(100);
    const jobs = await queue.getCompleted(0, 200);
    expect(jobs).toHaveLength(100);
    expect(jobs.filter((job) => job.attemptsStarted !== 1)).toEqual([]);
  });
});

test.each([
  ...KINDS.slice(0, 3).map((kind) => ({ ...kind, does: 'at once', begun: 2 })),
  ...KINDS.slice(3).map((kind) => ({ ...kind, does: 'when its job ends', begun: 1 })),
])('called back while a job runs, $name fills its free slots $does', async ({ make, begun }) => {
  const { worker, ends } = await pausedWithOneOfTwo(make);
  await clockKeys.untilNoFetch();
  await clockKeys.deleteRequest();
  await until(() => !worker.isPaused());
  await queue.add('b', {});
  if (begun === 1) await clockKeys.untilHeartbeats(5);
  else await until(() => ends.length === begun);
  expect(ends).toHaveLength(begun);
  ends[0]?.();
  await until(() => ends.length === 2);
  ends[1]?.();
});
