export const MINUTES_A_DAY = 1440;

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** A formatter takes longer to make than everything else in a tick that asks for the time; a process has few zones. */
const FORMATTERS = new Map<string, Intl.DateTimeFormat>();

/** What a clock on the wall of the zone shows, in minutes since Monday 00:00. */
export function minuteOfWeek(timeZone: string, at: number): number {
  const shown: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of formatterOf(timeZone).formatToParts(at)) shown[type] = value;
  const day = WEEKDAYS.indexOf((shown.weekday ?? '').toLowerCase());
  return day * MINUTES_A_DAY + Number(shown.hour) * 60 + Number(shown.minute);
}

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = FORMATTERS.get(timeZone);
  if (known !== undefined) return known;
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  FORMATTERS.set(timeZone, formatter);
  return formatter;
}
