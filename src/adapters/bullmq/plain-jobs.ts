import { listOf, type Command, type Counts, type Reply } from './plain-counts.ts';
import { dueAt, priorityClassScore } from './queue-keys.ts';
import { holderName, numberOf, runOf } from './snapshot-row.ts';
import type { ActiveSample, Snapshot } from './snapshot.ts';

/** The second round trip for one queue; its replies come in the order of `commands`. */
export type FollowUp = {
  readonly base: string;
  readonly commands: readonly Command[];
  /** Waiting jobs whose ready time is read: two commands each, which come first. */
  readonly jobs: readonly string[];
  /** Whether the next command reads the head of the lowest priority class, which may be starving. */
  readonly classes: boolean;
  /** The active jobs inspected: one command for their locks, one each for their holders, one for the list again. */
  readonly sampled: readonly string[];
  /** Whether the last command reads the last completed job. */
  readonly lastRun: boolean;
};

/** `room`: active jobs that may still be inspected. */
export function followUp(counts: Counts, room: number): FollowUp {
  const { base, firstPrioritized: first, lastPrioritized: last } = counts;
  const jobs = [...counts.ends, ...(first ? [first[0]] : [])];
  const lowest = last && priorityClassScore(last[1]);
  const classes = first !== undefined && lowest !== undefined && lowest > first[1];
  const sampled = room > 0 ? counts.activeIds.slice(-room) : [];
  const commands = jobs.flatMap((id) => jobCommands(base, id));
  if (classes) commands.push(['ZRANGEBYSCORE', `${base}prioritized`, lowest, '+inf', 'LIMIT', 0, 1]);
  if (sampled.length > 0) {
    commands.push(['MGET', ...sampled.map((id) => `${base}${id}:lock`)]);
    for (const id of sampled) commands.push(['HGET', base + id, 'pb']);
    commands.push(['LRANGE', `${base}active`, -2 * sampled.length, -1]);
  }
  const lastRun = counts.lastCompleted !== undefined;
  if (lastRun) commands.push(['HMGET', base + counts.lastCompleted, 'processedOn', 'finishedOn']);
  return { base, commands, jobs, classes, sampled, lastRun };
}

/** The times of a waiting job, and the command that reads its options where they are needed and short. */
type JobTimes = { readonly times: readonly unknown[]; readonly options?: Command };

/** The third round trip: the options of the waiting jobs, and the job that may be starving in the lowest class. */
export type Third = { readonly jobs: readonly JobTimes[]; readonly starving?: string };

export function thirdTrip(plan: FollowUp, second: readonly Reply[]): Third {
  const jobs = plan.jobs.map((id, index) => timesOf(plan.base, id, second.slice(2 * index, 2 * index + 2)));
  const [starving] = plan.classes ? listOf(second[2 * plan.jobs.length]) : [];
  return { jobs, ...(typeof starving === 'string' ? { starving } : {}) };
}

export function thirdCommands({ base }: FollowUp, { jobs, starving }: Third): Command[] {
  return [...optionCommands(jobs), ...(starving === undefined ? [] : jobCommands(base, starving))];
}

/** The fourth round trip: the options of the job that may be starving. */
export function fourthTrip(
  { base }: FollowUp,
  { jobs, starving }: Third,
  third: readonly Reply[],
): readonly JobTimes[] {
  return starving === undefined ? [] : [timesOf(base, starving, third.slice(optionCommands(jobs).length))];
}

export function optionCommands(jobs: readonly JobTimes[]): Command[] {
  return jobs.flatMap(({ options }) => (options === undefined ? [] : [options]));
}

/** Options hold whatever the app put there, so their length is read first and they are fetched only where it is short. */
function jobCommands(base: string, id: string): Command[] {
  return [
    ['HMGET', base + id, 'timestamp', 'processedOn'],
    ['HSTRLEN', base + id, 'opts'],
  ];
}

function timesOf(base: string, id: string, [times, length]: readonly Reply[]): JobTimes {
  // Without the right to HSTRLEN the delay is unknown, and with it the time the job has waited.
  if (typeof length !== 'number') return { times: [] };
  const short = length > 0 && length <= LONGEST_OPTIONS;
  return { times: listOf(times), ...(short ? { options: ['HGET', base + id, 'opts'] } : {}) };
}

export function resultOf(
  counts: Counts,
  plan: FollowUp,
  third: Third,
  [second = [], thirdReplies = [], fourthReplies = []]: readonly (readonly Reply[])[],
): Snapshot {
  const { nextDelayed, at } = counts;
  const due = nextDelayed === undefined ? null : dueAt(nextDelayed);
  const [startedAt, endedAt] = plan.lastRun ? listOf(second.at(-1)) : [];
  const times = [
    ...readyTimes(third.jobs, thirdReplies),
    ...readyTimes(fourthTrip(plan, third, thirdReplies), fourthReplies),
  ];
  return {
    ...counts,
    oldestReadyAt: earliest([...times, due !== null && due <= at ? due : null]),
    lastRun: runOf(numberOf(startedAt), numberOf(endedAt)),
    sample: sampleOf(plan, counts.active, second.slice(2 * plan.jobs.length + (plan.classes ? 1 : 0))),
  };
}

/** When each job became ready, from the replies to `optionCommands`. */
function readyTimes(jobs: readonly JobTimes[], replies: readonly Reply[]): (number | null)[] {
  let next = 0;
  return jobs.map(({ times, options }) =>
    readyAt([times[0], times[1], options === undefined ? null : replies[next++]]),
  );
}

/** Longer options hold more than a delay and are not read. Bytes, as HSTRLEN counts them. */
const LONGEST_OPTIONS = 8_192;

/**
 * Epoch ms when a waiting job became ready: the later of the time it was added plus the delay it was added with (the
 * hash's own `delay` is reset when the job becomes due) and its last attempt. A retry after a backoff therefore looks
 * older than it is by that backoff. Null when the hash is missing. `job` is the hash's `timestamp`, `processedOn` and
 * `opts`.
 */
export function readyAt(job: unknown): number | null {
  if (!Array.isArray(job)) return null;
  const addedAt = numberOf(job[0]);
  if (addedAt === null) return null;
  return Math.floor(Math.max(addedAt + delayOf(job[2]), numberOf(job[1]) ?? 0));
}

function delayOf(options: unknown): number {
  if (typeof options !== 'string' || options.length > LONGEST_OPTIONS || !options.includes('"delay"'))
    return 0;
  try {
    const decoded: unknown = JSON.parse(options);
    if (typeof decoded !== 'object' || decoded === null || !('delay' in decoded)) return 0;
    return typeof decoded.delay === 'number' ? decoded.delay : 0;
  } catch {
    return 0;
  }
}

/** The earliest of the known times; null when none is known. */
function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function sampleOf({ sampled }: FollowUp, active: number, replies: readonly Reply[]): ActiveSample {
  const holders = new Map<string | null, number>();
  const locks = replies[0];
  // Refused or not read: a lock that was not seen is not a missing lock.
  if (!Array.isArray(locks)) return { looked: 0, complete: active === 0, orphaned: 0, holders };
  const stillActive = new Set(listOf(replies[sampled.length + 1]));
  let orphaned = 0;
  for (const [index, id] of sampled.entries()) {
    if (typeof locks[index] === 'string') {
      const name = holderName(replies[index + 1]);
      holders.set(name, (holders.get(name) ?? 0) + 1);
    } else if (stillActive.has(id)) {
      orphaned += 1;
    }
  }
  return { looked: sampled.length, complete: sampled.length >= active, orphaned, holders };
}
