import type { Job, Queue } from 'bullmq';
import { describe, expect, onTestFinished, test } from 'vitest';

import { APP, openFleet, TICK_MS, type Fleet, type Level } from '../../bench/scale-down/fleet.ts';
import { until } from '../worker/hub.ts';

/** 30 s of the platform's grace are 1.5 s, a tick of 10 s is 0.5 s. */
const SCALE = 0.05;
const TYPE = 'worker';

async function open(level: Level, generation: 'cedar' | 'fir' = 'cedar'): Promise<Fleet & { queue: Queue }> {
  const fleet = await openFleet({ level, concurrency: 1, types: [TYPE], scale: SCALE, generation });
  onTestFinished(async () => await fleet.close());
  const [queue] = fleet.queues;
  if (queue === undefined) throw new Error('there is no queue');
  return { ...fleet, queue };
}

/** As many dynos as jobs, each running one. */
async function busy(fleet: Fleet & { queue: Queue }, jobMs: readonly number[]): Promise<Job[]> {
  fleet.platform.setQuantity(APP, TYPE, jobMs.length);
  await until(async () => (await fleet.queue.getWorkersCount()) === jobMs.length);
  const jobs = await fleet.queue.addBulk(jobMs.map((ms) => ({ name: 'work', data: { ms } })));
  await until(async () => (await fleet.queue.getActiveCount()) === jobs.length);
  return jobs;
}

function ups(fleet: Fleet): number[] {
  return fleet.platform.dynos(APP).flatMap(({ state, pid }) => (state === 'up' && pid ? [pid] : []));
}

function quantity(fleet: Fleet): number {
  return fleet.platform.quantity(APP, TYPE);
}

async function drained(fleet: Fleet & { queue: Queue }): Promise<void> {
  await until(async () => (await fleet.queue.getCompletedCount()) > 0 && quantity(fleet) === 1, 25_000);
}

async function resting(fleet: Fleet & { queue: Queue }): Promise<number> {
  const client = await (fleet.queue as unknown as { getBackend(): { client: Promise<Hash> } }).getBackend()
    .client;
  const reports = await client.hgetall(`drover:{${APP}}:crew:${TYPE}:reports`);
  return Object.values(reports).filter((text) => text.includes('"resting"')).length;
}

type Hash = { hgetall(key: string): Promise<Record<string, string>> };

/** What became of the jobs: how often each was begun, and whether any stalled or failed. */
async function fates(fleet: Fleet & { queue: Queue }, jobs: readonly Job[]): Promise<unknown> {
  await until(async () => (await fleet.queue.getCompletedCount()) === jobs.length, 25_000);
  const ended = await fleet.queue.getCompleted();
  return {
    stalled: ended.filter((job) => job.stalledCounter > 0).length,
    begun: ended.map((job) => job.attemptsStarted).toSorted((a, b) => a - b),
    killed: fleet.platform.kills,
  };
}

const UNTOUCHED = (jobs: number): unknown => ({ stalled: 0, begun: Array(jobs).fill(1), killed: 0 });

