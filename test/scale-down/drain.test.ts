import type { Job } from 'bullmq';
import { describe, expect, test, type TestContext } from 'vitest';

import { decidedOf } from '../../src/control/outcome.ts';
import type { RunningClock } from '../../bench/scale-down/clock.ts';
import { APP, type Level } from '../../bench/scale-down/options.ts';
import { UNHARMED, DrainHarness } from './drain-harness.ts';

/** Three dynos of which one is wanted: the first and the third run a job still, the second has come to rest. */
async function halfWay(
  context: Pick<TestContext, 'onTestFinished'>,
): Promise<{ harness: DrainHarness; clock: RunningClock; first: Job | undefined; third: Job | undefined }> {
  const harness = await DrainHarness.open(context, 'cooperating');
  const [first, second, third] = await harness.startJobs(3);
  const clock = harness.startClock(() => {});
  await harness.finish(second);
  await harness.untilDrained('worker.2');
  return { harness, clock, first, third };
}

describe.concurrent('a drain from three dynos to one', () => {
  test('goes down from the tail as the dynos finish', async (context) => {
    const { harness, first, third } = await halfWay(context);
    expect(harness.quantity()).toBe(3);
    await harness.finish(third);
    await harness.until(() => harness.quantity() === 1);
    await harness.finish(first);
    expect(await harness.jobOutcomes()).toEqual({ ...UNHARMED, begun: [1, 1, 1] });
  });

  test('with a deploy: what cannot be finished is handed back and run once more', async (context) => {
    const { harness, first, third } = await halfWay(context);
    harness.heroku.restart(APP);
    await harness.handedBack(first);
    await harness.handedBack(third);
    await Promise.all([first, third].map(async (job) => await harness.finish(job)));
    await harness.until(() => harness.quantity() === 1);
    expect(await harness.jobOutcomes()).toEqual({ ...UNHARMED, begun: [1, 2, 2] });
  });

  test('with a crash: the dyno comes back, and drains', async (context) => {
    const { harness, first, third } = await halfWay(context);
    process.kill(harness.pidOf('worker.2'), 'SIGKILL');
    await harness.finish(third);
    await harness.until(() => harness.quantity() === 1);
    await harness.finish(first);
    expect(await harness.jobOutcomes()).toEqual({ ...UNHARMED, begun: [1, 1, 1] });
  });

  test('with another clock that takes over', async (context) => {
    const { harness, clock, first, third } = await halfWay(context);
    await clock.stop();
    harness.startClock(() => {});
    await harness.finish(third);
    await harness.until(() => harness.quantity() === 1);
    await harness.finish(first);
    expect(await harness.jobOutcomes()).toEqual({ ...UNHARMED, begun: [1, 1, 1] });
  });

  test('with demand that returns: the same process works on, without a boot', async (context) => {
    // The last dyno works on, so that the one before it, which rests, cannot be removed.
    const { harness, first, third } = await halfWay(context);
    const pid = harness.pidOf('worker.2');
    const jobs = [first, third, await harness.add(), await harness.add()];
    await harness.until(async () => (await harness.queue.getActiveCount()) === 3);
    expect(harness.pidOf('worker.2')).toBe(pid);
    await Promise.all(jobs.map(async (job) => await harness.finish(job)));
    await harness.until(() => harness.quantity() === 1);
    expect(await harness.jobOutcomes()).toEqual({ ...UNHARMED, begun: [1, 1, 1, 1, 1] });
  });
});

describe.concurrent('a drain from two dynos to one', () => {
  test('waits for a job that hangs as long as it is told to, and hands it back', async (context) => {
    const harness = await DrainHarness.open(context, 'cooperating');
    const [, second] = await harness.startJobs(2);
    const from = performance.now();
    harness.startClock(() => {}, { drainTimeoutMs: 3000 });
    await harness.until(() => harness.quantity() === 1);
    // A least time: it holds on the slowest machine.
    expect(performance.now() - from).toBeGreaterThan(3000);
    await harness.until(async () => (await second?.isActive()) === false);
    expect(harness.heroku.kills).toBe(0);
    expect(await harness.queue.getFailedCount()).toBe(0);
  });

  test.for<{ name: string; level: Level; generation: 'cedar' | 'fir' }>([
    { name: 'of workers without names', level: 'unnamed', generation: 'cedar' },
    { name: 'of names without numbers', level: 'named', generation: 'fir' },
    { name: 'of names without numbers, with the helper', level: 'cooperating', generation: 'fir' },
  ])('$name waits for a quiet moment', async ({ level, generation }, context) => {
    const harness = await DrainHarness.open(context, level, generation);
    const [first, second] = await harness.startJobs(2);
    const seen: string[] = [];
    harness.startClock(({ outcomes }) => {
      for (const outcome of outcomes) seen.push(decidedOf(outcome)?.decision.reason ?? '');
    });
    await harness.finish(second);
    await harness.until(() => seen.some((reason) => reason.includes('name workers with $DYNO')));
    expect(harness.quantity()).toBe(2);
    await harness.finish(first);
    await harness.until(() => harness.quantity() === 1);
    expect(await harness.jobOutcomes()).toEqual({ ...UNHARMED, begun: [1, 1] });
  });

  test('of named workers goes down as soon as the last is idle', async (context) => {
    const harness = await DrainHarness.open(context, 'named');
    const [first, second] = await harness.startJobs(2);
    const seen: string[] = [];
    harness.startClock(({ outcomes }) => {
      for (const outcome of outcomes) seen.push(decidedOf(outcome)?.decision.reason ?? '');
    });
    await harness.until(() => seen.some((reason) => reason.includes('kept for running jobs')));
    expect(harness.quantity()).toBe(2);
    await harness.finish(second);
    await harness.until(() => harness.quantity() === 1);
    await harness.finish(first);
    expect(await harness.jobOutcomes()).toEqual({ ...UNHARMED, begun: [1, 1] });
  });
});
