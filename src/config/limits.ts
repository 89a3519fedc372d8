import { Cron } from 'croner';

/** From each time of a cron expression on, these are the fewest and most dynos. */
export type LimitsWindow = { readonly cron: string; readonly min: number; readonly max: number };

export type Limits = { readonly windows: readonly LimitsWindow[]; readonly timeZone: string };

const WINDOW = /^(?<cron>[^=]+)=\s*(?<min>\d{1,4})\s*-\s*(?<max>\d{1,4})$/;

/** `0 8 * * 1-5 = 10-50; 0 20 * * 1-5 = 1-10`, or undefined for anything else. */
export function parseWindows(text: string): LimitsWindow[] | undefined {
  const windows = text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseWindow);
  const valid = windows.filter((window) => window !== undefined);
  return valid.length > 0 && valid.length === windows.length ? valid : undefined;
}

function parseWindow(text: string): LimitsWindow | undefined {
  const { cron = '', min = '', max = '' } = WINDOW.exec(text)?.groups ?? {};
  const window = { cron: cron.trim(), min: Number(min), max: Number(max) };
  const possible = isCron(window.cron) && window.min <= window.max && window.max >= 1;
  return possible ? window : undefined;
}

/** Five fields as in a crontab; a window that opens at a second would open at the next tick anyway. */
function isCron(text: string): boolean {
  if (text.split(/\s+/).length !== 5) return false;
  try {
    return new Cron(text, { paused: true }).nextRun() !== null;
  } catch {
    return false;
  }
}

/**
 * The window that opened last, in the zone's own time: a time that a change of clocks leaves out opens it when the clock
 * has moved on. Of windows that open at once, the later by the clock on the wall: 3:00 comes after 2:30, also on the day
 * when both come at once. Undefined when none has ever opened.
 */
export function windowAt({ windows, timeZone }: Limits, at: number): LimitsWindow | undefined {
  let latest: LimitsWindow | undefined;
  let openedAt = -Infinity;
  for (const window of windows) {
    const since = lastOpening(window, timeZone, at);
    const later =
      latest !== undefined && since === openedAt
        ? onTheWall(window, timeZone, since) > onTheWall(latest, timeZone, since)
        : since > openedAt;
    if (later && since <= at) [latest, openedAt] = [window, since];
  }
  return latest;
}

function lastOpening({ cron }: LimitsWindow, timezone: string, at: number): number {
  // The time itself belongs to the window it opens.
  const [opened] = new Cron(cron, { timezone, paused: true }).previousRuns(1, new Date(at + 1000));
  return opened?.getTime() ?? -Infinity;
}

/** What the clock on the wall was meant to show when a window opened at a moment, as if it were UTC, where no clock leaps. */
function onTheWall(window: LimitsWindow, timeZone: string, at: number): number {
  const shown = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return lastOpening(window, 'UTC', Date.parse(`${shown.format(at)}Z`));
}
