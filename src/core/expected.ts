import type { Learned } from './learn.ts';
import { size, type Desired, type Situation } from './sizing.ts';
import { sumOf } from './sum.ts';
import type { ExpectedBurst, Policy } from './types.ts';
import { grouped } from './words.ts';

/** A burst is expected within a minute, by a clock that may differ: one that has not come by then does not come. */
export const LATEST_MS = 90_000;
/** It may also come a little early. */
const EARLIEST_MS = 10_000;
/** Between slots further apart than this a peek starts the workers. */
const LONGEST_TICK_MS = 60_000;

/** A burst that workers have to be started for, and how many of its jobs have not come yet. */
type Pending = { readonly burst: ExpectedBurst; readonly jobs: number };

/** What is needed with the bursts that are expected by the clock, where that is more than is needed without them. */
export type Expecting = {
  readonly desired: Desired;
  /** Jobs that have not come yet, and where they are known from; 0 and absent where they change nothing. */
  readonly jobs: number;
  readonly note?: string | undefined;
};

/**
 * The sizing with the expected bursts as jobs that are due at their times. Never less than without them.
 */
export function sizeExpecting(
  policy: Policy,
  situation: Situation,
  expected: readonly ExpectedBurst[] = [],
): Expecting {
  const without = size(policy, situation);
  const pending = pendingOf(policy, situation, expected);
  if (pending.length === 0) return { desired: without, jobs: 0 };
  const jobsOf = (queue: string): number =>
    sumOf(pending, ({ burst, jobs }) => (burst.queue === queue ? jobs : 0));
  const desired = size(policy, {
    ...situation,
    demands: situation.demands.map((demand) => ({
      ...demand,
      upcoming: demand.upcoming + jobsOf(demand.name),
    })),
    learned: new Map(
      [...situation.learned].map(([name, learned]) => [name, withBursts(name, learned, pending)]),
    ),
  });
  if (desired.count <= without.count) return { desired: without, jobs: 0 };
  return {
    desired,
    jobs: sumOf(pending, ({ jobs }) => jobs),
    note: pending.map(({ burst, jobs }) => expectedText({ ...burst, jobs })).join(', '),
  };
}

/** `8,000 expected at 09:00, as on 6 of the last 7 days`. */
export function expectedText({ jobs, time, seen: { days, of, weekday } }: ExpectedBurst): string {
  return `${grouped(jobs)} expected at ${time}, as on ${days} of the last ${of} ${weekday ?? 'day'}s`;
}

/** Whether workers for a burst have to be started now, or have been. */
export function isInSight({ bootMs, tickMs }: Policy, burst: ExpectedBurst, at: number): boolean {
  const aheadMs = bootMs + Math.min(tickMs, LONGEST_TICK_MS);
  return at >= burst.at - aheadMs && at < burst.at + LATEST_MS;
}

function pendingOf(
  policy: Policy,
  { at, groups, learned }: Situation,
  expected: readonly ExpectedBurst[],
): Pending[] {
  return expected.flatMap((burst) => {
    if (!isInSight(policy, burst, at)) return [];
    const record = learned.get(burst.queue);
    const isPaused = groups.some(({ queue }) => queue.name === burst.queue && queue.paused);
    if (record === undefined || isPaused) return [];
    const jobs = Math.round(burst.jobs - becameReadySince(record, burst.at - EARLIEST_MS));
    return jobs > 0 ? [{ burst, jobs }] : [];
  });
}

/** Jobs that became ready since a time, as far back as is remembered. */
function becameReadySince({ marks }: Learned, since: number): number {
  const before = marks.findLast(([markedAt]) => markedAt <= since) ?? marks[0];
  return (marks.at(-1)?.[1] ?? 0) - (before?.[1] ?? 0);
}

function withBursts(name: string, learned: Learned, pending: readonly Pending[]): Learned {
  const bursts = pending.flatMap(({ burst, jobs }) =>
    burst.queue === name ? [[Math.max(learned.at, burst.at), jobs] as const] : [],
  );
  return bursts.length === 0 ? learned : { ...learned, upcoming: [...(learned.upcoming ?? []), ...bursts] };
}
