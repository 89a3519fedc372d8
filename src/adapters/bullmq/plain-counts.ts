import { dueScore, EXISTENCE_KEYS, queueBase } from './queue-keys.ts';
import { countOf, numberOf } from './snapshot-row.ts';
import type { QueueRequest, Snapshot } from './snapshot.ts';

export type Command = readonly [name: string, ...args: (string | number)[]];

/** The reply to one command; an error reply is a value here. */
export type Reply = unknown;

/** Most active jobs of one queue that are inspected: those at the old end of the list. */
const SAMPLE = 500;

/** The first round trip's result: all counts, and the ids that the second one inspects. */
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
  /** The last completed job, while jobs run and wait. */
  readonly lastCompleted: string | undefined;
};

type Write = (base: string, dueNow: number, dueSoon: number) => Command;

/** Without these a queue is unreadable. */
const REQUIRED = {
  wait: (base) => ['LLEN', `${base}wait`],
  paused: (base) => ['LLEN', `${base}paused`],
  prioritized: (base) => ['ZCARD', `${base}prioritized`],
  due: (base, dueNow) => ['ZCOUNT', `${base}delayed`, '-inf', dueNow],
  dueSoon: (base, _, dueSoon) => ['ZCOUNT', `${base}delayed`, '-inf', dueSoon],
  delayed: (base) => ['ZCARD', `${base}delayed`],
  active: (base) => ['LLEN', `${base}active`],
  waitingChildren: (base) => ['ZCARD', `${base}waiting-children`],
  added: (base) => ['GET', `${base}id`],
  meta: (base) => ['HMGET', `${base}meta`, 'paused', 'concurrency', 'max', 'duration'],
  exists: (base) => ['EXISTS', ...EXISTENCE_KEYS.map((key) => base + key)],
} as const satisfies Record<string, Write>;

/** The user may lack the right to these; an error here is a missing value. */
const OPTIONAL = {
  limiterCount: (base) => ['GET', `${base}limiter`],
  limiterTtl: (base) => ['PTTL', `${base}limiter`],
  nextWaiting: (base) => ['LINDEX', `${base}wait`, -1],
  newestWaiting: (base) => ['LINDEX', `${base}wait`, 0],
  firstPrioritized: (base) => ['ZRANGE', `${base}prioritized`, 0, 0, 'WITHSCORES'],
  lastPrioritized: (base) => ['ZRANGE', `${base}prioritized`, -1, -1, 'WITHSCORES'],
  nextDelayed: (base) => ['ZRANGE', `${base}delayed`, 0, 0, 'WITHSCORES'],
  activeIds: (base) => ['LRANGE', `${base}active`, -SAMPLE, -1],
  lastCompleted: (base) => ['ZRANGE', `${base}completed`, -1, -1],
} as const satisfies Record<string, Write>;

const COMMANDS = { ...REQUIRED, ...OPTIONAL };
const NAMES = Object.keys(COMMANDS) as (keyof typeof COMMANDS)[];

export function countCommands(prefix: string, { queue, horizonMs }: QueueRequest, at: number): Command[] {
  const base = queueBase(prefix, queue);
  return NAMES.map((name): Command => COMMANDS[name](base, dueScore(at), dueScore(at + horizonMs)));
}

/** The error that makes the queue unreadable, if any. `replies` are those to `countCommands`. */
export function countError(replies: readonly Reply[]): Error | undefined {
  return replies.slice(0, Object.keys(REQUIRED).length).find((reply) => reply instanceof Error);
}

export function countsOf(base: string, replies: readonly Reply[], at: number): Counts {
  const reply = (name: keyof typeof COMMANDS): Reply => replies[NAMES.indexOf(name)];
  const count = (name: keyof typeof COMMANDS): number => countOf(reply(name)) ?? 0;
  const meta = listOf(reply('meta'));
  const paused = typeof meta[0] === 'string';
  const [listed, pausedJobs] = [count('wait'), paused ? count('paused') : 0];
  const [prioritized, due, delayed] = [count('prioritized'), count('due'), count('delayed')];
  const [active, waitingChildren] = [count('active'), count('waitingChildren')];
  const ends = [reply('nextWaiting'), reply('newestWaiting')].filter((id) => typeof id === 'string');
  // BullMQ 4 left a marker at the end of the list, which is not a job.
  const wait = ends[0]?.startsWith('0:') === true ? Math.max(0, listed - 1) : listed;
  const [completed] = listOf(reply('lastCompleted'));
  const busy = active > 0 && wait + prioritized + due > 0;
  return {
    base,
    at,
    wait,
    pausedJobs,
    prioritized,
    due,
    dueSoon: count('dueSoon'),
    delayed,
    active,
    waitingChildren,
    added: countOf(reply('added')),
    paused,
    concurrency: countOf(meta[1]),
    limiterMax: countOf(meta[2]),
    limiterDurationMs: countOf(meta[3]),
    limiterCount: countOf(reply('limiterCount')),
    limiterTtlMs: numberOf(reply('limiterTtl')) ?? -1,
    exists: count('exists') + listed + pausedJobs + prioritized + delayed + active + waitingChildren > 0,
    ends: isLater(ends[1], ends[0]) ? ends.slice(0, 1) : [...new Set(ends)],
    firstPrioritized: scoredOf(reply('firstPrioritized')),
    lastPrioritized: scoredOf(reply('lastPrioritized')),
    nextDelayed: scoredOf(reply('nextDelayed'))?.[1],
    activeIds: listOf(reply('activeIds')).filter((id) => typeof id === 'string'),
    lastCompleted: busy && typeof completed === 'string' ? completed : undefined,
  };
}

/** Whether a job was added after another, as far as BullMQ's own ids show it. */
function isLater(id: string | undefined, other: string | undefined): boolean {
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
