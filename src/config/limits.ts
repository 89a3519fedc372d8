import { quote } from './mask.ts';
import { MINUTES_A_DAY, minuteOfWeek, WEEKDAYS } from './wall-clock.ts';

/** When other limits than MIN_WORKERS and MAX_WORKERS apply, and which. */
export type LimitsWindow = {
  /** The weekdays on which it opens, in order; Monday is 0. */
  readonly days: readonly number[];
  readonly fromMinute: number;
  /** Minute of the day, up to 1440. Not above `fromMinute`: of the next day. */
  readonly toMinute: number;
  readonly min: number;
  readonly max: number;
};

export type Limits = { readonly windows: readonly LimitsWindow[]; readonly timeZone: string };

const ALL_DAYS = WEEKDAYS.map((_, day) => day);

/** `mon-fri 08:00-20:00 = 10-50; sat 09:00-12:00 = 5-20`, or undefined for anything else. */
export function parseWindows(text: string): LimitsWindow[] | undefined {
  const windows = partsOf(text).map(parseWindow);
  const valid = windows.filter((window) => typeof window !== 'string');
  return valid.length > 0 && valid.length === windows.length ? valid : undefined;
}

export function partsOf(text: string): string[] {
  return text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** A window, or what is wrong with it. */
export function parseWindow(text: string): LimitsWindow | string {
  const [when = '', limits, ...rest] = text.split('=');
  if (limits === undefined || rest.length > 0)
    return `${quote(text)} needs one =, before its minimum and maximum`;
  const range = parseLimits(limits);
  if (typeof range === 'string') return range;
  const words = when
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .join(' ')
    .replaceAll(/ ?([-,]) ?/g, '$1');
  const [first = '', second, ...more] = words.split(' ');
  if (first === '' || more.length > 0) return `${quote(text)} needs weekdays, hours, or both before the =`;
  const startsWithHours = second === undefined && /^\d/.test(first);
  const days = startsWithHours ? ALL_DAYS : parseDays(first);
  if (typeof days === 'string') return days;
  const hours = startsWithHours ? first : second;
  const times = hours === undefined ? { fromMinute: 0, toMinute: MINUTES_A_DAY } : parseHours(hours);
  return typeof times === 'string' ? times : { days, ...times, ...range };
}

function parseLimits(text: string): Pick<LimitsWindow, 'min' | 'max'> | string {
  const match = /^(\d{1,4}) ?- ?(\d{1,4})$/.exec(text.trim().split(/\s+/).join(' '));
  if (!match) return `${quote(text.trim())} is not a minimum and maximum such as 10-50`;
  const [min, max] = [Number(match[1]), Number(match[2])];
  if (min > max) return `the minimum ${min} is above the maximum ${max}`;
  return max === 0 ? 'the maximum is 0, and must be at least 1' : { min, max };
}

function parseDays(text: string): number[] | string {
  const days = new Set<number>();
  for (const range of text.split(',')) {
    const [first = '', last = first, ...rest] = range.split('-');
    const unknown = [first, last].find((name) => !WEEKDAYS.includes(name));
    if (unknown !== undefined) return `${quote(unknown)} is not one of the weekdays ${WEEKDAYS.join(', ')}`;
    if (rest.length > 0) return `${quote(range)} is not a range of weekdays such as mon-fri`;
    const length = (WEEKDAYS.indexOf(last) - WEEKDAYS.indexOf(first) + 7) % 7;
    for (let day = 0; day <= length; day += 1) days.add((WEEKDAYS.indexOf(first) + day) % 7);
  }
  return ALL_DAYS.filter((day) => days.has(day));
}

function parseHours(text: string): Pick<LimitsWindow, 'fromMinute' | 'toMinute'> | string {
  const [fromMinute, toMinute, ...rest] = text.split('-').map(parseTime);
  if (fromMinute === undefined || toMinute === undefined || rest.length > 0)
    return `${quote(text)} is not a range of hours such as 08:00-20:00`;
  if (fromMinute === MINUTES_A_DAY) return 'a window begins at 00:00 of the next day, not at 24:00';
  // Nothing, or 24 hours? Both are a guess, and they differ by a whole day.
  if (fromMinute === toMinute)
    return `${quote(text)} begins and ends at once: leave the hours out for a whole day`;
  return { fromMinute, toMinute };
}

function parseTime(text: string): number | undefined {
  const match = /^(\d{1,2}):(\d\d)$/.exec(text);
  const minute = Number(match?.[1]) * 60 + Number(match?.[2]);
  return Number(match?.[2]) < 60 && minute <= MINUTES_A_DAY ? minute : undefined;
}

/** The first listed of the windows that are open by the zone's local time, so a change of the clocks needs no rule. */
export function windowAt({ windows, timeZone }: Limits, at: number): LimitsWindow | undefined {
  return windowAtMinute(windows, minuteOfWeek(timeZone, at));
}

/** The window that applies at a minute of the week, counted from Monday 00:00. */
export function windowAtMinute(windows: readonly LimitsWindow[], minute: number): LimitsWindow | undefined {
  return windows.find((window) => isOpen(window, minute));
}

/** Windows that never apply, because those listed before them are open whenever they are. */
export function hiddenWindows(windows: readonly LimitsWindow[]): readonly LimitsWindow[] {
  const applying = new Set<LimitsWindow>();
  for (let minute = 0; minute < 7 * MINUTES_A_DAY; minute += 1) {
    const first = windows.find((window) => isOpen(window, minute));
    if (first) applying.add(first);
  }
  return windows.filter((window) => !applying.has(window));
}

function isOpen({ days, fromMinute, toMinute }: LimitsWindow, minute: number): boolean {
  const day = Math.floor(minute / MINUTES_A_DAY);
  const time = minute % MINUTES_A_DAY;
  const opensToday = days.includes(day);
  if (fromMinute < toMinute) return opensToday && fromMinute <= time && time < toMinute;
  return (opensToday && fromMinute <= time) || (days.includes((day + 6) % 7) && time < toMinute);
}

/** The shortest way to write when a window is open: `mon-fri 08:00-20:00`, `sat-sun`, `22:00-06:00`. */
export function windowText({ days, fromMinute, toMinute }: Omit<LimitsWindow, 'min' | 'max'>): string {
  const wholeDay = fromMinute === 0 && toMinute === MINUTES_A_DAY;
  const hours = wholeDay ? [] : [`${timeText(fromMinute)}-${timeText(toMinute)}`];
  return [...(days.length === 7 && !wholeDay ? [] : [daysText(days)]), ...hours].join(' ');
}

function daysText(days: readonly number[]): string {
  if (days.length === 7) return 'mon-sun';
  return days
    .filter((day) => !days.includes((day + 6) % 7))
    .map((first) => {
      let last = first;
      while (days.includes((last + 1) % 7)) last = (last + 1) % 7;
      return first === last ? WEEKDAYS[first] : `${WEEKDAYS[first]}-${WEEKDAYS[last]}`;
    })
    .join(',');
}

function timeText(minute: number): string {
  const [hours, minutes] = [Math.floor(minute / 60), minute % 60];
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
}
