import { updateCapacity, type Capacity } from './capacity.ts';
import type { Learned } from './learn.ts';
import { rememberPeak, type Peaks } from './peak-hold.ts';
import type { SlotNeeds } from './slot-needs.ts';
import type { Policy } from './types.ts';
import type { LatenessRecord } from './wait-margin.ts';

/** What one decision hands to the next: JSON, bounded, opaque to callers. */
export type Memory = {
  readonly version: 1;
  readonly peaks: Peaks;
  /** Pairs rather than an object: a queue may be called `__proto__`. */
  readonly queues: readonly (readonly [name: string, learned: Learned])[];
  readonly capacity: Capacity;
  /** By queue, the jobs of the last day that started late. */
  readonly lateness?: readonly (readonly [name: string, record: LatenessRecord])[] | undefined;
  /** By queue whose wait is shorter than a boot and a tick, what its jobs of the last day needed. */
  readonly needs?: readonly (readonly [name: string, needs: SlotNeeds])[] | undefined;
  /** Epoch ms since when running jobs have delayed a scale-down, and of the last decision at which they did. */
  readonly heldSince?: number | undefined;
  readonly heldAt?: number | undefined;
};

/**
 * Without a past, the current quantity is the peak: the first scale-down after a start waits a full delay, as the
 * process before it would have.
 */
export function initialMemory(policy: Policy, quantity: number, at: number): Memory {
  return {
    version: 1,
    peaks: rememberPeak([], at, quantity, policy.scaleDownDelayMs),
    queues: [],
    capacity: updateCapacity(undefined, quantity, at, policy.bootMs),
  };
}

/** What a decision leaves that is not carried out: no worker drains meanwhile, so a wait for running jobs begins again. */
export function withoutWait({ heldSince: _since, heldAt: _at, ...memory }: Memory): Memory {
  return memory;
}
