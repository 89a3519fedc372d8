import { restingAbove, crewStep, type CrewReading } from '../core/crew.ts';
import { busyOrdinal, unattributed } from '../core/busy.ts';
import type { Observation } from '../core/types.ts';
import type { Backlog, Crew, FormationState } from '../ports.ts';

/** An order outlives its tick by two, so that one that is late or fails changes nothing; it is gone soon after a death. */
const ORDER_TICKS = 3;
/** Longer than a fresh report and the shortest deadline of a tick together. */
const SHORTEST_ORDER_MS = 20_000;

/** What is known of where jobs run, by the names on them and by what cooperating workers say. */
export function whereJobsRun(
  backlog: Backlog,
  crew: CrewReading,
  { processType, quantity, others }: FormationState,
  bootMs: number,
): Pick<Observation, 'busyOrdinal' | 'unattributed' | 'restingAbove'> {
  const unknown = unattributed(backlog.holders, backlog.holdersComplete, processType, others);
  return {
    busyOrdinal: busyOrdinal(backlog.holders.keys(), processType),
    unattributed: unknown,
    ...(cooperates(crew) ? { restingAbove: restingAbove(crew, quantity, bootMs, unknown === 0) } : {}),
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
  if (!cooperates(reading) || step.kind === 'nothing') return true;
  const forMs = Math.max(SHORTEST_ORDER_MS, tickMs * ORDER_TICKS);
  return await crew.write(processType, reading.order, step, forMs, signal);
}

/** Dynos without numbers report too, but which of them the platform would stop cannot be known. */
function cooperates({ order, reports }: CrewReading): boolean {
  return order !== undefined || reports.some(({ ordinal }) => ordinal !== undefined);
}
