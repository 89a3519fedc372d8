import { allowedLateShare, maxWaitOf, type Lateness } from './calibration.ts';
import { isInSight } from './expected.ts';
import { countedPerJob, serviceMsOf, type Learned } from './learn.ts';
import type { Memory } from './memory.ts';
import type { QueueGroup } from './overflow-queues.ts';
import { passageThrough } from './rate-limiter.ts';
import { recordNeeds, slotsToKeep, type SlotNeeds } from './slot-needs.ts';
import { sumOf } from './sum.ts';
import type { ExpectedBurst, Policy, Reserve } from './types.ts';
import { marginOf } from './wait-margin.ts';
import { isTight, startsOf } from './wait-rule.ts';

/** By queue, what its jobs of the last day needed. */
export type Needs = NonNullable<Memory['needs']>;

/** So many queues have a reserve; those with waits of their own come first. */
export const MOST_RESERVED_QUEUES = 16;

/** Products of fractions: three whole workers must not become four. */
const ROUNDING = 1e-9;

/** What one reading shows, for the reserve. */
type Read = {
  readonly at: number;
  readonly groups: readonly QueueGroup[];
  readonly learned: ReadonlyMap<string, Learned>;
  readonly expected?: readonly ExpectedBurst[] | undefined;
};

/**
 * Adds the jobs that came since the last reading, with the slots that would have started them in time, none of them started
 * for them. Had every job started when it came, N(t) = N(t₀)·e^(−Δ/S) + A would run: the offered load of an infinite-server
 * queue (Jagerman 1975; Massey and Whitt 1994). A slot that is free for the wait W starts 1 + v·W/S jobs, as in the wait
 * rule, so the A jobs, who come on top of N·e^(−Δ/S), need slots from that number to N(t), divided by what a slot starts.
 * It does not depend on how many workers there were, which decided how many jobs ran and how many waited.
 *
 * How wrong this can be: the jobs of a tick are taken to have come at once at its end, so at most as many slots too many as
 * a tick is longer than the wait. Service times are taken as exponential about their mean. Jobs that were known a boot and
 * a tick before (delayed, or a burst by the clock) get their workers without a reserve; they count only in N. Slots that
 * other queues fill at that time are needed too.
 */
export function observeNeeds(policy: Policy, memory: Memory, read: Read): Needs {
  const { sizing } = policy;
  if (sizing.kind !== 'wait') return [];
  const past = new Map(memory.queues);
  const before = new Map(memory.needs);
  const flows = read.groups.map((group) => {
    const { name } = group.queue;
    const maxWaitMs = maxWaitOf(sizing, name);
    const tight = isTight(policy, maxWaitMs);
    if (!tight) return { name, tight, ...unmeasured(group.demand.running) };
    const flow = flowOf(policy, group, past.get(name), { ...read, needs: before.get(name), maxWaitMs });
    return { name, tight, ...flow };
  });
  if (!flows.some(({ tight }) => tight)) return [];
  const slots = sumOf(flows, ({ to }) => to);
  const observed = flows
    .filter(({ tight }) => tight)
    .slice(0, MOST_RESERVED_QUEUES)
    .map(({ name, offered, from, to, jobs }) => {
      const others = slots - to;
      const known = before.get(name)?.periods ?? [];
      const periods = recordNeeds(known, { from: others + from, to: others + to, jobs }, read.at);
      return [name, { offered, at: read.at, periods }] as const;
    });
  const seen = new Set(observed.map(([name]) => name));
  const unread = [...before].flatMap(([name, needs]) => {
    const periods = recordNeeds(needs.periods, { from: 0, to: 0, jobs: 0 }, read.at);
    return seen.has(name) || periods.length === 0 ? [] : [[name, { ...needs, periods }] as const];
  });
  return [...observed, ...unread].slice(0, MOST_RESERVED_QUEUES);
}

/** The jobs of one queue since the last reading: how many were not foreseen, and from and to which slots they needed. */
type Flow = {
  readonly offered: number;
  readonly from: number;
  readonly to: number;
  readonly jobs: number;
};

/** What fills slots where nothing can be said of the jobs that came. */
function unmeasured(running: number): Flow {
  return { offered: running, from: 0, to: running, jobs: 0 };
}

function flowOf(
  policy: Policy,
  { queue, demand: { running, slotLimit, throttled } }: QueueGroup,
  past: Learned | undefined,
  {
    at,
    learned,
    expected = [],
    needs,
    maxWaitMs,
  }: Read & { readonly needs: SlotNeeds | undefined; readonly maxWaitMs: number },
): Flow {
  const now = learned.get(queue.name);
  const serviceMs = past && serviceMsOf(past);
  // A count that has begun again has a single mark.
  if (past === undefined || now === undefined || serviceMs === undefined || now.marks.length < 2)
    return unmeasured(running);
  const elapsedMs = Math.max(0, at - past.at);
  const came = ((now.marks.at(-1)?.[1] ?? 0) - (past.marks.at(-1)?.[1] ?? 0)) / countedPerJob(past);
  const arrived = Math.max(0, came);
  const carried = (needs?.at === past.at ? needs.offered : past.running) * Math.exp(-elapsedMs / serviceMs);
  const byClock = expected.some((burst) => burst.queue === queue.name && isInSight(policy, burst, at));
  const due = sumOf(past.upcoming ?? [], ([dueAt, jobs]) => (dueAt <= at ? jobs : 0));
  const foreseen = byClock || queue.paused || throttled ? arrived : Math.min(arrived, due);
  const offered = carried + arrived;
  const perSlot = startsOf({ serviceMs, maxWaitMs, margin: 0 }, maxWaitMs);
  const most = past.limiter ? passageThrough(policy, past.limiter, queue, serviceMs).slots : Infinity;
  const slotsFor = (jobs: number): number => Math.min(jobs / perSlot, slotLimit, most);
  const [from, to] = [slotsFor(carried + foreseen), slotsFor(offered)];
  return { offered, from, to, jobs: arrived - foreseen };
}

/**
 * The workers for the reserve: the largest that one of the queues needs, since what other queues filled at the same time is
 * part of each need. Of what was known before this reading and what is known after it, the larger counts: more jobs now
 * never mean a smaller reserve. Like a margin, it is used as far as the jobs of the last day were late: where they were in time
 * without it, nothing is paid for.
 */
export function reserveOf(policy: Policy, memory: Memory, needs: Needs, lateness: Lateness): Reserve {
  const { sizing } = policy;
  if (sizing.kind !== 'wait') return { workers: 0 };
  const allowed = allowedLateShare(sizing);
  const tight = [...(memory.needs ?? []), ...needs].filter(([name]) =>
    isTight(policy, maxWaitOf(sizing, name)),
  );
  const kept = tight.map(
    ([name, { periods }]) => marginOf(lateness.get(name), allowed) * slotsToKeep(periods, allowed),
  );
  if (kept.length === 0) return { workers: 0 };
  return {
    workers: Math.ceil(Math.max(...kept) / policy.concurrency - ROUNDING),
    maxWaitMs: Math.min(...tight.map(([name]) => maxWaitOf(sizing, name))),
  };
}
