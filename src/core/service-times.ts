import { batchesByAge, loadOf, serviceMsOf, type Learned } from './learn.ts';
import type { QueueGroup } from './overflow-queues.ts';
import { ownProperty } from './own-property.ts';
import { passageThrough } from './rate-limiter.ts';
import { sumOf } from './sum.ts';
import type { Policy, Sizing } from './types.ts';
import type { TimedQueue } from './wait-rule.ts';

type WaitSizing = Extract<Sizing, { kind: 'wait' }>;

/** The queues with their service times, and the slots that the arrivals of the last minutes keep busy. */
export type TimedQueues = { readonly queues: readonly TimedQueue[]; readonly load: number };

/** Undefined while no service time at all is known. A queue without one of its own gets the average. */
export function withServiceTimes(
  policy: Policy,
  sizing: WaitSizing,
  groups: readonly QueueGroup[],
  learned: ReadonlyMap<string, Learned>,
): TimedQueues | undefined {
  const known = [...learned.values()].filter((one) => serviceMsOf(one) !== undefined);
  if (known.length === 0) return undefined;
  const departures = sumOf(known, (one) => one.departures);
  const averageMs = Math.max(1, sumOf(known, ({ busyMs }) => busyMs) / departures);

  let load = 0;
  const queues = groups.map((group): TimedQueue => {
    const { queue, demand } = group;
    const record = learned.get(queue.name);
    const serviceMs = (record && serviceMsOf(record)) ?? averageMs;
    if (record) load += loadOf(record, serviceMs);
    const waiting = record ? batchesByAge(record, demand.takeable, queue.oldestReadyAt) : [];
    const upcoming = queue.paused ? [] : (record?.upcoming ?? []);
    return {
      serviceMs,
      maxWaitMs: ownProperty(sizing.maxWaitMsByQueue, queue.name) ?? sizing.maxWaitMs,
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
  return { queues, load };
}
