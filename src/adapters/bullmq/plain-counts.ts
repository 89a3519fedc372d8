import { countOf, numberOf } from './decode-row.ts';
import { dueScore, EXISTENCE_KEYS, queueBase } from './queue-keys.ts';
import type { QueueRequest, Snapshot } from './snapshot.ts';

export type Command = readonly [name: string, ...args: (string | number)[]];

/** What one command answered; an error reply is a value here. */
export type Reply = unknown;

/** Active jobs of one queue that are looked at one by one: those at the old end of the list. */
const SAMPLE = 500;

/** What the first round trip tells of a queue: all counts, and the ids that the second has to look at. */
export type Counts = Omit<Snapshot, 'oldestReadyAt' | 'lastRun' | 'sample'> & {
  readonly base: string;
  readonly at: number;
  /** The ends of the waiting list: with LIFO jobs, which are not in the order they were added, the oldest is last. */
  readonly ends: readonly string[];
  /** First and last of the prioritized set, as id and score. */
  readonly firstPrioritized: readonly [string, number] | undefined;
  readonly lastPrioritized: readonly [string, number] | undefined;
  /** Score of the delayed job that is due next. */
  readonly nextDelayed: number | undefined;
  readonly activeIds: readonly string[];
  /** The job that was completed last, where jobs run and wait. */
  readonly lastCompleted: string | undefined;
};

/** The replies from here on are of commands the user may lack the right to: an error there is an answer not had. */
export const FIRST_OPTIONAL = 11;

export function countCommands(prefix: string, { queue, horizonMs }: QueueRequest, at: number): Command[] {
  const base = queueBase(prefix, queue);
  return [
    ['LLEN', `${base}wait`],
    ['LLEN', `${base}paused`],
    ['ZCARD', `${base}prioritized`],
    ['ZCOUNT', `${base}delayed`, '-inf', dueScore(at)],
    ['ZCOUNT', `${base}delayed`, '-inf', dueScore(at + horizonMs)],
    ['ZCARD', `${base}delayed`],
    ['LLEN', `${base}active`],
    ['ZCARD', `${base}waiting-children`],
    ['GET', `${base}id`],
    ['HMGET', `${base}meta`, 'paused', 'concurrency', 'max', 'duration'],
    ['EXISTS', ...EXISTENCE_KEYS.map((key) => base + key)],
    ['GET', `${base}limiter`],
    ['PTTL', `${base}limiter`],
    ['LINDEX', `${base}wait`, -1],
    ['LINDEX', `${base}wait`, 0],
    ['ZRANGE', `${base}prioritized`, 0, 0, 'WITHSCORES'],
    ['ZRANGE', `${base}prioritized`, -1, -1, 'WITHSCORES'],
    ['ZRANGE', `${base}delayed`, 0, 0, 'WITHSCORES'],
    ['LRANGE', `${base}active`, -SAMPLE, -1],
    ['ZRANGE', `${base}completed`, -1, -1],
  ];
}

export function countsOf(base: string, replies: readonly Reply[], at: number): Counts {
  const count = (index: number): number => countOf(replies[index]) ?? 0;
  const meta = listOf(replies[9]);
  const paused = typeof meta[0] === 'string';
  const [wait, pausedJobs, prioritized, delayed] = [count(0), paused ? count(1) : 0, count(2), count(5)];
  const [active, waitingChildren] = [count(6), count(7)];
  const ends = [replies[13], replies[14]].filter((id) => typeof id === 'string');
  const marker = ends[0]?.startsWith('0:') === true;
  const [completed] = listOf(replies[19]);
  const busy = active > 0 && wait - (marker ? 1 : 0) + prioritized + count(3) > 0;
  return {
    base,
    at,
    // BullMQ 4 left a marker at the end of the list which is no job.
    wait: marker ? Math.max(0, wait - 1) : wait,
    pausedJobs,
    prioritized,
    due: count(3),
    dueSoon: count(4),
    delayed,
    active,
    waitingChildren,
    added: countOf(replies[8]),
    paused,
    concurrency: countOf(meta[1]),
    limiterMax: countOf(meta[2]),
    limiterDurationMs: countOf(meta[3]),
    limiterCount: countOf(replies[11]),
    limiterTtlMs: numberOf(replies[12]) ?? -1,
    exists: count(10) + wait + pausedJobs + prioritized + delayed + active + waitingChildren > 0,
    ends: later(ends[1], ends[0]) ? ends.slice(0, 1) : [...new Set(ends)],
    firstPrioritized: scoredOf(replies[15]),
    lastPrioritized: scoredOf(replies[16]),
    nextDelayed: scoredOf(replies[17])?.[1],
    activeIds: listOf(replies[18]).filter((id) => typeof id === 'string'),
    lastCompleted: busy && typeof completed === 'string' ? completed : undefined,
  };
}

/** Whether a job was added after another, as far as BullMQ's own ids tell. */
function later(id: string | undefined, other: string | undefined): boolean {
  return (ordinal(id) ?? NaN) > (ordinal(other) ?? NaN);
}

function ordinal(id: string | undefined): number | undefined {
  return id !== undefined && /^\d{1,15}$/.test(id) ? Number(id) : undefined;
}

export function listOf(reply: Reply): readonly unknown[] {
  return Array.isArray(reply) ? reply : [];
}

/** The one entry of a range WITHSCORES, flat as in RESP2 or a list of its own as in RESP3. */
function scoredOf(reply: Reply): readonly [string, number] | undefined {
  const list = listOf(reply);
  const [id, score] = Array.isArray(list[0]) ? listOf(list[0]) : list;
  const number = numberOf(score);
  return typeof id === 'string' && number !== null ? [id, number] : undefined;
}
