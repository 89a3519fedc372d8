import type { DrainStep, WorkersReading } from '../../src/core/drain.ts';
import type { StoredDrainRequest } from '../../src/worker/keys.ts';

/*
 * What the model of numbered workers and that of named ones have in common: the clock's reading, its decision, the drain
 * request in Redis, and the names of epochs.
 */

export const MOST_WAITING = 1;

/** The report in Redis for one worker; `null`: none. A process that crashes leaves its report behind. */
export type Report = { readonly resting: string | undefined } | null;

/** What a tick of a clock has read and decided. */
export type Decided = {
  readonly from: number;
  readonly to: number;
  readonly step: DrainStep;
  readonly readEpoch: string | null;
};

/** Parts of the protocol that a test can leave out, to show that the check notices. */
export type SharedFlaws = {
  readonly pausedCountsAsDrained?: boolean;
  readonly epochOutlivesCall?: boolean;
  readonly unconditionalWrite?: boolean;
  readonly noStartGate?: boolean;
  readonly noDrainRequest?: boolean;
  readonly neverDeletesRequest?: boolean;
};

type InRedis = {
  readonly request: StoredDrainRequest | null;
  /** Epochs created, so that each has a new name. */
  readonly epochs: number;
};

/** One worker per job. */
export function policyUpTo(max: number) {
  return {
    sizing: { kind: 'backlog', jobsPerWorker: 1 },
    min: 0,
    max,
    concurrency: 1,
    bootMs: 1,
    tickMs: 1,
    scaleDownDelayMs: 0,
  } as const;
}

/** `called`: by what the clock knows the worker of a place. */
export function readingOf(
  { request }: Pick<InRedis, 'request'>,
  reports: readonly Report[],
  called: (place: number) => { readonly ordinal: number } | { readonly dyno: string },
): WorkersReading {
  return {
    ...(request === null ? {} : { request: { ...request, ageMs: 0 } }),
    reports: reports.flatMap((report, place) =>
      report === null
        ? []
        : [{ ...called(place), ageMs: 0, resting: report.resting, concurrency: 1, bootedAt: 0 }],
    ),
  };
}

/**
 * The write script in Redis: changes only the request that was read, unless it begins a new epoch. `current`: that request
 * was still in force.
 */
export function writeRequest(
  { request: before, epochs: begun }: InRedis,
  { step, readEpoch }: Decided,
  flaws: SharedFlaws,
  requestOf: (epoch: string, step: Exclude<DrainStep, { kind: 'nothing' | 'release' }>) => StoredDrainRequest,
): InRedis & { readonly current: boolean } {
  const current = flaws.unconditionalWrite === true || (before !== null && before.epoch === readEpoch);
  let [request, epochs] = [before, begun];
  if (step.kind === 'release' && current && flaws.neverDeletesRequest !== true) request = null;
  if (step.kind === 'keep' && current) request = requestOf(step.epoch, step);
  if (step.kind === 'ask') {
    epochs += 1;
    request = requestOf(flaws.epochOutlivesCall === true ? 'e' : `e${epochs}`, step);
  }
  return { request, epochs, current };
}

/** Numbers epochs by their first appearance, so that states that differ only in their names are equal. */
export function epochNumbers(): (epoch: string | null | undefined) => string {
  const names: string[] = [];
  return (epoch) => {
    if (epoch === null || epoch === undefined) return '-';
    const known = names.indexOf(epoch);
    return String(known >= 0 ? known : names.push(epoch) - 1);
  };
}
