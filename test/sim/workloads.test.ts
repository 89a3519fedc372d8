import { describe, expect, test } from 'vitest';

import { exponential, lognormal, randomFrom } from '../../src/sim/random.ts';
import { parseTrace } from '../../src/sim/trace.ts';
import { generate, WORKLOAD_NAMES } from '../../src/sim/workloads/generate.ts';

describe('chance', () => {
  test('is the same for the same seed, and another for another', () => {
    const draw = (seed: number): number[] => {
      const random = randomFrom(seed);
      return Array.from({ length: 5 }, () => random());
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  test('has the means and spreads that were asked for', () => {
    const random = randomFrom(9);
    const meanOf = (draw: () => number): number => {
      let sum = 0;
      for (let count = 0; count < 100_000; count += 1) sum += draw();
      return sum / 100_000;
    };
    expect(meanOf(random)).toBeCloseTo(0.5, 2);
    expect(meanOf(() => exponential(random, 3))).toBeCloseTo(3, 1);
    expect(meanOf(() => lognormal(random, 3, 0.5))).toBeCloseTo(3, 1);
    expect(meanOf(() => (lognormal(random, 3, 0.5) - 3) ** 2)).toBeCloseTo(2.25, 1);
    expect(lognormal(random, 3, 0)).toBe(3);
  });
});

describe.each(WORKLOAD_NAMES)('%s', (name) => {
  test('is the same for the same seed, and lies within its length', () => {
    const { jobs, lengthMs } = generate(name, 1, 3);
    const same = (other: typeof jobs): boolean => JSON.stringify(other) === JSON.stringify(jobs);
    expect(same(generate(name, 1, 3).jobs)).toBe(true);
    expect(same(generate(name, 2, 3).jobs)).toBe(false);
    expect(jobs.length).toBeGreaterThan(100);
    const outside = jobs.filter(
      ({ atMs, serviceMs, delayMs = 0 }) =>
        !(atMs >= 0 && serviceMs > 0 && atMs + delayMs < lengthMs + 10_000),
    );
    expect(outside).toEqual([]);
  });
});

test('the daily workload has its peak at noon', () => {
  const { jobs } = generate('daily', 1, 24);
  const between = (from: number, to: number): number =>
    jobs.filter(({ atMs }) => atMs >= from * 3_600_000 && atMs < to * 3_600_000).length;
  // 0.1 to 2 a second by a cosine: about 1.94 within two hours of noon, 0.16 of midnight.
  expect(between(11, 13) / 7200).toBeCloseTo(2, 0);
  expect(between(0, 1) / 3600).toBeCloseTo(0.1, 1);
});

describe('a trace', () => {
  test('is read with or without its heading, and begins at its first job', () => {
    const wanted = [
      { atMs: 0, serviceMs: 1500 },
      { atMs: 2500, serviceMs: 0 },
    ];
    expect(parseTrace('t_s,service_s\n10.0,1.5\n12.5,0\n')).toEqual(wanted);
    expect(parseTrace('10,1.5\r\n12.5,0')).toEqual(wanted);
  });

  test.each([
    { name: 'empty', text: '', line: 1 },
    { name: 'a heading alone', text: 't_s,service_s\n', line: 1 },
    { name: 'a column more', text: '1,2\n1,2,3', line: 2 },
    { name: 'a negative time', text: '1,2\n3,4\n-1,2', line: 3 },
    { name: 'words', text: '1,2\nnone,2', line: 2 },
  ])('that is wrong says where: $name', ({ text, line }) => {
    expect(() => parseTrace(text)).toThrow(expect.objectContaining({ name: 'TraceError', line }) as Error);
  });
});
