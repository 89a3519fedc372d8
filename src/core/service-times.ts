import { allowedLateShare, maxWaitOf, type Lateness } from './calibration.ts';
import { batchesByAge, loadOf, serviceMsOf, soFarMs, type Learned } from './learn.ts';
import type { QueueGroup } from './overflow-queues.ts';
import { passageThrough } from './rate-limiter.ts';
import { sumOf } from './sum.ts';
import type { Policy, Sizing } from './types.ts';
import { marginOf } from './wait-margin.ts';
import type { TimedQueue } from './wait-rule.ts';

type WaitSizing = Extract<Sizing, { kind: 'wait' }>;

/** The queues with their service times, and the slots that the arrivals of the last minutes keep busy. */
export type TimedQueues = {
  readonly queues: readonly TimedQueue[];
  readonly load: number;
  /** Set while no queue's service time is known: what the running jobs have taken so far, which stands in for it. */
  readonly soFarMs?: number | undefined;
};

/**
 * Undefined while nothing at all is known of service times. A queue without one of its own gets the average of the others,
 * or what its jobs have taken so far, if that is longer.
 */
export function withServiceTimes(
  policy: Policy,
  sizing: WaitSizing,
  {
    groups,
    learned,
    lateness,
  }: {
    readonly groups: readonly QueueGroup[];
    readonly learned: ReadonlyMap<string, Learned>;
    readonly lateness: Lateness;
  },
): TimedQueues | undefined {
  const { known, averageMs } = averageOf([...learned.values()]);
  if (averageMs === 0) return undefined;
  const allowedShare = allowedLateShare(sizing);

  let load = 0;
  const queues = groups.map((group): TimedQueue => {
    const { queue, demand } = group;
    const { name } = queue;
    const record = learned.get(name);
    const serviceMs =
      (record && serviceMsOf(record)) ?? Math.max(1, averageMs, record === undefined ? 0 : soFarMs(record));
    if (record) load += loadOf(record, serviceMs);
    const waiting = record ? batchesByAge(record, demand.takeable, queue.oldestReadyAt) : [];
    const upcoming = queue.paused ? [] : (record?.upcoming ?? []);
    return {
      name,
      serviceMs,
      maxWaitMs: maxWaitOf(sizing, name),
      margin: marginOf(lateness.get(name), allowedShare),
      running: demand.running,
      batches: [
        ...waiting,
        ...upcoming.map(([dueAt, jobs]) => ({ ageMs: (record?.at ?? dueAt) - dueAt, jobs })),
      ],
      slotLimit: record?.limiter
        ? Math.min(demand.slotLimit, passageThrough(policy, record.limiter, queue, serviceMs).slots)
        : demand.slotLimit,
    };
  });
  return { queues, load, soFarMs: known ? undefined : averageMs };
}

/** The average service time, or while none is known, what running jobs have taken so far; 0: none has been seen to run. */
function averageOf(learned: readonly Learned[]): { readonly known: boolean; readonly averageMs: number } {
  const known = learned.filter((one) => serviceMsOf(one) !== undefined);
  if (known.length === 0) return { known: false, averageMs: Math.max(0, ...learned.map(soFarMs)) };
  const departures = sumOf(known, (one) => one.departures);
  return { known: true, averageMs: Math.max(1, sumOf(known, ({ busyMs }) => busyMs) / departures) };
}
