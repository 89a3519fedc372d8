import { describe, expect, test } from 'vitest';

import { countOf, runOf } from '../../../src/adapters/bullmq/decode-row.ts';

const DAY_MS = 86_400_000;

describe('a count', () => {
  test.each([
    { name: 'as Redis says it', value: '12', count: 12 },
    { name: 'as a number', value: 12, count: 12 },
    { name: 'of a limiter that is closed by hand', value: '9007199254740991', count: 9_007_199_254_740_991 },
    { name: 'below zero', value: '-1', count: null },
    { name: 'with a fraction', value: '0.5', count: null },
    { name: 'beyond what can be counted', value: '9007199254740993', count: null },
    { name: 'of 1e299', value: '1e299', count: null },
    { name: 'that is a word', value: 'many', count: null },
  ])('$name', ({ value, count }) => {
    expect(countOf(value)).toBe(count);
  });
});

describe('the run of a job', () => {
  test.each([
    { name: 'of 5 s', began: 1000, ended: 6000, run: { endedAt: 6000, tookMs: 5000 } },
    { name: 'that has not ended', began: 1000, ended: null, run: null },
    { name: 'that ended before it began', began: 6000, ended: 1000, run: null },
    { name: 'longer than a dyno lives', began: 0, ended: DAY_MS + 1, run: null },
    { name: 'that ends when no date can name it', began: 9e15, ended: 9e15 + 5, run: null },
    { name: 'that began before all dates', began: -5, ended: 5, run: null },
  ])('$name', ({ began, ended, run }) => {
    expect(runOf(began, ended)).toEqual(run);
  });
});
