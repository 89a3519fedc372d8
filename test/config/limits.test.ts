import { describe, expect, test, vi } from 'vitest';

import { parseWindow, parseWindows, windowAt, windowText } from '../../src/config/limits.ts';

const at = (iso: string): number => Date.parse(iso);
const ALL_DAYS = [0, 1, 2, 3, 4, 5, 6];

describe('LIMITS', () => {
  test('lists windows with weekdays, hours, minimum and maximum', () => {
    expect(parseWindows('mon-fri 08:00-20:00 = 10-50; sat 09:00-12:00 = 5-20;')).toEqual([
      { days: [0, 1, 2, 3, 4], fromMinute: 480, toMinute: 1200, min: 10, max: 50 },
      { days: [5], fromMinute: 540, toMinute: 720, min: 5, max: 20 },
    ]);
  });

  test.each([
    { name: 'a list of weekdays', text: 'mon,wed,fri 08:00-20:00 = 1-5', days: [0, 2, 4] },
    { name: 'a range over the end of the week', text: 'fri-mon 08:00-20:00 = 1-5', days: [0, 4, 5, 6] },
    { name: 'ranges in a list, in any order', text: 'sat-sun,tue 08:00-20:00 = 1-5', days: [1, 5, 6] },
    { name: 'a weekday twice', text: 'mon,mon-tue 08:00-20:00 = 1-5', days: [0, 1] },
    { name: 'a range of one weekday', text: 'wed-wed 08:00-20:00 = 1-5', days: [2] },
    { name: 'the whole week from Sunday', text: 'sun-sat 08:00-20:00 = 1-5', days: ALL_DAYS },
    { name: 'no weekday: every day', text: '08:00-20:00 = 1-5', days: ALL_DAYS },
    {
      name: 'capitals, spaces and hours of one digit',
      text: ' Mon - FRI  8:00 - 20:00=1 - 5 ',
      days: [0, 1, 2, 3, 4],
    },
    { name: 'no hours: the whole day', text: 'sat = 1-5', days: [5], hours: [0, 1440] },
    { name: 'the end of the day', text: 'sat 20:00-24:00 = 1-5', days: [5], hours: [1200, 1440] },
    { name: 'over midnight', text: 'sat 22:00-06:00 = 1-5', days: [5], hours: [1320, 360] },
    {
      name: 'up to the midnight of the next day',
      text: 'sat 22:00-00:00 = 1-5',
      days: [5],
      hours: [1320, 0],
    },
  ])('takes $name', ({ text, days, hours: [fromMinute, toMinute] = [480, 1200] }) => {
    expect(parseWindow(text)).toEqual({ days, fromMinute, toMinute, min: 1, max: 5 });
  });

  test.each([
    {
      text: 'mon-fri 08:00-20:00',
      says: '"mon-fri 08:00-20:00" needs one =, before its minimum and maximum',
    },
    { text: 'mon = 1-5 = 2-6', says: '"mon = 1-5 = 2-6" needs one =, before its minimum and maximum' },
    { text: 'mon-fri 08:00-20:00 = 10', says: '"10" is not a minimum and maximum such as 10-50' },
    { text: 'mon-fri 08:00-20:00 = -1-5', says: '"-1-5" is not a minimum and maximum such as 10-50' },
    { text: 'mon-fri 08:00-20:00 = 1-10000', says: '"1-10000" is not a minimum and maximum such as 10-50' },
    { text: 'mon-fri 08:00-20:00 = 10-5', says: 'the minimum 10 is above the maximum 5' },
    { text: 'mon-fri 08:00-20:00 = 0-0', says: 'the maximum is 0, and must be at least 1' },
    { text: '= 1-5', says: '"= 1-5" needs weekdays, hours, or both before the =' },
    {
      text: 'mon 08:00-12:00 13:00-17:00 = 1-5',
      says: '"mon 08:00-12:00 13:00-17:00 = 1-5" needs weekdays, hours, or both before the =',
    },
    {
      text: 'mo-fr 08:00-20:00 = 1-5',
      says: '"mo" is not one of the weekdays mon, tue, wed, thu, fri, sat, sun',
    },
    {
      text: 'mon, 08:00-20:00 = 1-5',
      says: '"08:00" is not one of the weekdays mon, tue, wed, thu, fri, sat, sun',
    },
    { text: 'mon-wed-fri = 1-5', says: '"mon-wed-fri" is not a range of weekdays such as mon-fri' },
    { text: 'mon-fri 8-20 = 1-5', says: '"8-20" is not a range of hours such as 08:00-20:00' },
    { text: 'mon-fri 08:00 = 1-5', says: '"08:00" is not a range of hours such as 08:00-20:00' },
    {
      text: '08:00-12:00-14:00 = 1-5',
      says: '"08:00-12:00-14:00" is not a range of hours such as 08:00-20:00',
    },
    { text: 'mon 08:60-20:00 = 1-5', says: '"08:60-20:00" is not a range of hours such as 08:00-20:00' },
    { text: 'mon 08:00-24:01 = 1-5', says: '"08:00-24:01" is not a range of hours such as 08:00-20:00' },
    { text: 'mon 25:00-06:00 = 1-5', says: '"25:00-06:00" is not a range of hours such as 08:00-20:00' },
    { text: 'mon 24:00-06:00 = 1-5', says: 'a window begins at 00:00 of the next day, not at 24:00' },
    {
      text: 'mon 08:00-08:00 = 1-5',
      says: '"08:00-08:00" begins and ends at once: leave the hours out for a whole day',
    },
  ])('refuses $text', ({ text, says }) => {
    expect(parseWindow(text)).toBe(says);
    expect(parseWindows(`mon = 1-5; ${text}`)).toBeUndefined();
  });

  test.each(['', ' ; '])('refuses %j, which has no window', (text) => {
    expect(parseWindows(text)).toBeUndefined();
  });
});

