import { MOST_EXPECTED, WEEKDAY_NAMES } from '../core/foreseen.ts';
import type { ExpectedBurst } from '../core/types.ts';
import { isOthersName } from './entry.ts';
import { HOUR_MS } from './hour.ts';
import { MINUTE_MS, minuteAt, type Minute } from './minute.ts';

const DAY_MS = 24 * HOUR_MS;
const MINUTES_A_DAY = 1440;

/** So many days are looked at for a burst of each day, and so many weeks for one of a weekday. */
const DAYS = 7;
const WEEKS = 4;
/** History older than this is not used. */
export const HISTORY_MS = WEEKS * 7 * DAY_MS;

/** A burst is a minute with so many jobs, and so many times as many as the minutes of the hour before it had. */
const FEWEST_JOBS = 5;
const TIMES_USUAL = 4;
const USUAL_MINUTES = 60;

/** Fewer days show no habit. */
const FEWEST_DAYS = 3;
const FEWEST_WEEKS = 2;
/** On so large a part of them it has to have come. */
const ENOUGH_DAYS = 2 / 3;
const ENOUGH_WEEKS = 3 / 4;

/** Bounds of what is kept and saved. */
const MOST_BURSTS = 5000;

/** A minute in which a queue got many more jobs than usual. */
export type BurstMinute = { readonly at: number; readonly queue: string; readonly jobs: number };

/** What is known of one process type's past: its bursts, and the hours (epoch ms) in which the clock ran. */
export type Past = { readonly bursts: readonly BurstMinute[]; readonly hours: ReadonlySet<number> };

export const NO_PAST: Past = { bursts: [], hours: new Set() };

/** What was known at a time. */
export function pastBefore(past: Past, at: number): Past {
  return {
    bursts: past.bursts.filter((burst) => burst.at < at),
    hours: new Set([...past.hours].filter((hour) => hour < at)),
  };
}

/**
 * Adds recorded minutes, in order and later than those that are known. Minutes up to `knownUntil`
 * (epoch ms) only show what is usual. What is older than `HISTORY_MS` at the last of them is dropped.
 */
export function withMinutes(
  past: Past,
  minutes: readonly Minute[],
  processType: string,
  knownUntil: number,
): Past {
  const recent = new Map<string, number[]>();
  const bursts: BurstMinute[] = [];
  const hours = new Set(past.hours);
  for (const { at, types } of minutes) {
    const type = types.find((candidate) => candidate.processType === processType);
    if (type === undefined) continue;
    if (at > knownUntil) hours.add(Math.floor(at / HOUR_MS) * HOUR_MS);
    for (const { name: queue, added: jobs } of type.queues) {
      if (isOthersName(queue)) continue;
      const before = recent.get(queue) ?? [];
      if (at > knownUntil && jobs >= FEWEST_JOBS && jobs >= TIMES_USUAL * medianOf(before))
        bursts.push({ at, queue, jobs });
      recent.set(queue, [...before.slice(1 - USUAL_MINUTES), jobs]);
    }
  }
  const oldest = (minutes.at(-1)?.at ?? 0) - HISTORY_MS;
  return {
    bursts: [...past.bursts, ...bursts].filter(({ at }) => at >= oldest).slice(-MOST_BURSTS),
    hours: new Set([...hours].filter((hour) => hour >= oldest)),
  };
}

/**
 * The bursts to expect in a span (epoch ms), soonest first. A burst is expected at a local time of day at which it came on
 * enough of the last days or of the last such weekdays. One of each day has to have come on the same day of last week, if
 * that is recorded: a newsletter of working days does not come on a Saturday. `minuteOfWeek` is the local clock: minutes
 * since Monday 00:00.
 */