describe.concurrent('in the middle of a drain', () => {
  test('nothing happening: it goes down from the tail as the dynos finish', async () => {
    const fleet = await open('cooperating');
    const jobs = await busy(fleet, [1500, 2500, 2000]);
    fleet.startClock(() => {});
    await drained(fleet);
    expect(await fates(fleet, jobs)).toEqual(UNTOUCHED(3));
  });

  test('a deploy: what cannot be finished is handed back and run once more', async () => {
    const fleet = await open('cooperating');
    const jobs = await busy(fleet, [1000, 4000, 1000]);
    fleet.startClock(() => {});
    await until(async () => (await resting(fleet)) > 0);
    fleet.platform.restart(APP);
    await drained(fleet);
    expect(await fates(fleet, jobs)).toEqual({ stalled: 0, begun: [1, 1, 2], killed: 0 });
  });

  test('a crash: the dyno comes back, rests, and is removed', async () => {
    const fleet = await open('cooperating');
    const jobs = await busy(fleet, [1000, 4000, 1000]);
    fleet.startClock(() => {});
    await until(async () => (await resting(fleet)) > 0);
    const third = fleet.platform.dynos(APP).find(({ name }) => name === 'worker.3');
    if (third?.pid !== undefined) process.kill(third.pid, 'SIGKILL');
    await drained(fleet);
    expect(third?.pid).toBeDefined();
    expect(await fates(fleet, jobs)).toEqual(UNTOUCHED(3));
  });

  test('a second clock takes over', async () => {
    const fleet = await open('cooperating');
    const jobs = await busy(fleet, [1000, 4000, 1000]);
    const first = fleet.startClock(() => {});
    await until(async () => (await resting(fleet)) > 0);
    await first.stop();
    fleet.startClock(() => {});
    await drained(fleet);
    expect(await fates(fleet, jobs)).toEqual(UNTOUCHED(3));
  });

  test('demand returns: the same processes are at work again, with no boot', async () => {
    const fleet = await open('cooperating');
    // The last one runs on, so none of the dynos that rest can be removed.
    const jobs = await busy(fleet, [6000, 6000, 6000]);
    fleet.startClock(() => {});
    const pids = ups(fleet);
    for (let turn = 0; turn < 3; turn += 1) {
      await until(async () => (await fleet.queue.getActiveCount()) === 3);
      await new Promise((resolve) => setTimeout(resolve, TICK_MS * SCALE * 2));
      jobs.push(...(await fleet.queue.addBulk([10, 10, 10].map((ms) => ({ name: 'work', data: { ms } })))));
    }
    await until(async () => (await fleet.queue.getCompletedCount()) > 3, 25_000);
    expect(ups(fleet).filter((pid) => pids.includes(pid)).length).toBeGreaterThan(0);
    expect(await fates(fleet, jobs)).toEqual(UNTOUCHED(12));
    expect(quantity(fleet)).toBeLessThanOrEqual(4);
  });
});

describe.concurrent('a worker that hangs', () => {
  test('is waited for no longer than DRAIN_TIMEOUT_SECONDS, and its job is handed back', async () => {
    const fleet = await open('cooperating');
    await busy(fleet, [1000, 60_000]);
    fleet.startClock(() => {}, { drainTimeoutMs: 3000 });
    const from = performance.now();
    await drained(fleet);
    expect(performance.now() - from).toBeGreaterThan(3000);
    await until(
      async () => (await fleet.queue.getDelayedCount()) + (await fleet.queue.getActiveCount()) === 1,
    );
    const [job] = await fleet.queue.getJobs(['active', 'delayed', 'waiting']);
    expect(job?.stalledCounter).toBe(0);
    expect(fleet.platform.kills).toBe(0);
  });
});

describe.concurrent('without the helper', () => {
  test.each<{ name: string; level: Level; generation: 'cedar' | 'fir' }>([
    { name: 'unnamed workers', level: 'unnamed', generation: 'cedar' },
    { name: 'names without numbers', level: 'named', generation: 'fir' },
    { name: 'names without numbers, with the helper', level: 'cooperating', generation: 'fir' },
  ])('$name: it waits for a quiet moment', async ({ level, generation }) => {
    const fleet = await open(level, generation);
    const jobs = await busy(fleet, [3000, 1000]);
    const seen: string[] = [];
    fleet.startClock(({ outcomes }) => {
      for (const outcome of outcomes) if (outcome.kind === 'decided') seen.push(outcome.decision.reason);
    });
    await drained(fleet);
    expect(await fates(fleet, jobs)).toEqual(UNTOUCHED(2));
    expect(seen.join('\n')).toContain('naming the workers by DYNO');
  });

  test('named workers: down to the highest that is busy, at once', async () => {
    const fleet = await open('named');
    const jobs = await busy(fleet, [4000, 4000, 1000]);
    fleet.startClock(() => {});
    await until(async () => quantity(fleet) < 3);
    expect(quantity(fleet)).toBeLessThan(3);
    await drained(fleet);
    expect(await fates(fleet, jobs)).toEqual(UNTOUCHED(3));
  });
});
