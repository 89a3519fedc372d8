import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { cronSchedule } from '../../../src/adapters/cron/schedule.ts';
import { untilNextMs } from '../../../src/control/run.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const HOUR = 3_600_000;

test.each([
  {
    name: 'every ten seconds',
    cron: '*/10 * * * * *',
    now: '2026-03-02T12:00:05Z',
    shortestMs: 10_000,
    nextMs: 10_000,
  },
  {
    name: 'in daytime, during the day',
    cron: '*/10 * 6-22 * * *',
    now: '2026-03-02T12:00:05Z',
    shortestMs: 10_000,
    nextMs: 10_000,
  },
  {
    name: 'in daytime, started shortly before its end',
    cron: '*/10 * 6-22 * * *',
    now: '2026-03-02T22:58:30Z',
    shortestMs: 10_000,
    nextMs: 10_000,
  },
  {
    name: 'in daytime, at its last slot',
    cron: '*/10 * 6-22 * * *',
    now: '2026-03-02T22:59:50Z',
    shortestMs: 10_000,
    nextMs: 7 * HOUR + 10_000,
  },
  {
    name: 'on working days, on a Friday afternoon',
    cron: '*/10 8-18 * * 1-5',
    now: '2026-03-06T16:12:00Z',
    shortestMs: 600_000,
    nextMs: 600_000,
  },
  {
    name: 'on working days, at the last slot of the week',
    cron: '*/10 8-18 * * 1-5',
    now: '2026-03-06T18:50:00Z',
    shortestMs: 600_000,
    nextMs: 61 * HOUR + 600_000,
  },
])('the next slot and the shortest interval: $name', ({ cron, now, shortestMs, nextMs }) => {
  vi.setSystemTime(new Date(now));
  const schedule = cronSchedule(cron, 'UTC');
  expect(schedule.shortestMs).toBe(shortestMs);
  expect(untilNextMs(schedule, Date.now())).toBe(nextMs);
});

test.each([
  ['a moment later', '12:00:06', '12:00:10'],
  ['at the slot', '12:00:10', '12:00:20'],
  ['long after it', '13:00:01', '13:00:10'],
  ['when the time was set back', '11:59:58', '12:00:00'],
])('asked again %s, it answers by the time it then is', (_, then, slot) => {
  vi.setSystemTime(new Date('2026-03-02T12:00:05Z'));
  const schedule = cronSchedule('*/10 * * * * *', 'UTC');
  expect(new Date(schedule.next()).toISOString()).toBe('2026-03-02T12:00:10.000Z');
  vi.setSystemTime(new Date(`2026-03-02T${then}Z`));
  expect(new Date(schedule.next()).toISOString()).toBe(`2026-03-02T${slot}.000Z`);
});
