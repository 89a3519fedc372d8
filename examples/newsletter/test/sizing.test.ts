import { describe, expect, test } from 'vitest';

import { advise } from '../src/sizing/advise.ts';
import { fit, type Sample } from '../src/sizing/fit.ts';
import { measure } from '../src/sizing/measure.ts';
import { withSamples } from '../src/sizing/samples.ts';

const STANDARD_1X = { memoryGb: 0.5, dollarsAMonth: 25 };

function sample(concurrency: number, peakMb: number): Sample {
  return { concurrency, peakMb, jobs: 10 * concurrency, wallMs: 1000, cpuMs: 200 * concurrency };
}

describe('what a job takes', () => {
  test('is the slope of the memory over the concurrency, and the time of a job alone', () => {
    const { baseMb, perJobMb, wallMs, cpuMs } = fit([sample(1, 110), sample(2, 120), sample(8, 180)]);
    expect(baseMb).toBeCloseTo(100);
    expect(perJobMb).toBeCloseTo(10);
    expect(wallMs).toBe(100);
    expect(cpuMs).toBeCloseTo(20);
  });

  test('is never negative', () => {
    expect(fit([sample(1, 110), sample(8, 100)])).toMatchObject({ perJobMb: 0, baseMb: 105 });
  });

  test('is unknown from a single concurrency', () => {
    expect(() => fit([sample(2, 110), sample(2, 120)])).toThrow(RangeError);
  });
});

describe('what a dyno of 512 MB holds', () => {
  const waiting = { baseMb: 100, perJobMb: 1, wallMs: 1000, cpuMs: 20 };
  const cases = [
    { name: 'a job that waits: as many as keep a core busy', fit: waiting, concurrency: 50 },
    { name: 'a job that computes: one', fit: { ...waiting, cpuMs: 1000 }, concurrency: 1 },
    { name: 'one that uses all threads: one', fit: { ...waiting, cpuMs: 4000 }, concurrency: 1 },
    // 536.9 MB × 0.8 − 100 MB = 329.5 MB
    { name: 'a large job: what fits', fit: { ...waiting, perJobMb: 80 }, concurrency: 4 },
    { name: 'too large a job: none', fit: { ...waiting, perJobMb: 400 }, concurrency: 0 },
    { name: 'a job that only waits: a hundred', fit: { ...waiting, cpuMs: 0 }, concurrency: 100 },
  ];
  test.each(cases)('$name', ({ fit: measured, concurrency }) => {
    expect(advise(measured, STANDARD_1X)).toMatchObject({ concurrency });
  });

  test('holds no fewer on a larger dyno', () => {
    const large = { ...waiting, perJobMb: 80 };
    expect(advise(large, STANDARD_1X)).toMatchObject({ byMemory: 4, byProcessor: 50 });
    // 1073.7 MB × 0.8 − 100 MB = 759.0 MB
    expect(advise(large, { memoryGb: 1, dollarsAMonth: 50 })).toMatchObject({ byMemory: 9, concurrency: 9 });
  });

  test('costs its price by the second', () => {
    const { jobsPerSecond, dollarsPerMillion } = advise(waiting, STANDARD_1X);
    expect(jobsPerSecond).toBe(50);
    // 25 $ a month of 720 hours, 50 jobs a second
    expect(dollarsPerMillion).toBeCloseTo((25 / (720 * 3600) / 50) * 1e6);
    expect(advise({ ...waiting, perJobMb: 400 }, STANDARD_1X).dollarsPerMillion).toBeUndefined();
  });
});

test('a job of the app can be measured', async () => {
  await withSamples(async ([mail], env) => {
    const samples = await measure({
      task: mail?.task ?? '',
      args: mail?.args,
      env,
      concurrencies: [1, 8],
      jobsEach: 3,
    });
    expect(samples.map(({ jobs }) => jobs)).toEqual([3, 24]);
    const { baseMb, wallMs, cpuMs } = fit(samples);
    // The mail server takes 100 ms over each, and no Node process fits into 20 MB.
    expect(wallMs).toBeGreaterThan(90);
    expect(cpuMs).toBeGreaterThan(0);
    expect(baseMb).toBeGreaterThan(20);
  });
});
