import { expect, test } from 'vitest';

import { minuteOfWeek } from '../../src/config/wall-clock.ts';
import type { Minute } from '../../src/journal/minute.ts';
import { expectedIn, NO_PAST, withMinutes, type Past } from '../../src/journal/recurring.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Monday, midnight in Berlin in winter. */
const MONDAY = Date.UTC(2026, 0, 4, 23);

/** Minutes with the jobs of one queue; the usual is one a minute. Only minutes near those of interest are recorded. */
function minutes(
  days: number,
  jobsAt: (at: number) => number,
  hours: readonly number[] = [7, 8, 9, 10],
): Minute[] {
  const found: Minute[] = [];
  for (let day = 0; day < days; day += 1) {
    for (const hour of hours) {
      for (let minute = 0; minute < 60; minute += 1) {
        const at = MONDAY + day * DAY + hour * HOUR + minute * MINUTE;
        found.push(minuteWith(at, jobsAt(at)));
      }
    }
  }
  return found;
}

function minuteWith(at: number, added: number): Minute {
  const queue = { name: 'mail', ready: 0, active: 0, waitMs: 0, added };
  return { at, types: [{ processType: 'worker', queues: [queue] }] } as unknown as Minute;
}

const berlin = (at: number): number => minuteOfWeek('Europe/Berlin', at);
const timeOfDay = (at: number): number => berlin(at) % 1440;
const weekday = (at: number): number => Math.floor(berlin(at) / 1440);

function pastOf(found: readonly Minute[]): Past {
  return withMinutes(NO_PAST, found, 'worker', 0);
}

/** What is expected on a day, counted from the first: local time, jobs and where it was seen. */
function expectedOn(day: number, past: Past): unknown[] {
  const from = MONDAY + day * DAY;
  return expectedIn(past, from, from + DAY, berlin).map(({ time, jobs, seen: { days, of, weekday: on } }) => {
    return `${time}: ${jobs}, ${days} of ${of} ${on ?? 'day'}s`;
  });
}

const newsletter =
  (isDay: (at: number) => boolean) =>
  (at: number): number =>
    timeOfDay(at) === 9 * 60 && isDay(at) ? 8000 : 1;

test.each([
  { name: 'two days are no habit', days: 2, isDay: () => true, expected: [] },
  { name: 'three days are', days: 3, isDay: () => true, expected: ['09:00: 8000, 3 of 3 days'] },
  { name: 'each day', days: 8, isDay: () => true, expected: ['09:00: 8000, 7 of 7 days'] },
  {
    name: 'on all days but one',
    days: 7,
    isDay: (at: number) => weekday(at) !== 3,
    expected: ['09:00: 8000, 6 of 7 days'],
  },
  {
    name: 'on working days, the Monday after',
    days: 7,
    isDay: (at: number) => weekday(at) < 5,
    expected: ['09:00: 8000, 5 of 7 days'],
  },
  {
    name: 'on working days, the second Saturday',
    days: 12,
    isDay: (at: number) => weekday(at) < 5,
    expected: [],
  },
  { name: 'on Mondays, the second', days: 7, isDay: (at: number) => weekday(at) === 0, expected: [] },
  {
    name: 'on Mondays, the third',
    days: 14,
    isDay: (at: number) => weekday(at) === 0,
    expected: ['09:00: 8000, 2 of 2 Mondays'],
  },
  { name: 'it has stopped', days: 10, isDay: (at: number) => at < MONDAY + 5 * DAY, expected: [] },
])('$name', ({ days, isDay, expected }) => {
  expect(expectedOn(days, pastOf(minutes(days, newsletter(isDay))))).toEqual(expected);
});

test('a burst that lasts for minutes is expected minute by minute, with the median of its jobs', () => {
  const sizes = [5000, 9000, 7000];
  const past = pastOf(
    minutes(3, (at) => {
      const size = sizes[Math.floor((at - MONDAY) / DAY)] ?? 0;
      const minute = timeOfDay(at) - 9 * 60;
      return minute === 0 ? size : minute === 1 ? size / 2 : 1;
    }),
  );
  expect(expectedOn(3, past)).toEqual(['09:00: 7000, 3 of 3 days', '09:01: 3500, 3 of 3 days']);
});

test('the sum of many queues is no queue', () => {
  const found = minutes(
    7,
    newsletter(() => true),
  );
  const named = found.map(({ at, types: [type] }) => ({
    at,
    types: [{ ...type, queues: type?.queues.map((queue) => ({ ...queue, name: '(12 others)' })) }],
  })) as unknown as Minute[];
  expect(pastOf(found).bursts).toHaveLength(7);
  expect(pastOf(named).bursts).toEqual([]);
});

test('noise about the usual is no burst', () => {
  const past = pastOf(minutes(14, (at) => 20 + ((at / MINUTE) % 40), [8, 9]));
  expect(expectedOn(14, past)).toEqual([]);
});

test('a day on which the clock did not run is no day without a burst', () => {
  const found = minutes(
    7,
    newsletter(() => true),
  ).filter(({ at }) => ![2, 4].includes(weekday(at)));
  expect(expectedOn(7, pastOf(found))).toEqual(['09:00: 8000, 5 of 5 days']);
});

test('a local time stays when the clocks change', () => {
  // Berlin: on 29 March 2026 at 01:00 UTC.
  const hours = [6, 7, 8, 9, 10];
  const past = pastOf(
    minutes(
      83,
      newsletter(() => true),
      hours,
    ).slice(-6 * hours.length * 60),
  );
  const [first, second] = expectedIn(past, MONDAY + 83 * DAY, MONDAY + 85 * DAY, berlin);
  expect([first?.time, second?.time]).toEqual(['09:00', '09:00']);
  const inUtc = (at = 0): string => new Date(at).toISOString().slice(5, 16);
  expect(past.bursts.map(({ at }) => inUtc(at)).at(-1)).toBe('03-28T08:00');
  expect([inUtc(first?.at), inUtc(second?.at)]).toEqual(['03-29T07:00', '03-30T07:00']);
});

test('the past in parts is the same as at once, and what is older than four weeks is dropped', () => {
  const all = minutes(
    10,
    newsletter(() => true),
  );
  const cut = all.findIndex(({ at }) => at >= MONDAY + 5 * DAY + 9 * HOUR - 10 * MINUTE);
  const first = withMinutes(NO_PAST, all.slice(0, cut), 'worker', 0);
  const known = all[cut - 1]?.at ?? 0;
  expect(withMinutes(first, all.slice(cut - 60), 'worker', known)).toEqual(pastOf(all));
  const later = withMinutes(first, [minuteWith(MONDAY + 32 * DAY + 9 * HOUR, 1)], 'worker', known);
  expect(later.bursts.map(({ at }) => Math.floor((at - MONDAY) / DAY))).toEqual([4]);
});
