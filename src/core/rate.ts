import { demandOf } from './demand.ts';
import { own } from './own.ts';
import { agesOf, loadOf, serviceMsOf, type Learned } from './learn.ts';
import { passageOf } from './limit.ts';
import type { Policy, QueueObservation, Sizing } from './types.ts';
import type { RatedQueue } from './wait.ts';

type WaitSizing = Extract<Sizing, { kind: 'wait' }>;

/** The queues with what is known of them, and the slots that their lasting load keeps busy. */
export type Rating = { readonly queues: readonly RatedQueue[]; readonly load: number };

/** Undefined while no service time at all is known. A queue with none of its own is taken for an average one. */
export function rate(
  policy: Policy,
  sizing: WaitSizing,
  queues: readonly QueueObservation[],
  learned: ReadonlyMap<string, Learned>,
): Rating | undefined {
  const known = [...learned.values()].filter((one) => serviceMsOf(one) !== undefined);
  if (known.length === 0) return undefined;
  const departures = known.reduce((sum, one) => sum + one.departures, 0);
  const averageMs = Math.max(1, known.reduce((sum, one) => sum + one.busyMs, 0) / departures);

  const horizonMs = policy.bootMs + policy.tickMs;
  let load = 0;
  const rated = queues.map((queue): RatedQueue => {
    const { takeable, running, slotLimit = Infinity } = demandOf(queue);
    const record = learned.get(queue.name);
    const serviceMs = (record && serviceMsOf(record)) ?? averageMs;
    if (record) load += loadOf(record, serviceMs);
    const lots = record ? agesOf(record, takeable, queue.oldestReadyAt) : [];
    const soon = queue.paused ? [] : (record?.soon ?? []);
    const ahead = soon.map(([dueAt, jobs]) => ({ ageMs: (record?.at ?? dueAt) - dueAt, jobs }));
    return {
      serviceMs,
      maxWaitMs: own(sizing.maxWaitMsByQueue, queue.name) ?? sizing.maxWaitMs,
      running,
      lots: [...lots, ...ahead],
      slotLimit: record?.limit
        ? Math.min(slotLimit, passageOf(record.limit, queue, serviceMs, horizonMs, policy.concurrency).slots)
        : slotLimit,
    };
  });
  return { queues: rated, load };
}
