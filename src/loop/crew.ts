import { FRESH_MS, restingAbove, crewStep, type CrewReading } from '../core/crew.ts';
import { LATE_WRITE_MS } from '../core/writes.ts';
import { busyOrdinal, unattributed } from '../core/busy.ts';
import type { Observation } from '../core/types.ts';
import type { Backlog, Crew, FormationState } from '../ports.ts';

/** From the reading that a scale-down rests on to the moment after which its PATCH is no longer sent. */
export const LONGEST_UNTIL_SENT_MS = 30_000;
/** From the platform's change of the quantity to its SIGTERM. */
const SIGTERM_MS = 5_000;
/** An order outlives its tick by two, so that one that is late or fails changes nothing. */
const ORDER_TICKS = 3;
/**
 * A dyno that can read no more rests for as long as it may be removed by what it said last: a report counts for a while,
 * the PATCH is sent some time after the reading and may be carried out late.
 */
const SHORTEST_ORDER_MS = FRESH_MS + LONGEST_UNTIL_SENT_MS + LATE_WRITE_MS + SIGTERM_MS;
/** A clock that ticks seldom must not leave dynos at rest for hours when it dies, but has to find its order again. */
const LONGEST_ORDER_MS = 5_400_000;

export function orderMs(tickMs: number): number {
  return Math.max(SHORTEST_ORDER_MS, Math.min(LONGEST_ORDER_MS, tickMs * ORDER_TICKS));
}

/** What is known of where jobs run, by the names on them and by what cooperating workers say (`crew`). */
export function whereJobsRun(
  backlog: Backlog,
  crew: CrewReading | undefined,
  { processType, quantity, others }: FormationState,
  bootMs: number,
): Pick<Observation, 'busyOrdinal' | 'unattributed' | 'restingAbove'> {
  const unknown = unattributed(backlog.holders, backlog.holdersComplete, processType, others);
  return {
    busyOrdinal: busyOrdinal(backlog.holders.keys(), processType),
    unattributed: unknown,
    ...(crew === undefined ? {} : { restingAbove: restingAbove(crew, quantity, bootMs, unknown === 0) }),
  };
}

/**
 * Asks the dynos above `wanted` to rest, and all others to work: always before the platform is told. False when what
 * they were read to say no longer binds them, so that nothing may be taken away in this tick.
 */
export async function instruct(
  crew: Crew,
  reading: CrewReading,
  processType: string,
  wanted: number,
  quantity: number,
  tickMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const step = crewStep(reading.order, wanted, quantity);
  if (step.kind === 'nothing') return true;
  return await crew.write(processType, reading.order, step, orderMs(tickMs), signal);
}

/**
 * Dynos without numbers report too, but which of them the platform would stop cannot be known. `before`: workers of the
 * type reported of late. Where none does now, all of them boot, and each may take a job between a reading and its PATCH.
 */
export function cooperates({ order, reports }: CrewReading, before: boolean): boolean {
  if (reports.length === 0 && before) return true;
  return order !== undefined || reports.some(({ ordinal }) => ordinal !== undefined);
}
