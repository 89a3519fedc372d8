import { describe, expect, test } from 'vitest';

import { cases } from '../../bench/policies/cases.ts';
import { estimateOf } from '../../bench/policies/t-interval.ts';
import { FAMILY_NAMES, ofFamily } from '../../bench/policies/workloads/other-families.ts';
import { daysOf, podRows, swfRows, swimRows } from '../../bench/policies/workloads/recorded.ts';
import { WORKLOAD_NAMES } from '../../src/sim/index.ts';

describe('a recorded workload', () => {
  const rows = [
    {
      name: 'SWF',
      read: swfRows,
      text: '; Version: 2\n  1  10  5  120 8 -1\n  2 86410 0 60 1 -1\n  3 20 0 -1 1 -1\n',
      jobs: [{ atMs: 10_000, serviceMs: 120_000 }],
    },
    {
      name: 'SWIM',
      read: swimRows,
      text: 'job0\t49\t49\t2000000000\t0\t2000000000\n',
      jobs: [{ atMs: 49_000, serviceMs: 3000 }],
    },
    {
      name: 'pods',
      read: podRows,
      text: 'name,creation_time,deletion_time,scheduled_time\na,5,30,10\nb,6,90000,\nc,7,17,\n',
      jobs: [
        { atMs: 5000, serviceMs: 20_000 },
        { atMs: 7000, serviceMs: 10_000 },
      ],
    },
  ];
  test.each(rows)(
    '$name is read, without jobs that never ran or ran for more than a day',
    ({ read, text, jobs }) => {
      expect(daysOf(read(text), 0, 1)).toEqual(jobs);
    },
  );

  test('begins with the chosen day', () => {
    expect(daysOf([{ atS: 86_410, serviceS: 5 }], 1, 1)).toEqual([{ atMs: 10_000, serviceMs: 5000 }]);
  });
});

test('no workload is both tuned on and reported, and the generated ones of each split are there', () => {
  const { found } = cases();
  const names = found.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const generated = (split: string): string[] =>
    found.filter((one) => one.split === split).map(({ name }) => name);
  expect(generated('tuned')).toEqual(expect.arrayContaining(WORKLOAD_NAMES));
  expect(generated('reported')).toEqual(expect.arrayContaining(FAMILY_NAMES));
});

test.each(FAMILY_NAMES)('%s is another workload for another seed, within its length', (name) => {
  const [one, same, other] = [ofFamily(name, 1001), ofFamily(name, 1001), ofFamily(name, 1002)].map(
    ({ jobs }) => jobs,
  );
  // As texts: comparing thousands of objects takes seconds.
  expect(JSON.stringify(same) === JSON.stringify(one)).toBe(true);
  expect(JSON.stringify(other) === JSON.stringify(one)).toBe(false);
  expect(one?.length).toBeGreaterThan(50);
  expect(one?.every(({ atMs, serviceMs }) => atMs >= 0 && serviceMs > 0)).toBe(true);
});

test('the interval is that of Student, and there is none for a single run', () => {
  // Mean 3, standard deviation √2.5, five values: 2.776 · √(2.5 / 5).
  expect(estimateOf([1, 2, 3, 4, 5])).toEqual({ mean: 3, half: expect.closeTo(1.963, 3) as number });
  expect(estimateOf([7])).toEqual({ mean: 7, half: NaN });
});
