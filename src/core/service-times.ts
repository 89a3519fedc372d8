import { demandOf } from './demand.ts';
import { ownProperty } from './own-property.ts';
import { batchesByAge, loadOf, serviceMsOf, type Learned } from './learn.ts';
import { passageThrough } from './rate-limiter.ts';
import type { Policy, QueueObservation, Sizing } from './types.ts';
import type { TimedQueue } from './wait-rule.ts';

type WaitSizing = Extract<Sizing, { kind: 'wait' }>;

/** The queues with what is known of them, and the slots that their lasting load keeps busy. */
export type TimedQueues = { readonly queues: readonly TimedQueue[]; readonly load: number };

/** Undefined while no service time at all is known. A queue with none of its own is taken for an average one. */
export function withServiceTimes(
  policy: Policy,
  sizing: WaitSizing,
  queues: readonly QueueObservation[],
  learned: ReadonlyMap<string, Learned>,
): TimedQueues | undefined {
  const known = [...learned.values()].filter((one) => serviceMsOf(one) !== undefined);
  if (known.length === 0) return undefined;
  const departures = known.reduce((sum, one) => sum + one.departures, 0);
  const averageMs = Math.max(1, known.reduce((sum, one) => sum + one.busyMs, 0) / departures);

  const horizonMs = policy.bootMs + policy.tickMs;
  let load = 0;
  const rated = queues.map((queue): TimedQueue => {
    const { takeable, running, slotLimit = Infinity } = demandOf(queue);
    const record = learned.get(queue.name);
    const serviceMs = (record && serviceMsOf(record)) ?? averageMs;
    if (record) load += loadOf(record, serviceMs);
    const lots = record ? batchesByAge(record, takeable, queue.oldestReadyAt) : [];
    const upcoming = queue.paused ? [] : (record?.upcoming ?? []);
    const ahead = upcoming.map(([dueAt, jobs]) => ({ ageMs: (record?.at ?? dueAt) - dueAt, jobs }));
    return {
      serviceMs,
      maxWaitMs: ownProperty(sizing.maxWaitMsByQueue, queue.name) ?? sizing.maxWaitMs,
      running,
      batches: [...lots, ...ahead],
      slotLimit: record?.limiter
        ? Math.min(
            slotLimit,
            passageThrough(record.limiter, queue, serviceMs, horizonMs, policy.concurrency).slots,
          )
        : slotLimit,
    };
  });
  return { queues: rated, load };
}
