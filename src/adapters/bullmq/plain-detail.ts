import { holderName, numberOf, runOf } from './decode-row.ts';
import { listOf, type Command, type Counts, type Reply } from './plain-counts.ts';
import { dueAt, priorityClassScore } from './queue-keys.ts';
import { earliest, READY_FIELDS, readyAt } from './ready-at.ts';
import type { ActiveSample, Snapshot } from './snapshot.ts';

/** What the second round trip asks about one queue; its replies come in the order of `commands`. */
export type FollowUp = {
  readonly base: string;
  readonly commands: readonly Command[];
  /** How many of the commands ask since when a job is ready; they come first. */
  readonly jobs: number;
  /** Whether the next command asks for the job that starves in the lowest priority class. */
  readonly classes: boolean;
  /** The active jobs looked at: one command for their locks, one each for their holders, one for the list again. */
  readonly sampled: readonly string[];
  /** Whether the last command asks for the job that was completed last. */
  readonly lastRun: boolean;
};

/** `room`: active jobs that may still be looked at. */
export function followUp(counts: Counts, room: number): FollowUp {
  const { base, firstPrioritized: first, lastPrioritized: last } = counts;
  const ids = [...counts.ends, ...(first ? [first[0]] : [])];
  const lowest = last && priorityClassScore(last[1]);
  const classes = first !== undefined && lowest !== undefined && lowest > first[1];
  const sampled = room > 0 ? counts.activeIds.slice(-room) : [];
  const commands: Command[] = ids.map((id) => jobCommand(base, id));
  if (classes) commands.push(['ZRANGEBYSCORE', `${base}prioritized`, lowest, '+inf', 'LIMIT', 0, 1]);
  if (sampled.length > 0) {
    commands.push(['MGET', ...sampled.map((id) => `${base}${id}:lock`)]);
    for (const id of sampled) commands.push(['HGET', base + id, 'pb']);
    commands.push(['LRANGE', `${base}active`, -2 * sampled.length, -1]);
  }
  const lastRun = counts.lastCompleted !== undefined;
  if (lastRun) commands.push(['HMGET', base + counts.lastCompleted, 'processedOn', 'finishedOn']);
  return { base, commands, jobs: ids.length, classes, sampled, lastRun };
}

/** What the third round trip asks: since when the job is ready that starves in the lowest class. */
export function starved(plan: FollowUp, second: readonly Reply[]): Command[] {
  if (!plan.classes) return [];
  const [id] = listOf(second[plan.jobs]);
  return typeof id === 'string' ? [jobCommand(plan.base, id)] : [];
}

export function resultOf(
  counts: Counts,
  plan: FollowUp,
  second: readonly Reply[],
  third: readonly Reply[],
): Snapshot {
  const { nextDelayed, at } = counts;
  const due = nextDelayed === undefined ? null : dueAt(nextDelayed);
  const [began, ended] = plan.lastRun ? listOf(second.at(-1)) : [];
  const jobs = [...second.slice(0, plan.jobs), ...third].map(readyAt);
  return {
    ...counts,
    oldestReadyAt: earliest([...jobs, due !== null && due <= at ? due : null]),
    lastRun: runOf(numberOf(began), numberOf(ended)),
    sample: sampleOf(plan, counts.active, second.slice(plan.jobs + (plan.classes ? 1 : 0))),
  };
}

function sampleOf({ sampled }: FollowUp, active: number, replies: readonly Reply[]): ActiveSample {
  const holders = new Map<string | null, number>();
  const locks = replies[0];
  // Refused, or nothing to look at: a lock that was not seen is not a lock that is gone.
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

function jobCommand(base: string, id: string): Command {
  return ['HMGET', base + id, ...READY_FIELDS];
}