/** Open or closed, at moments of a zone. 2026-11-23 is a Monday. */
function openings(windows: string, timeZone: string, moments: readonly string[]): (number | undefined)[] {
  const limits = { windows: parseWindows(windows) ?? [], timeZone };
  return moments.map((iso) => windowAt(limits, at(iso))?.max);
}

describe('the window in force', () => {
  test.each([
    { name: 'before its first minute', when: '2026-11-23T07:59:59.999Z', max: undefined },
    { name: 'at its first minute', when: '2026-11-23T08:00:00Z', max: 50 },
    { name: 'in its last minute', when: '2026-11-23T19:59:59.999Z', max: 50 },
    { name: 'at its end', when: '2026-11-23T20:00:00Z', max: undefined },
    { name: 'on its last day', when: '2026-11-27T12:00:00Z', max: 50 },
    { name: 'on a day that is not listed', when: '2026-11-29T12:00:00Z', max: undefined },
    { name: 'where another window is open', when: '2026-11-28T12:00:00Z', max: 20 },
  ])('$name: $max', ({ when, max }) => {
    expect(openings('mon-fri 08:00-20:00 = 10-50; sat = 5-20', 'UTC', [when])).toEqual([max]);
  });

  test.each([
    { name: 'before it begins', when: '2026-11-29T21:59:59Z', max: undefined },
    { name: 'as it begins on Sunday', when: '2026-11-29T22:00:00Z', max: 7 },
    { name: 'at midnight', when: '2026-11-30T00:00:00Z', max: 7 },
    { name: 'in its last minute on Monday', when: '2026-11-30T05:59:59Z', max: 7 },
    { name: 'at its end', when: '2026-11-30T06:00:00Z', max: undefined },
    { name: 'on Monday evening, which is not its day', when: '2026-11-30T22:00:00Z', max: undefined },
    { name: 'on Sunday morning, which is of Saturday', when: '2026-11-29T05:00:00Z', max: undefined },
  ])('a window over midnight belongs to the day it begins: $name', ({ when, max }) => {
    expect(openings('sun 22:00-06:00 = 1-7', 'UTC', [when])).toEqual([max]);
  });

  test('24:00 ends a day, and the next minute is of the next', () => {
    const moments = ['2026-11-23T23:59:59Z', '2026-11-24T00:00:00Z'];
    expect(openings('mon 20:00-24:00 = 1-7', 'UTC', moments)).toEqual([7, undefined]);
    expect(openings('mon 20:00-00:00 = 1-7', 'UTC', moments)).toEqual([7, undefined]);
    expect(openings('mon = 1-7', 'UTC', moments)).toEqual([7, undefined]);
  });

  test('of windows that overlap, the first listed', () => {
    const moments = ['2026-11-23T11:59:00Z', '2026-11-23T12:00:00Z', '2026-11-23T14:00:00Z'];
    expect(openings('12:00-14:00 = 1-9; 08:00-20:00 = 1-5', 'UTC', moments)).toEqual([5, 9, 5]);
    expect(openings('08:00-20:00 = 1-5; 12:00-14:00 = 1-9', 'UTC', moments)).toEqual([5, 5, 5]);
  });

  test.each([
    { zone: 'Europe/Berlin', windows: 'mon 08:00-20:00 = 1-7', opens: '2026-11-23T07:00:00Z' },
    { zone: 'Europe/Berlin', windows: 'mon 08:00-20:00 = 1-7', opens: '2026-07-06T06:00:00Z' },
    { zone: 'America/New_York', windows: 'sun 20:00-24:00 = 1-7', opens: '2026-11-23T01:00:00Z' },
    { zone: 'Asia/Kolkata', windows: 'mon 08:00-20:00 = 1-7', opens: '2026-11-23T02:30:00Z' },
    { zone: 'Asia/Kathmandu', windows: 'mon 08:00-20:00 = 1-7', opens: '2026-11-23T02:15:00Z' },
    { zone: 'Pacific/Kiritimati', windows: 'tue 08:00-20:00 = 1-7', opens: '2026-11-23T18:00:00Z' },
  ])('$windows opens in $zone at $opens', ({ zone, windows, opens }) => {
    const before = new Date(at(opens) - 1).toISOString();
    expect(openings(windows, zone, [before, opens])).toEqual([undefined, 7]);
  });

  test.each([
    // Local time goes from 02:00 to 03:00 at 01:00Z.
    {
      name: 'Berlin: in the hour left out, never',
      zone: 'Europe/Berlin',
      hours: '02:15-02:45',
      from: '2026-03-29T00:00:00Z',
      open: [],
    },
    {
      name: 'Berlin: that begins in the hour left out, from 03:00',
      zone: 'Europe/Berlin',
      hours: '02:30-04:00',
      from: '2026-03-29T00:00:00Z',
      open: [60, 75, 90, 105],
    },
    {
      name: 'Berlin: that ends in the hour left out, up to 03:00',
      zone: 'Europe/Berlin',
      hours: '01:30-02:30',
      from: '2026-03-29T00:00:00Z',
      open: [30, 45],
    },
    // Local time goes from 03:00 back to 02:00 at 01:00Z.
    {
      name: 'Berlin: in the hour that comes twice, twice',
      zone: 'Europe/Berlin',
      hours: '02:15-02:45',
      from: '2026-10-25T00:00:00Z',
      open: [15, 30, 75, 90],
    },
    {
      name: 'Berlin: around the hour that comes twice, throughout',
      zone: 'Europe/Berlin',
      hours: '02:00-03:00',
      from: '2026-10-25T00:00:00Z',
      open: [0, 15, 30, 45, 60, 75, 90, 105],
    },
    // Local time goes from 02:00 to 03:00 at 07:00Z, and on the other day from 02:00 back to 01:00 at 06:00Z.
    {
      name: 'New York: in the hour left out, never',
      zone: 'America/New_York',
      hours: '02:15-02:45',
      from: '2026-03-08T06:00:00Z',
      open: [],
    },
    {
      name: 'New York: in the hour that comes twice, twice',
      zone: 'America/New_York',
      hours: '01:15-01:45',
      from: '2026-11-01T05:00:00Z',
      open: [15, 30, 75, 90],
    },
    // Local time goes from 02:00 to 02:30 at 15:30Z of the day before, and back from 02:00 to 01:30 at 15:00Z.
    {
      name: 'Lord Howe: in the half hour left out, never',
      zone: 'Australia/Lord_Howe',
      hours: '02:00-02:30',
      from: '2026-10-03T15:00:00Z',
      open: [],
    },
    {
      name: 'Lord Howe: in the half hour that comes twice, twice',
      zone: 'Australia/Lord_Howe',
      hours: '01:30-01:45',
      from: '2026-04-04T14:00:00Z',
      open: [30, 60],
    },
    // Midnight itself is left out at 05:00Z: the day begins at 01:00.
    {
      name: 'Havana: from a midnight left out, from 01:00',
      zone: 'America/Havana',
      hours: '00:00-01:15',
      from: '2026-03-08T04:30:00Z',
      open: [30],
    },
  ])('$name', ({ zone, hours, from, open }) => {
    const minutes = Array.from({ length: 8 }, (_, quarter) => quarter * 15);
    const moments = minutes.map((minute) => new Date(at(from) + minute * 60_000).toISOString());
    const seen = openings(`sun ${hours} = 1-7`, zone, moments);
    expect(minutes.filter((_, quarter) => seen[quarter] === 7)).toEqual(open);
  });

  test('makes one formatter for a zone', () => {
    const { DateTimeFormat } = Intl;
    const made = vi.spyOn(Intl, 'DateTimeFormat').mockImplementation(function (...options) {
      return new DateTimeFormat(...options);
    });
    const moments = Array.from({ length: 50 }, (_, day) => new Date(day * 86_400_000).toISOString());
    openings('08:00-20:00 = 1-7', 'Africa/Nairobi', moments);
    expect(made).toHaveBeenCalledOnce();
    made.mockRestore();
  });
});

test.each([
  ['mon-fri 8:00-20:00', 'mon-fri 08:00-20:00'],
  ['sat,sun', 'sat-sun'],
  ['sun,mon,wed 22:00-6:00', 'wed,sun-mon 22:00-06:00'],
  ['tue-mon 20:00-24:00', '20:00-24:00'],
  ['00:00-24:00', 'mon-sun'],
  ['thu 0:00-24:00', 'thu'],
])('%s is shown as %s', (when, shown) => {
  expect(parseWindows(`${when} = 1-5`)?.map(windowText)).toEqual([shown]);
});
