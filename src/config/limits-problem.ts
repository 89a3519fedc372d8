import { parseWindow, partsOf } from './limits.ts';
import { cronLimits, isCron } from './limits-cron.ts';
import { quote } from './mask.ts';
import { weekText } from './week-text.ts';

export const LIMITS_EXAMPLE = 'mon-fri 08:00-20:00 = 10-50; sat 09:00-12:00 = 5-20';

/** What is wrong with LIMITS; the cron form that it had is translated, whatever the length, if it recurs every week. */
export function limitsProblem(text: string): string {
  const parts = partsOf(text);
  if (!parts.some(isCron)) {
    const reason = parts.map(parseWindow).find((window) => typeof window === 'string');
    return `must be windows such as ${LIMITS_EXAMPLE}, got ${quote(text)}: ${reason ?? 'it has no window'}`;
  }
  const week = cronLimits(parts);
  const refusal = `no longer takes cron times, got ${quote(text)}`;
  return typeof week === 'string'
    ? `${refusal}: windows are weekly now, such as ${LIMITS_EXAMPLE}; ${week}`
    : `${refusal}: the same windows are now written "${weekText(week)}"`;
}
