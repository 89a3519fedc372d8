import { startsBetween, type Starts } from './lateness.ts';
import type { Learned } from './learn.ts';
import type { Memory } from './memory.ts';
import { MOST_QUEUE_GROUPS, type QueueGroup } from './overflow-queues.ts';
import { ownProperty } from './own-property.ts';
import type { Observation, Policy, Sizing } from './types.ts';
import { recordStarts, startsOn, type LatenessRecord } from './wait-margin.ts';

/** By queue, what is known of the jobs that started late in the last day. */
export type Lateness = ReadonlyMap<string, LatenessRecord>;

type WaitSizing = Extract<Sizing, { kind: 'wait' }>;

/** The share of jobs that keeps the wait where the policy names none, in percent. */
const DEFAULT_PERCENT = 95;
/** Between readings further apart than so many ticks, no decision could be in time. */
const LONGEST_GAP_TICKS = 3;
/**
 * Part of a tick by which a wait is judged more strictly. More jobs start late in a tick than early, as workers come up, so
 * the estimate, which spreads them evenly, finds too few late where most waits end near the limit.
 */
const STRICT_TICKS = 1 / 8;

export function maxWaitOf({ maxWaitMs, maxWaitMsByQueue }: WaitSizing, queue: string): number {
  return ownProperty(maxWaitMsByQueue, queue) ?? maxWaitMs;
}

export function allowedLateShare({ maxWaitPercent = DEFAULT_PERCENT }: WaitSizing): number {
  return 1 - maxWaitPercent / 100;
}

/**
 * Adds what started since the last reading to each queue's record. Jobs that may have been kept waiting by something that
 * no margin prevents are not counted, neither as late nor as in time: those that started within a whole wait of it.
 */
export function observeLateness(
  { sizing, tickMs }: Policy,
  memory: Memory,
  groups: readonly QueueGroup[],
  learned: ReadonlyMap<string, Learned>,
): Lateness {
  if (sizing.kind !== 'wait') return new Map();
  const before = new Map(memory.queues);
  const records = new Map(memory.lateness);
  const observed = groups.flatMap(({ queue: { name } }) => {
    const [past, now] = [before.get(name), learned.get(name)];
    if (now === undefined) return [];
    const maxWaitMs = maxWaitOf(sizing, name);
    const record = records.get(name);
    const { excusedAt = -Infinity } = record ?? {};
    // What was learned before is not continued when there is a single mark: the count has begun again.
    const judged = past !== undefined && now.marks.length > 1 && past.at >= excusedAt + maxWaitMs;
    const strictMs = Math.max(0, maxWaitMs - tickMs * STRICT_TICKS);
    const starts = judged ? startsBetween(past, now, strictMs) : NO_STARTS;
    return [[name, recordStarts(record, starts, now.at)] as const];
  });
  return new Map(observed);
}

const NO_STARTS: Starts = { started: 0, late: 0 };

/**
 * Marks the queues whose jobs now wait for another reason than the rule. `bounded`: more workers were wanted than a bound or
 * step limit allows. Fewer workers than were last decided on: the decision was not carried out (a hold, a dry run, a platform
 * limit), or another client removed some.
 */
export function excuseLateness(
  lateness: Lateness,
  policy: Policy,
  memory: Memory,
  {
    observation: { at, quantity },
    groups,
    bounded,
  }: { readonly observation: Observation; readonly groups: readonly QueueGroup[]; readonly bounded: boolean },
): Lateness {
  const before = new Map(memory.queues);
  const heldBack = bounded || quantity < memory.capacity.quantity;
  const excused = groups.flatMap((group) => {
    const record = lateness.get(group.queue.name);
    if (record === undefined) return [];
    const past = before.get(group.queue.name);
    const unread = past === undefined || at - past.at > LONGEST_GAP_TICKS * policy.tickMs;
    const isExcused = heldBack || unread || isCapped(group);
    // Seen from a clock that was ahead, the excuse would last.
    const { excusedAt } = record;
    const since = isExcused ? at : excusedAt === undefined ? undefined : Math.min(excusedAt, at);
    return [[group.queue.name, since === undefined ? record : { ...record, excusedAt: since }] as const];
  });
  return new Map(excused);
}

function isCapped({ queue, demand: { throttled, running, slotLimit } }: QueueGroup): boolean {
  return queue.paused || throttled || running >= slotLimit;
}

/** The records to remember: of the queues that were read, and of others for as long as they say something. */
export function keptLateness(
  before: Memory['lateness'],
  lateness: Lateness,
  at: number,
): NonNullable<Memory['lateness']> {
  const others = (before ?? []).flatMap(([name, record]) => {
    const kept = recordStarts(record, NO_STARTS, at);
    return lateness.has(name) || startsOn(kept).started === 0 ? [] : [[name, kept] as const];
  });
  return [...lateness, ...others].slice(0, MOST_QUEUE_GROUPS);
}
