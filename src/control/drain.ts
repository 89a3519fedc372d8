import { busyOrdinal, unattributed } from '../core/busy-workers.ts';
import { drainedAbove, drainStep, REPORT_FRESH_MS, type WorkersReading } from '../core/drain.ts';
import type { Observation } from '../core/types.ts';
import { LATE_WRITE_MS } from '../core/writes.ts';
import type { Backlog, FormationState } from '../ports.ts';
import type { TickContext } from './context.ts';

/** From the reading behind a scale-down to the moment after which its PATCH is no longer sent. */
export const LONGEST_UNTIL_SENT_MS = 30_000;
/** From the platform's change of the quantity to its SIGTERM. */
const SIGTERM_MS = 5_000;
/** A drain request outlives its tick by two, so that one tick that is late or fails changes nothing. */
const REQUEST_TICKS = 3;
/**
 * A worker that loses Redis stays drained for as long as its last report may still cause its removal: the report counts
 * for a while, the PATCH is sent some time after the reading, and may be carried out late.
 */
const SHORTEST_REQUEST_MS = REPORT_FRESH_MS + LONGEST_UNTIL_SENT_MS + LATE_WRITE_MS + SIGTERM_MS;
/** A clock that ticks seldom must find its request again, but must not leave workers drained for hours when it dies. */
const LONGEST_REQUEST_MS = 5_400_000;

/** For how long a drain request is good. */
export function requestMs(tickMs: number): number {
  return Math.max(SHORTEST_REQUEST_MS, Math.min(LONGEST_REQUEST_MS, tickMs * REQUEST_TICKS));
}

/** Where jobs run, as far as it is known: by the names on them, and by the reports of cooperating workers (if any). */
export function whereJobsRun(
  backlog: Backlog,
  workers: WorkersReading | undefined,
  { processType, quantity, others }: FormationState,
  bootMs: number,
): Pick<Observation, 'busyOrdinal' | 'unattributed' | 'restingAbove'> {
  const unmapped = unattributed(backlog.holders, backlog.holdersComplete, processType, others);
  return {
    busyOrdinal: busyOrdinal(backlog.holders.keys(), processType),
    unattributed: unmapped,
    ...(workers === undefined
      ? {}
      : { restingAbove: drainedAbove(workers, { quantity, bootMs, silentMayGo: unmapped === 0 }) }),
  };
}

/**
 * Asks the workers above `wanted` to drain and all others to work; always before the platform is asked to scale. False
 * when the drain request that was read is no longer in force: then nothing may be removed in this tick.
 */
export async function requestDrain(
  { ports, tickMs, signal }: TickContext,
  { processType, quantity }: Pick<FormationState, 'processType' | 'quantity'>,
  { request }: WorkersReading,
  wanted: number,
): Promise<boolean> {
  const step = drainStep(request, wanted, quantity);
  if (step.kind === 'nothing') return true;
  return await ports.workers.write({ processType, request, step, forMs: requestMs(tickMs) }, signal);
}

/**
 * Workers without numbers report too, but which of them the platform would stop cannot be known. `before`: workers of the
 * type reported recently. If none does now, all of them boot, and each may take a job between a reading and its PATCH.
 */
export function cooperates({ request, reports }: WorkersReading, before: boolean): boolean {
  if (reports.length === 0 && before) return true;
  return request !== undefined || reports.some(({ ordinal }) => ordinal !== undefined);
}
