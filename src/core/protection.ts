import type { Observation, Policy } from './types.ts';

/** What protection leaves of a wish to go down. */
export type Protected = {
  readonly count: number;
  readonly note?: string | undefined;
  /** Epoch ms since when running jobs have kept more dynos than were wanted; absent: they do not. */
  readonly heldSince?: number | undefined;
};

/**
 * The platform stops the highest numbers first, so everything up to the highest dyno that may run a job has to stay.
 * It holds no longer than the policy's `drainTimeoutMs`; without one, for as long as the jobs run.
 */
export function protect(
  policy: Policy,
  observation: Observation,
  running: number,
  wanted: number,
  heldSince: number | undefined,
): Protected {
  const { at, quantity: from } = observation;
  if (wanted >= from) return { count: wanted };
  const { floor, note } = floorOf(policy, observation, running);
  const count = Math.min(from, Math.max(wanted, floor));
  if (count === wanted) return { count };
  // A clock that was set back must not hold for longer.
  const since = Math.min(heldSince ?? at, at);
  if (policy.drainTimeoutMs !== undefined && at - since >= policy.drainTimeoutMs) {
    return {
      count: wanted,
      note: `waited ${policy.drainTimeoutMs / 1000} s for dynos up to ${count}`,
      heldSince: since,
    };
  }
  return { count, note, heldSince: since };
}

/** By the best that is known: what the dynos say of themselves, the names on the jobs, or just how many jobs run. */
function floorOf(
  policy: Policy,
  { quantity, busyOrdinal = 0, restingAbove, unattributed }: Observation,
  running: number,
): { floor: number; note?: string } {
  if (restingAbove !== undefined) {
    const note = restingAbove > busyOrdinal ? `worker ${restingAbove} has not come to rest` : undefined;
    return { floor: Math.max(restingAbove, busyOrdinal), ...(note === undefined ? {} : { note }) };
  }
  if (unattributed === undefined) {
    return { floor: Math.max(busyOrdinal, Math.ceil(running / policy.concurrency)) };
  }
  if (unattributed === 0) return { floor: busyOrdinal };
  return {
    floor: quantity,
    note: `which dynos run ${unattributed} of them is not known: naming the workers by DYNO, where dynos have numbers, would free the others`,
  };
}
