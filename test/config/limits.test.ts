import { describe, expect, test } from 'vitest';

import { parseWindows, windowAt } from '../../src/config/limits.ts';

const at = (iso: string): number => Date.parse(iso);

describe('windows', () => {
  test('are read with their cron times, fewest and most', () => {
    expect(parseWindows('0 8 * * 1-5 = 10-50; 0 20 * * 1-5 = 1-10')).toEqual([
      { cron: '0 8 * * 1-5', min: 10, max: 50 },
      { cron: '0 20 * * 1-5', min: 1, max: 10 },
    ]);
  });

  test.each([
    { name: 'nothing', text: '' },
    { name: 'no maximum', text: '0 8 * * * = 10' },
    { name: 'minimum above maximum', text: '0 8 * * * = 10-5' },
    { name: 'a maximum of zero', text: '0 8 * * * = 0-0' },
    { name: 'six fields', text: '0 0 8 * * * = 1-5' },
    { name: 'an hour that is none', text: '0 25 * * * = 1-5' },
    { name: 'a date that never comes', text: '0 0 30 2 * = 1-5' },
    { name: 'one of two wrong', text: '0 8 * * * = 1-5; nonsense' },
  ])('with $name are refused', ({ text }) => {
    expect(parseWindows(text)).toBeUndefined();
  });
});

describe('the window at', () => {
  const windows = parseWindows('0 8 * * 1-5 = 10-50; 0 20 * * 1-5 = 1-10') ?? [];
  test.each([
    { name: 'Monday before it opens is still Friday evening’s', when: '2026-11-23T06:59:59Z', max: 10 },
    { name: 'the very time belongs to the window it opens', when: '2026-11-23T07:00:00Z', max: 50 },
    { name: 'the middle of the day', when: '2026-11-23T12:00:00Z', max: 50 },
    { name: 'the evening', when: '2026-11-23T19:00:00Z', max: 10 },
    { name: 'the weekend is still Friday evening’s', when: '2026-11-22T12:00:00Z', max: 10 },
    { name: 'in summer the zone is an hour further', when: '2026-07-06T06:00:00Z', max: 50 },
  ])('$name', ({ when, max }) => {
    expect(windowAt({ windows, timeZone: 'Europe/Berlin' }, at(when))?.max).toBe(max);
  });

  test('a time that the clock leaps over opens when it has leapt', () => {
    const leapt = parseWindows('30 2 * * * = 1-7; 0 0 * * * = 1-9') ?? [];
    const zone = { windows: leapt, timeZone: 'Europe/Berlin' };
    expect(windowAt(zone, at('2026-03-29T00:59:00Z'))?.max).toBe(9);
    expect(windowAt(zone, at('2026-03-29T01:30:00Z'))?.max).toBe(7);
  });

  test.each([
    { name: 'in order', text: '30 2 * * * = 1-7; 0 3 * * * = 1-9', at3: 9 },
    { name: 'the other way round', text: '0 3 * * * = 1-9; 30 2 * * * = 1-7', at3: 9 },
    { name: 'two in the hour left out', text: '15 2 * * * = 1-7; 45 2 * * * = 1-9', at3: 9 },
    { name: 'one of each day and one of Sundays', text: '0 3 * * 0 = 1-9; 30 2 * * * = 1-7', at3: 9 },
    { name: 'at the same time, the first listed', text: '0 3 * * * = 1-7; 0 3 * * 0 = 1-9', at3: 7 },
  ])('of windows that open when the clock leaps, the later by that clock: $name', ({ text, at3 }) => {
    const zone = { windows: parseWindows(text) ?? [], timeZone: 'Europe/Berlin' };
    for (const when of ['2026-03-29T01:00:00Z', '2026-03-29T01:40:00Z', '2026-03-29T20:00:00Z'])
      expect(windowAt(zone, at(when))?.max).toBe(at3);
  });

  test('a time that comes twice opens once, and stays open', () => {
    const twice = parseWindows('30 2 * * * = 1-7; 0 0 * * * = 1-9') ?? [];
    const zone = { windows: twice, timeZone: 'Europe/Berlin' };
    for (const when of ['2026-10-25T00:30:00Z', '2026-10-25T01:10:00Z', '2026-10-25T01:30:00Z']) {
      expect(windowAt(zone, at(when))?.max).toBe(7);
    }
  });
});
