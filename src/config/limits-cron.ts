import { parseWindow } from './limits.ts';
import { quote } from './mask.ts';
import { MINUTES_A_DAY } from './wall-clock.ts';

/*
 * The form that LIMITS had before: from each time of a cron expression on its limits applied, until the next time of any.
 * Only the message that refuses it reads it.
 */

const MINUTES_A_WEEK = 7 * MINUTES_A_DAY;
const CRON_DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const EVERY_DAY_OF_MONTH = /^(?:[*?](?:\/1)?|1-31)$/;
const EVERY_MONTH = /^(?:[*?](?:\/1)?|1-12)$/;

/** `0 8 * * 1-5 = 10-50`; a colon is in hours alone. */
export function isCron(part: string): boolean {
  const [when = ''] = part.split('=');
  return !when.includes(':') && when.trim().split(/\s+/).length === 5;
}

/** The limits in force at each minute of the week, as `10-50`, or why a week cannot have them. */
export function cronLimits(parts: readonly string[]): readonly string[] | string {
  const limitsAt = new Map<number, string>();
  for (const part of parts) {
    const opening = parseOpening(part);
    if (typeof opening === 'string') return opening;
    // Of windows that open at once the first listed counted.
    for (const minute of opening.minutes) limitsAt.set(minute, limitsAt.get(minute) ?? opening.limits);
  }
  // On Monday at 00:00 the window that opened last in the week before is open.
  let current = limitsAt.get(Math.max(...limitsAt.keys())) ?? '';
  return Array.from({ length: MINUTES_A_WEEK }, (_, minute) => (current = limitsAt.get(minute) ?? current));
}

/** The minutes of the week at which these limits begin, or what is wrong with them. */
function parseOpening(
  part: string,
): { readonly minutes: readonly number[]; readonly limits: string } | string {
  if (!isCron(part)) return `${quote(part)} is not a cron time`;
  const [when = '', ...limits] = part.split('=');
  const window = parseWindow(`mon-sun = ${limits.join('=')}`);
  if (typeof window === 'string') return window;
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = ''] = when
    .trim()
    .toLowerCase()
    .split(/\s+/);
  if (!EVERY_DAY_OF_MONTH.test(dayOfMonth) || !EVERY_MONTH.test(month))
    return `${quote(when.trim())} depends on the day of the month or on the month`;
  const minutes = values(minute, { last: 59 });
  const hours = values(hour, { last: 23 });
  const days = values(dayOfWeek, { last: 7, names: CRON_DAYS });
  if (!minutes || !hours || !days) return `${quote(when.trim())} is not a weekly cron time`;
  const weekdays = [...new Set(days.map((day) => (day + 6) % 7))];
  return {
    minutes: weekdays.flatMap((day) =>
      hours.flatMap((at) => minutes.map((past) => day * MINUTES_A_DAY + at * 60 + past)),
    ),
    limits: `${window.min}-${window.max}`,
  };
}

type Field = { readonly last: number; readonly names?: readonly string[] };

function values(field: string, { last, names = [] }: Field): number[] | undefined {
  const all: number[] = [];
  const numberOf = (text: string): number =>
    /^\d+$/.test(text) ? Number(text) : names.findIndex((name) => text === name || text === name.slice(0, 3));
  for (const range of field.split(',')) {
    const match = /^(?:[*?]|(?<from>\w+)|(?<first>\w+)-(?<to>\w+))(?:(?<=[*?]|-\w+)\/(?<step>\d+))?$/.exec(
      range,
    );
    if (!match) return undefined;
    const { from, first = from ?? '0', to, step = '1' } = match.groups ?? {};
    const least = numberOf(first);
    // Sunday ends a week, too: fri-sun.
    const most = to === 'sun' || to === 'sunday' ? 7 : numberOf(to ?? from ?? String(last));
    if (least < 0 || most < least || most > last || Number(step) === 0) return undefined;
    for (let value = least; value <= most; value += Number(step)) all.push(value);
  }
  return all;
}
