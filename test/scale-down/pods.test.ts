import { expect, onTestFinished, test } from 'vitest';

import { until } from '../support/patience.ts';
import { PodsHarness, type Target } from './pods-harness.ts';

test.each<Target & { readonly busy: number }>([
  { platform: 'kubernetes', target: 'deployment/worker', busy: 0 },
  { platform: 'kubernetes', target: 'deployment/worker', busy: 2 },
  { platform: 'kubernetes', target: 'statefulset/worker', busy: 0 },
  { platform: 'keda', target: 'deployment/worker', busy: 2 },
  { platform: 'keda', target: 'statefulset/worker', busy: 0 },
])('$platform, $target: only pod $busy of three stays, which runs the job', async ({ busy, ...target }) => {
  const harness = await PodsHarness.open({ onTestFinished }, target, 3);
  const pod = harness.pods()[busy] ?? '';
  const job = await harness.startJobOn(pod);
  await until(async () => {
    await harness.tick();
    return harness.replicas === 1;
  });
  expect(harness.pods()).toEqual([pod]);
  expect(harness.cut).toEqual([]);
  await harness.end(job);
  expect((await harness.queue.getJob(job.id ?? ''))?.attemptsStarted).toBe(1);
});

test.each<Target>([
  { platform: 'kubernetes', target: 'statefulset/worker' },
  { platform: 'keda', target: 'statefulset/worker' },
])('$platform, $target: a job on the last pod holds the scale-down until it ends', async (target) => {
  const harness = await PodsHarness.open({ onTestFinished }, target, 3);
  const job = await harness.startJobOn('worker-2');
  for (let tick = 0; tick < 4; tick += 1) await harness.tick();
  expect(harness.replicas).toBe(3);
  await harness.end(job);
  await until(async () => {
    await harness.tick();
    return harness.replicas === 1;
  });
  expect(harness.pods()).toEqual(['worker-0']);
  expect(harness.cut).toEqual([]);
});
