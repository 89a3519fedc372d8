import { MINUTES_A_DAY } from './wall-clock.ts';

/*
 * The form that LIMITS had before: from each time of a cron expression on its limits applied, until the next time of any.
 * Only the message that refuses it reads it.
 */

const MINUTES_A_WEEK = 7 * MINUTES_A_DAY;
const CRON_DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** `0 8 * * 1-5 = 10-50`; a colon is in hours alone. */
export function isCron(part: string): boolean {
  const [when = ''] = part.split('=');
  return !when.includes(':') && when.trim().split(/\s+/).length === 5;
}

/** The limits in force at each minute of the week, as `10-50`, or undefined where a week does not repeat them. */
export function cronLimits(parts: readonly string[]): readonly string[] | undefined {
  const openings = new Map<number, string>();
  for (const part of parts) {
    const [when = '', range = ''] = part.split('=');
    const limits = /^\s*(\d{1,4})\s*-\s*(\d{1,4})\s*$/.exec(range);
    const minutes = openingMinutes(when.trim().toLowerCase().split(/\s+/));
    const [min, max] = [Number(limits?.[1]), Number(limits?.[2])];
    if (!minutes || !(min <= max && max >= 1)) return undefined;
    // Of windows that open at once the first listed counted.
    for (const minute of minutes) openings.set(minute, openings.get(minute) ?? `${min}-${max}`);
  }
  // On Monday at 00:00 the window that opened last in the week before is open.
  let current = openings.get(Math.max(...openings.keys())) ?? '';
  return Array.from({ length: MINUTES_A_WEEK }, (_, minute) => (current = openings.get(minute) ?? current));
}

/** The minutes of the week at which a cron expression opens, if a week repeats them. */
function openingMinutes(fields: readonly string[]): number[] | undefined {
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = ''] = fields;
  if (![dayOfMonth, month].every((field) => field === '*' || field === '?')) return undefined;
  const minutes = values(minute, { last: 59 });
  const hours = values(hour, { last: 23 });
  const days = values(dayOfWeek, { last: 7, names: CRON_DAYS });
  if (!minutes || !hours || !days) return undefined;
  const weekdays = [...new Set(days.map((day) => (day + 6) % 7))];
  return weekdays.flatMap((day) =>
    hours.flatMap((at) => minutes.map((past) => day * MINUTES_A_DAY + at * 60 + past)),
  );
}

type Field = { readonly last: number; readonly names?: readonly string[] };

function values(field: string, { last, names = [] }: Field): number[] | undefined {
  const all: number[] = [];
  const numberOf = (text: string): number => (/^\d+$/.test(text) ? Number(text) : names.indexOf(text));
  for (const range of field.split(',')) {
    const match = /^(?:[*?]|(?<from>\w+)|(?<first>\w+)-(?<to>\w+))(?:(?<=[*?]|-\w+)\/(?<step>\d+))?$/.exec(
      range,
    );
    if (!match) return undefined;
    const { from, first = from ?? '0', to, step = '1' } = match.groups ?? {};
    const least = numberOf(first);
    // Sunday ends a week, too: fri-sun.
    const most = to === 'sun' ? 7 : numberOf(to ?? from ?? String(last));
    if (least < 0 || most < least || most > last || Number(step) === 0) return undefined;
    for (let value = least; value <= most; value += Number(step)) all.push(value);
  }
  return all;
}
