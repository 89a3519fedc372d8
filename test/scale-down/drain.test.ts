import type { Job } from 'bullmq';
import { describe, expect, test, type TestContext } from 'vitest';

import { APP, type RunningClock, type Level } from '../../bench/scale-down/local-deployment.ts';
import { UNHARMED, DrainHarness } from './drain-harness.ts';

/** Three dynos of which one is wanted: the first and the third run a job still, the second has come to rest. */
async function halfWay(
  context: Pick<TestContext, 'onTestFinished'>,
): Promise<{ stage: DrainHarness; clock: RunningClock; first: Job | undefined; third: Job | undefined }> {
  const stage = await DrainHarness.open(context, 'cooperating');
  const [first, second, third] = await stage.startJobs(3);
  const clock = stage.deployment.startClock(() => {});
  await stage.finish(second);
  await stage.untilDrained('worker.2');
  return { stage, clock, first, third };
}

describe.concurrent('a drain from three dynos to one', () => {
  test('goes down from the tail as the dynos finish', async (context) => {
    const { stage, first, third } = await halfWay(context);
    expect(stage.quantity()).toBe(3);
    await stage.finish(third);
    await stage.until(() => stage.quantity() === 1);
    await stage.finish(first);
    expect(await stage.jobOutcomes()).toEqual({ ...UNHARMED, begun: [1, 1, 1] });
  });

  test('with a deploy: what cannot be finished is handed back and run once more', async (context) => {
    const { stage, first, third } = await halfWay(context);
    stage.deployment.platform.restart(APP);
    await stage.handedBack(first);
    await stage.handedBack(third);
    await Promise.all([first, third].map(async (job) => await stage.finish(job)));
    await stage.until(() => stage.quantity() === 1);
    expect(await stage.jobOutcomes()).toEqual({ ...UNHARMED, begun: [1, 2, 2] });
  });

  test('with a crash: the dyno comes back, and rests', async (context) => {
    const { stage, first, third } = await halfWay(context);
    process.kill(stage.pidOf('worker.2'), 'SIGKILL');
    await stage.finish(third);
    await stage.until(() => stage.quantity() === 1);
    await stage.finish(first);
    expect(await stage.jobOutcomes()).toEqual({ ...UNHARMED, begun: [1, 1, 1] });
  });

  test('with another clock that takes over', async (context) => {
    const { stage, clock, first, third } = await halfWay(context);
    await clock.stop();
    stage.deployment.startClock(() => {});
    await stage.finish(third);
    await stage.until(() => stage.quantity() === 1);
    await stage.finish(first);
    expect(await stage.jobOutcomes()).toEqual({ ...UNHARMED, begun: [1, 1, 1] });
  });

  test('with demand that returns: the same process works on, without a boot', async (context) => {
    // The last dyno works on, so that the one before it, which rests, cannot be removed.
    const { stage, first, third } = await halfWay(context);
    const pid = stage.pidOf('worker.2');
    const jobs = [first, third, await stage.add(), await stage.add()];
    await stage.until(async () => (await stage.queue.getActiveCount()) === 3);
    expect(stage.pidOf('worker.2')).toBe(pid);
    await Promise.all(jobs.map(async (job) => await stage.finish(job)));
    await stage.until(() => stage.quantity() === 1);
    expect(await stage.jobOutcomes()).toEqual({ ...UNHARMED, begun: [1, 1, 1, 1, 1] });
  });
});

describe.concurrent('a drain from two dynos to one', () => {
  test('waits for a job that hangs as long as it is told to, and hands it back', async (context) => {
    const stage = await DrainHarness.open(context, 'cooperating');
    const [, second] = await stage.startJobs(2);
    const from = performance.now();
    stage.deployment.startClock(() => {}, { drainTimeoutMs: 3000 });
    await stage.until(() => stage.quantity() === 1);
    // A least time: it holds on the slowest machine.
    expect(performance.now() - from).toBeGreaterThan(3000);
    await stage.until(async () => (await second?.isActive()) === false);
    expect(stage.deployment.platform.kills).toBe(0);
    expect(await stage.queue.getFailedCount()).toBe(0);
  });

  test.for<{ name: string; level: Level; generation: 'cedar' | 'fir' }>([
    { name: 'of workers without names', level: 'unnamed', generation: 'cedar' },
    { name: 'of names without numbers', level: 'named', generation: 'fir' },
    { name: 'of names without numbers, with the helper', level: 'cooperating', generation: 'fir' },
  ])('$name waits for a quiet moment', async ({ level, generation }, context) => {
    const stage = await DrainHarness.open(context, level, generation);
    const [first, second] = await stage.startJobs(2);
    const seen: string[] = [];
    stage.deployment.startClock(({ outcomes }) => {
      for (const outcome of outcomes) if (outcome.kind === 'decided') seen.push(outcome.decision.reason);
    });
    await stage.finish(second);
    await stage.until(() => seen.some((reason) => reason.includes('naming the workers by DYNO')));
    expect(stage.quantity()).toBe(2);
    await stage.finish(first);
    await stage.until(() => stage.quantity() === 1);
    expect(await stage.jobOutcomes()).toEqual({ ...UNHARMED, begun: [1, 1] });
  });

  test('of named workers goes down as soon as the last is idle', async (context) => {
    const stage = await DrainHarness.open(context, 'named');
    const [first, second] = await stage.startJobs(2);
    const seen: string[] = [];
    stage.deployment.startClock(({ outcomes }) => {
      for (const outcome of outcomes) if (outcome.kind === 'decided') seen.push(outcome.decision.reason);
    });
    await stage.until(() => seen.some((reason) => reason.includes('needed by running jobs')));
    expect(stage.quantity()).toBe(2);
    await stage.finish(second);
    await stage.until(() => stage.quantity() === 1);
    await stage.finish(first);
    expect(await stage.jobOutcomes()).toEqual({ ...UNHARMED, begun: [1, 1] });
  });
});
