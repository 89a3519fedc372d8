import { describe, expect, test } from 'vitest';

import { documentedLimits, DYNO_SIZES, findSize, limitPerType } from '../src/heroku-sizes.ts';
import { HEROKU_PRICES } from '../src/adapters/heroku/prices.ts';
import { costOf } from '../src/journal/prices.ts';

const MONTH_MS = 720 * 3_600_000;

test('every dyno size has a name of its own, by which it is found in any case', () => {
  const names = DYNO_SIZES.map(({ name }) => name.toLowerCase());
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThan(30);
  expect(DYNO_SIZES.filter((size) => findSize(size.name.toUpperCase()) !== size)).toEqual([]);
  expect(findSize('constructor')).toBeUndefined();
});

describe('the cost of a month', () => {
  test.each([
    { size: 'Standard-1X', dollars: 25 },
    { size: 'performance-2xl', dollars: 1500 },
    { size: 'shield-l-ram', dollars: 600 },
    { size: 'dyno-1c-0.5gb', dollars: 25 },
    { size: 'dyno-16c-128gb', dollars: 1500 },
    { size: 'Eco', dollars: undefined },
    { size: 'dyno-3c-1gb', dollars: undefined },
  ])('of $size is $dollars dollars', ({ size, dollars }) => {
    expect(costOf(MONTH_MS, size, HEROKU_PRICES)).toBe(dollars);
  });
});

describe('the documented limits', () => {
  test.each([
    { generation: 'cedar', size: 'Standard-1X', perApp: 100, perType: 100 },
    { generation: 'cedar', size: 'Eco', perApp: 100, perType: 1 },
    { generation: 'cedar', size: 'performance-l', perApp: 100, perType: 10 },
    { generation: 'fir', size: 'dyno-1c-0.5gb', perApp: 255, perType: 255 },
    { generation: 'next', size: 'Standard-1X', perApp: 100, perType: 100 },
  ])('of $size on $generation: $perApp an app, $perType a type', ({ generation, size, perApp, perType }) => {
    expect(documentedLimits(generation, size)).toEqual({ perApp, perType });
  });

  test('a size that is not in the catalogue has the limit of its family', () => {
    expect(limitPerType('Performance-9XL')).toBe(10);
    expect(limitPerType('standard-9x')).toBeUndefined();
  });
});