export function expectedIn(
  past: Past,
  from: number,
  to: number,
  minuteOfWeek: (at: number) => number,
): ExpectedBurst[] {
  const jobsAt = new Map(past.bursts.map(({ at, queue, jobs }) => [`${queue} ${at}`, jobs]));
  const local = localClock(minuteOfWeek);
  const candidates = new Map<string, { readonly queue: string; readonly at: number }>();
  for (const { at: cameAt, queue } of past.bursts) {
    const days = Math.max(1, Math.floor((from - cameAt) / DAY_MS));
    for (const after of [days, days + 1, days + 2]) {
      const at = local.shifted(cameAt, after);
      if (at >= from && at < to) candidates.set(`${queue} ${at}`, { queue, at });
    }
  }
  return [...candidates.values()]
    .flatMap(({ queue, at }) => {
      const cameOn = (days: number): number | undefined => {
        const then = local.shifted(at, -days);
        if (!past.hours.has(Math.floor(then / HOUR_MS) * HOUR_MS)) return undefined;
        return jobsAt.get(`${queue} ${then}`) ?? 0;
      };
      const habit = habitOf(cameOn);
      if (habit === undefined) return [];
      const { jobs, days, of, weekly } = habit;
      const seen = { days, of, ...(weekly ? { weekday: local.weekday(at) } : {}) };
      return [{ queue, at, jobs, time: local.time(at), seen }];
    })
    .toSorted((a, b) => a.at - b.at)
    .slice(0, MOST_EXPECTED);
}

type Habit = {
  readonly jobs: number;
  readonly days: number;
  readonly of: number;
  readonly weekly: boolean;
};

/** `cameOn`: jobs that came so many days before; 0: none; undefined: not recorded. */
function habitOf(cameOn: (days: number) => number | undefined): Habit | undefined {
  const recorded = (days: readonly number[]): number[] => days.flatMap((day) => cameOn(day) ?? []);
  const weeks = recorded(Array.from({ length: WEEKS }, (_, week) => 7 * (week + 1)));
  const days = recorded(Array.from({ length: DAYS }, (_, day) => day + 1));
  const lastWeek = cameOn(7);
  const daily = habitIn(days, FEWEST_DAYS, ENOUGH_DAYS, false);
  if (daily !== undefined && lastWeek !== 0) return daily;
  return habitIn(weeks, FEWEST_WEEKS, ENOUGH_WEEKS, true);
}

function habitIn(
  counts: readonly number[],
  fewest: number,
  enough: number,
  weekly: boolean,
): Habit | undefined {
  const came = counts.filter((jobs) => jobs > 0);
  if (counts.length < fewest || came.length < enough * counts.length) return undefined;
  return { jobs: Math.round(medianOf(came)), days: came.length, of: counts.length, weekly };
}

function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

type LocalClock = {
  /** The instant at which the clock on the wall shows the same so many days later. */
  shifted(at: number, days: number): number;
  time(at: number): string;
  weekday(at: number): (typeof WEEKDAY_NAMES)[number] | undefined;
};

function localClock(minuteOfWeek: (at: number) => number): LocalClock {
  const known = new Map<number, number>();
  const minuteOf = (at: number): number => {
    const found = known.get(at) ?? minuteOfWeek(at);
    known.set(at, found);
    return found;
  };
  return {
    shifted(at, days) {
      const then = minuteAt(at + days * DAY_MS);
      // An hour more or less where the clocks were changed in between.
      const off = (minuteOf(at) - minuteOf(then)) % MINUTES_A_DAY;
      const half = MINUTES_A_DAY / 2;
      const nearest = off > half ? off - MINUTES_A_DAY : off < -half ? off + MINUTES_A_DAY : off;
      return then + nearest * MINUTE_MS;
    },
    time(at) {
      const minute = minuteOf(at) % MINUTES_A_DAY;
      const two = (value: number): string => String(value).padStart(2, '0');
      return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
    },
    weekday: (at) => WEEKDAY_NAMES[Math.floor(minuteOf(at) / MINUTES_A_DAY)],
  };
}
