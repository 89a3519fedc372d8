import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import type { BullWorker } from '../../src/worker/bullmq-worker.ts';
import { until } from '../support/patience.ts';
import { hub, join, KINDS, queue, type MakeWorker } from './scene.ts';

/** A worker of two slots that was just asked to rest, with one job running for as long as the test wants. */
async function pausedWithOneOfTwo(make: MakeWorker): Promise<{ worker: BullWorker; ends: (() => void)[] }> {
  const ends: (() => void)[] = [];
  const worker = make(async () => await new Promise<void>((resolve) => ends.push(resolve)), 2);
  join(worker);
  await queue.add('a', {});
  await until(() => ends.length === 1);
  await hub.ask(2, 'e1');
  await until(() => worker.isPaused());
  return { worker, ends };
}

describe.each(KINDS)('$name', ({ make }) => {
  test('says how it is, and works', async () => {
    await queue.add('a', {});
    let done = 0;
    const worker = make(async () => (done += 1), 5);
    join(worker);
    await until(() => done === 1);
    await hub.hears({ dyno: 'worker.3', concurrency: 5, resting: undefined });
    await until(async () => (await hub.reports())[0]?.readyAt !== undefined);
    const [report] = await hub.reports();
    expect(report?.readyAt).toBeGreaterThan(report?.bootedAt ?? Infinity);
    expect(worker.opts.name).toBe('worker.3');
  });

  test('above the limit it finishes what it has, rests, and is back at once', async () => {
    const { ends } = await pausedWithOneOfTwo(make);
    // The fetch that was under way still takes a job that comes in time: it ends with the worker's `drainDelay`.
    await hub.fetchesOver();
    await queue.add('b', {});
    await hub.beats(4);
    // Busy, so it has not come to rest; the second slot is free, yet takes nothing.
    await hub.hears({ resting: undefined });
    expect(ends).toHaveLength(1);

    ends[0]?.();
    await hub.hears({ resting: 'e1' });
    await hub.beats(4);
    expect(ends).toHaveLength(1);

    await hub.release();
    await until(() => ends.length === 2);
    ends[1]?.();
  });

  test('booted above the limit it begins nothing', async () => {
    await hub.ask(2, 'e1');
    await queue.add('a', {});
    let begun = 0;
    join(make(async () => (begun += 1)));
    await hub.hears({ resting: 'e1' });
    await hub.beats(4);
    expect(begun).toBe(0);
    expect(await queue.getWaitingCount()).toBe(1);
  });

  test('when the order runs out it works', async () => {
    await hub.ask(2, 'e1');
    let done = 0;
    join(make(async () => (done += 1)));
    await hub.hears({ resting: 'e1' });
    await queue.add('a', {});
    await hub.ask(2, 'e1', 400, 400);
    await until(() => done > 0);
    expect(done).toBe(1);
  });

  test('a drain turned round ten times leaves it working, with every job run once', async () => {
    let done = 0;
    const worker = make(async () => {
      await delay(5);
      done += 1;
    }, 3);
    join(worker);
    for (let turn = 0; turn < 10; turn += 1) {
      await queue.addBulk(Array.from({ length: 10 }, () => ({ name: 'a', data: {} })));
      await hub.ask(2, `e${turn}`);
      await (turn % 2 === 0 ? hub.hears({ resting: `e${turn}` }) : until(() => worker.isPaused()));
      await hub.release();
      await until(() => !worker.isPaused());
    }
    await until(() => done === 100);
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
  await hub.fetchesOver();
  await hub.release();
  await until(() => !worker.isPaused());
  await queue.add('b', {});
  if (begun === 1) await hub.beats(5);
  else await until(() => ends.length === begun);
  expect(ends).toHaveLength(begun);
  ends[0]?.();
  await until(() => ends.length === 2);
  ends[1]?.();
});
