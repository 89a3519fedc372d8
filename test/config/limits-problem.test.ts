import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { parseWindows, windowAtMinute } from '../../src/config/limits.ts';
import { limitsProblem } from '../../src/config/limits-problem.ts';
import { quote } from '../../src/config/mask.ts';

const MINUTES_A_WEEK = 10_080;

/** What the message has instead of a cron form that is translated. */
function translationOf(text: string): string {
  const [, translated = ''] = / written "(.+)"$/.exec(limitsProblem(text)) ?? [];
  return translated;
}

test.each([
  {
    name: 'the first bad window',
    text: 'mon = 1-5; mon-fri 8-20 = 10-50; fry = 1-5',
    says: 'must be windows such as mon-fri 08:00-20:00 = 10-50; sat 09:00-12:00 = 5-20, got "mon = 1-5; mon-fri 8-20 = 10-50; fry = 1-5": "8-20" is not a range of hours such as 08:00-20:00',
  },
  {
    name: 'no window',
    text: ';',
    says: 'must be windows such as mon-fri 08:00-20:00 = 10-50; sat 09:00-12:00 = 5-20, got ";": it has no window',
  },
])('the message names $name', ({ text, says }) => {
  expect(limitsProblem(text)).toBe(says);
});

describe('the cron form', () => {
  test.each([
    {
      name: 'office hours',
      text: '0 8 * * 1-5 = 10-50; 0 20 * * 1-5 = 1-10',
      now: 'mon-fri 08:00-20:00 = 10-50; mon-sun = 1-10',
    },
    {
      name: 'names, a list, a step and ?',
      text: '*/60 9 ? * Mon,WED,5 = 2-9; 30 18 * * MON-FRI/2 = 1-3',
      now: 'mon,wed,fri 09:00-18:30 = 2-9; mon-sun = 1-3',
    },
    {
      name: 'full names, and every day of the month and every month in other words',
      text: '0 9 1-31 */1 monday-Friday = 2-9; 0 18 */1 1-12 mon-fri = 1-3',
      now: 'mon-fri 09:00-18:00 = 2-9; mon-sun = 1-3',
    },
    {
      name: 'a weekend',
      text: '0 0 * * sat = 0-5; 0 0 * * 1 = 3-50',
      now: 'sat-sun = 0-5; mon-sun = 3-50',
    },
    {
      name: 'Sunday as 0 and as 7',
      text: '0 6 * * 0 = 1-2; 0 7 * * 7 = 3-4; 0 6 * * 6-7 = 1-2; 0 9 * * fri-sun = 5-6',
      now: 'sun 07:00-09:00 = 3-4; sat 06:00-09:00 = 1-2; sun 06:00-07:00 = 1-2; mon-sun = 5-6',
    },
    {
      name: 'nights and days of the same week',
      text: '0 22 * * 0-3 = 0-1; 0 6 * * 1-4 = 5-9; 0 18 * * 4 = 2-3',
      now: 'sun-wed 22:00-06:00 = 0-1; mon-wed 06:00-22:00 = 5-9; thu 06:00-18:00 = 5-9; mon-sun = 2-3',
    },
    {
      name: 'a peak within a day',
      text: '0 8 * * 1-5 = 5-10; 0 12 * * 1-5 = 10-20; 0 14 * * 1-5 = 5-10; 0 20 * * 1-5 = 1-2',
      now: 'mon-fri 12:00-14:00 = 10-20; mon-fri 08:00-20:00 = 5-10; mon-sun = 1-2',
    },
    {
      name: 'a peak within a day that ends with a third range',
      text: '0 8,14 * * 1-5 = 5-10; 0 12 * * 1-5 = 10-20; 0 18 * * 1-5 = 3-4; 0 20 * * 1-5 = 1-2',
      now: 'mon-fri 12:00-14:00 = 10-20; mon-fri 18:00-20:00 = 3-4; mon-fri 08:00-18:00 = 5-10; mon-sun = 1-2',
    },
    {
      name: 'several peaks within a day',
      text: '0 8,10,13,16 * * 1-5 = 5-10; 0 9,12,15 * * 1-5 = 10-20; 0 20 * * 1-5 = 1-2',
      now: 'mon-fri 09:00-10:00 = 10-20; mon-fri 12:00-13:00 = 10-20; mon-fri 15:00-16:00 = 10-20; mon-fri 08:00-20:00 = 5-10; mon-sun = 1-2',
    },
    {
      name: 'a weekend, in the order of time',
      text: '0 20 * * 5 = 1-10; 0 8 * * 1 = 10-50; 0 8 * * 2 = 5-60; 30 12 * * 2 = 10-50; 0 9 * * 3 = 5-60; 0 9 * * 4 = 10-50; 0 8 * * 5 = 5-60',
      now: 'tue 08:00-12:30 = 5-60; wed 09:00-24:00 = 5-60; thu 00:00-09:00 = 5-60; fri 08:00-20:00 = 5-60; fri 20:00-24:00 = 1-10; sat-sun = 1-10; mon 00:00-08:00 = 1-10; mon-sun = 10-50',
    },
    {
      name: 'a window of more than a day',
      text: '0 18 * * 5 = 1-2; 0 8 * * 1 = 3-4; 0 6 * * 3 = 5-6',
      now: 'mon 08:00-24:00 = 3-4; tue = 3-4; wed 00:00-06:00 = 3-4; wed 06:00-24:00 = 5-6; thu = 5-6; fri 00:00-18:00 = 5-6; mon-sun = 1-2',
    },
    { name: 'one window', text: '0 8 * * * = 1-5', now: 'mon-sun = 1-5' },
    {
      name: 'windows that open at once: the first listed',
      text: '0 8 * * * = 1-5; 0 8 * * * = 2-6',
      now: 'mon-sun = 1-5',
    },
  ])('is translated: $name', ({ text, now }) => {
    expect(limitsProblem(text)).toBe(
      `no longer takes cron times, got ${quote(text)}: the same windows are now written "${now}"`,
    );
  });

  test.each([
    {
      name: 'a day of the month',
      text: '0 8 1 * * = 1-5',
      says: '"0 8 1 * *" depends on the day of the month or on the month',
    },
    {
      name: 'a month',
      text: '0 6 * * * = 1-9; 0 8 * dec * = 1-5',
      says: '"0 8 * dec *" depends on the day of the month or on the month',
    },
    {
      name: 'the last Friday of a month',
      text: '0 8 * * 5L = 1-5',
      says: '"0 8 * * 5L" is not a weekly cron time',
    },
    {
      name: 'an hour that does not exist',
      text: '0 25 * * * = 1-5',
      says: '"0 25 * * *" is not a weekly cron time',
    },
    {
      name: 'a range backwards',
      text: '0 20-8 * * * = 1-5',
      says: '"0 20-8 * * *" is not a weekly cron time',
    },
    {
      name: 'no maximum',
      text: '0 8 * * * = 5',
      says: '"5" is not a minimum and maximum such as 10-50',
    },
    {
      name: 'a minimum above the maximum',
      text: '0 8 * * * = 5-1',
      says: 'the minimum 5 is above the maximum 1',
    },
    {
      name: 'a window of the new form beside it',
      text: '0 8 * * 1 = 1-5; sat = 1-5',
      says: '"sat = 1-5" is not a cron time',
    },
  ])('is not translated with $name: the message says why and shows the new form', ({ text, says }) => {
    expect(limitsProblem(text)).toBe(
      `no longer takes cron times, got ${quote(text)}: windows are weekly now, such as mon-fri 08:00-20:00 = 10-50; sat 09:00-12:00 = 5-20; ${says}`,
    );
  });

  test('is translated however long the translation is', () => {
    const translated = translationOf('*/2 * * * * = 1-5; 1-59/2 * * * * = 1-6');
    expect([translated.slice(0, 17), translated.slice(-15)]).toEqual([
      '00:01-00:02 = 1-6',
      '; mon-sun = 1-5',
    ]);
    expect(parseWindows(translated)).toHaveLength(721);
  });

  /** A field's text and its values. */
  const field = (least: number, most: number): fc.Arbitrary<{ text: string; values: number[] }> =>
    fc.oneof(
      fc.uniqueArray(fc.integer({ min: least, max: most }), { minLength: 1, maxLength: 3 }).map((values) => ({
        text: values.join(','),
        values,
      })),
      fc
        .tuple(
          fc.integer({ min: least, max: most }),
          fc.integer({ min: least, max: most }),
          fc.integer({ min: 1, max: 9 }),
        )
        .map(([one, other, step]) => {
          const [first, last] = [Math.min(one, other), Math.max(one, other)];
          const values = Array.from({ length: last - first + 1 }, (_, past) => first + past);
          return {
            text: `${first}-${last}/${step}`,
            values: values.filter((value) => (value - first) % step === 0),
          };
        }),
    );
  const cronWindow = fc.record({
    minute: fc
      .constantFrom<number>(0, 15, 30, 59)
      .map((minute) => ({ text: String(minute), values: [minute] })),
    hour: field(0, 23),
    weekday: field(0, 7),
    range: fc.constantFrom('0-1', '1-5', '3-9', '10-50'),
  });

  test('says the same as its translation in every minute of a week', () => {
    fc.assert(
      fc.property(fc.array(cronWindow, { minLength: 1, maxLength: 5 }), (windows) => {
        const opened = Array.from({ length: MINUTES_A_WEEK }, (_, minute) => {
          const [day, hour, past] = [
            Math.floor(minute / 1440) + 1,
            Math.floor(minute / 60) % 24,
            minute % 60,
          ];
          return windows.find(
            (window) =>
              window.minute.values.includes(past) &&
              window.hour.values.includes(hour) &&
              window.weekday.values.some((weekday) => weekday % 7 === day % 7),
          )?.range;
        });
        const text = windows
          .map(
            ({ minute, hour, weekday, range }) =>
              `${minute.text} ${hour.text} * * ${weekday.text} = ${range}`,
          )
          .join('; ');
        const translated = translationOf(text);
        const windowsNow = parseWindows(translated) ?? [];
        expect(windowsNow).not.toHaveLength(0);
        let open = opened.findLast((range) => range !== undefined);
        for (const [minute, opening] of opened.entries()) {
          open = opening ?? open;
          const window = windowAtMinute(windowsNow, minute);
          if (`${window?.min}-${window?.max}` !== open)
            throw new Error(`${text}: minute ${minute} of ${translated}`);
        }
      }),
      { numRuns: 15 },
    );
  });
});
