import { holderName, numberOf, runOf } from './decode-row.ts';
import { listOf, type Command, type Counts, type Reply } from './plain-counts.ts';
import { dueAt, priorityClassScore } from './queue-keys.ts';
import { earliest, LONGEST_OPTIONS, readyAt } from './ready-at.ts';
import type { ActiveSample, Snapshot } from './snapshot.ts';

/** What the second round trip asks about one queue; its replies come in the order of `commands`. */
export type FollowUp = {
  readonly base: string;
  readonly commands: readonly Command[];
  /** The jobs that are asked since when they are ready; two commands each, which come first. */
  readonly jobs: readonly string[];
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
  const commands = ids.flatMap((id) => jobCommands(base, id));
  if (classes) commands.push(['ZRANGEBYSCORE', `${base}prioritized`, lowest, '+inf', 'LIMIT', 0, 1]);
  if (sampled.length > 0) {
    commands.push(['MGET', ...sampled.map((id) => `${base}${id}:lock`)]);
    for (const id of sampled) commands.push(['HGET', base + id, 'pb']);
    commands.push(['LRANGE', `${base}active`, -2 * sampled.length, -1]);
  }
  const lastRun = counts.lastCompleted !== undefined;
  if (lastRun) commands.push(['HMGET', base + counts.lastCompleted, 'processedOn', 'finishedOn']);
  return { base, commands, jobs: ids, classes, sampled, lastRun };
}

/** A question about the options of a job, and what is known of that job without them. */
type Asked = { readonly times: readonly unknown[]; readonly options?: Command };

/** What the third round trip asks: the options of the jobs, and the job that starves in the lowest class. */
export type Third = { readonly asked: readonly Asked[]; readonly starving?: string };

export function thirdTrip(plan: FollowUp, second: readonly Reply[]): Third {
  const asked = plan.jobs.map((id, index) => askedOf(plan.base, id, second.slice(2 * index, 2 * index + 2)));
  const [starving] = plan.classes ? listOf(second[2 * plan.jobs.length]) : [];
  return { asked, ...(typeof starving === 'string' ? { starving } : {}) };
}

export function thirdCommands({ base }: FollowUp, { asked, starving }: Third): Command[] {
  return [...optionCommands(asked), ...(starving === undefined ? [] : jobCommands(base, starving))];
}

/** What the fourth round trip asks: the options of the job that starves. */
export function fourthTrip({ base }: FollowUp, third: Third, replies: readonly Reply[]): readonly Asked[] {
  const { asked, starving } = third;
  return starving === undefined ? [] : [askedOf(base, starving, replies.slice(optionCommands(asked).length))];
}

export function optionCommands(asked: readonly Asked[]): Command[] {
  return asked.flatMap(({ options }) => (options === undefined ? [] : [options]));
}

/**
 * The hash's times and the length of its options. The options themselves hold whatever the app put there, so they are
 * fetched only where they are short.
 */
function jobCommands(base: string, id: string): Command[] {
  return [
    ['HMGET', base + id, 'timestamp', 'processedOn'],
    ['HSTRLEN', base + id, 'opts'],
  ];
}

function askedOf(base: string, id: string, [times, length]: readonly Reply[]): Asked {
  // Without the right to ask for the length it is not known whether the job was delayed, nor how long it has waited.
  if (typeof length !== 'number') return { times: [] };
  const short = length > 0 && length <= LONGEST_OPTIONS;
  return { times: listOf(times), ...(short ? { options: ['HGET', base + id, 'opts'] } : {}) };
}

/** Since when each job is ready, from the replies to `optionCommands`. */
function readyTimes(asked: readonly Asked[], replies: readonly Reply[]): (number | null)[] {
  let next = 0;
  return asked.map(({ times, options }) =>
    readyAt([times[0], times[1], options === undefined ? null : replies[next++]]),
  );
}

export function resultOf(
  counts: Counts,
  plan: FollowUp,
  third: Third,
  [second = [], thirdReplies = [], fourthReplies = []]: readonly (readonly Reply[])[],
): Snapshot {
  const { nextDelayed, at } = counts;
  const due = nextDelayed === undefined ? null : dueAt(nextDelayed);
  const [began, ended] = plan.lastRun ? listOf(second.at(-1)) : [];
  const jobs = [
    ...readyTimes(third.asked, thirdReplies),
    ...readyTimes(fourthTrip(plan, third, thirdReplies), fourthReplies),
  ];
  return {
    ...counts,
    oldestReadyAt: earliest([...jobs, due !== null && due <= at ? due : null]),
    lastRun: runOf(numberOf(began), numberOf(ended)),
    sample: sampleOf(plan, counts.active, second.slice(2 * plan.jobs.length + (plan.classes ? 1 : 0))),
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
