import { afterEach, expect, test } from 'vitest';

import { jobFigures, type EndedJob } from '../../bench/peer/figures.ts';
import { startJudoscale, type JudoscaleService } from '../../bench/peer/judoscale-service.ts';
import { seededDay } from '../../bench/peer/workload.ts';
import { startPlatform, type Platform } from '../../src/standin/platform.ts';

let platform: Platform;
let service: JudoscaleService;

afterEach(async () => {
  await service?.close();
  await platform?.close();
});

/** As judoscale-node-core 2.5.5 posts it for two queues. */
async function report(newsletter: number, transactional = 0): Promise<void> {
  const at = 1_795_463_731;
  const metrics = [
    [at, newsletter, 'qd', 'newsletter'],
    [at, 5000, 'busy', 'newsletter'],
    [at, transactional, 'qd', 'transactional'],
    [at, 5000, 'busy', 'transactional'],
  ];
  const response = await fetch(`${service.url}/v3/reports`, {
    method: 'post',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ container: 'worker.1', pid: 1, adapters: {}, config: {}, metrics }),
  });
  if (!response.ok) throw new Error(`the report was refused: ${response.status}`);
}

test("Judoscale's reports scale the formation by its rule, within bounds", async () => {
  platform = await startPlatform({ apps: [{ name: 'app', formation: [{ type: 'worker', quantity: 1 }] }] });
  const settings = { jobs: 100, jump: 3, upEveryMs: 4500, downAfterMs: 12_000 };
  const path = '/apps/app/formation/worker';
  service = await startJudoscale(settings, {
    baseUrl: platform.url,
    path,
    token: platform.token,
    min: 1,
    max: 6,
  });
  const rows: readonly [atMs: number, depths: readonly number[], quantity: number, why: string][] = [
    [0, [], 1, 'no report yet'],
    [1000, [100, 100], 1, 'the deepest queue is at the top of the range, not above'],
    [2000, [60, 101], 4, 'one queue is above: a jump'],
    [6000, [3000], 4, 'the last jump is too recent'],
    [6500, [3000], 6, 'the next jump, cut off at the maximum'],
    [11_500, [3000], 6, 'at the maximum'],
    [12_500, [49], 6, 'below the range'],
    [23_000, [49], 6, 'not for long enough'],
    [23_500, [0], 5, 'below for the whole delay'],
    [35_499, [0], 5, 'the delay applies again'],
    [35_500, [0], 4, 'one at a time'],
    [99_000, [], 4, 'no report since'],
  ];
  for (const [atMs, depths, quantity, why] of rows) {
    const [first, ...rest] = depths;
    if (first !== undefined) await report(first, ...rest);
    await service.evaluate(atMs);
    expect(platform.quantity('app', 'worker'), `${atMs} ms: ${why}`).toBe(quantity);
  }
  expect([...service.queues]).toEqual(['newsletter', 'transactional']);
  expect(platform.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(4);
});

test('a day is the same for the same seed, with its jobs and their times', () => {
  const day = seededDay(30_000, 7);
  expect(seededDay(30_000, 7)).toEqual(day);
  expect(seededDay(30_000, 8)).not.toEqual(day);
  const bursts = day.flatMap(({ jobs }) => (jobs[0]?.burst === undefined ? [] : [jobs.length]));
  expect(bursts).toEqual([1500, 450]);
});

test('waits, late jobs and bursts are counted from the jobs themselves', () => {
  const job = (addedAt: number, waitMs: number, others: Partial<EndedJob> = {}): EndedJob => ({
    addedAt,
    startedAt: addedAt + waitMs,
    endedAt: addedAt + waitMs + 50,
    failed: false,
    starts: 1,
    burst: undefined,
    ...others,
  });
  const jobs = [
    job(0, 100),
    job(10, 400, { burst: 0 }),
    job(20, 1000, { burst: 0, starts: 2 }),
    job(5000, 300, { burst: 1, failed: true }),
  ];
  expect(jobFigures(jobs, 400)).toEqual({
    p50WaitMs: 300,
    p95WaitMs: 1000,
    maxWaitMs: 1000,
    lateShare: 0.25,
    burstMs: [1060, 350],
    startedTwice: 1,
    failed: 1,
    jobs: 4,
  });
});
