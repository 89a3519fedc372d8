import { restingAbove, crewStep, type CrewReading } from '../core/crew.ts';
import { busyOrdinal, unattributed } from '../core/busy.ts';
import { countOf } from '../core/reason.ts';
import type { Decision, Observation } from '../core/types.ts';
import type { Backlog, Clock, Crew } from '../ports.ts';

/** An order outlives its tick by two, so that one that is late or fails changes nothing; it is gone soon after a death. */
const ORDER_TICKS = 3;
/** Longer than a fresh report and the shortest deadline of a tick together. */
const SHORTEST_ORDER_MS = 20_000;

/** What is known of where jobs run, by the names on them and by what cooperating workers say. */
export function whereJobsRun(
  backlog: Backlog,
  crew: CrewReading,
  processType: string,
  quantity: number,
  bootMs: number,
): Pick<Observation, 'busyOrdinal' | 'unattributed' | 'restingAbove'> {
  const unknown = unattributed(backlog.holders, backlog.holdersComplete, processType);
  return {
    busyOrdinal: busyOrdinal(backlog.holders.keys(), processType),
    unattributed: unknown,
    ...(cooperates(crew) ? { restingAbove: restingAbove(crew, quantity, bootMs, unknown === 0) } : {}),
  };
}

/** What came of asking. */
export type Instructed =
  /** Who was read to rest still does. */
  | { readonly kind: 'bound' }
  /** Nobody is bound by what was read: nothing may be taken away in this tick. */
  | { readonly kind: 'lapsed' }
  /** More dynos were asked to rest, and this is what they say now. */
  | { readonly kind: 'asked'; readonly crew: CrewReading };

/**
 * Asks the dynos that are not wanted to rest, and those that are to work: always before the platform is told. Whoever
 * is newly asked gets a moment to come to rest, which a dyno without a job does at once, so that it need not be paid
 * for until the next tick.
 */
export async function instruct(
  ports: { readonly crew: Crew; readonly clock: Clock },
  reading: CrewReading,
  processType: string,
  decision: Decision,
  carriedOut: boolean,
  tickMs: number,
  signal: AbortSignal,
): Promise<Instructed> {
  const { from } = decision;
  const wanted = carriedOut ? countOf(decision.steps, 'step limit') : from;
  const { order } = reading;
  const step = crewStep(order, wanted, from);
  if (!cooperates(reading) || step.kind === 'nothing') return { kind: 'bound' };
  const forMs = Math.max(SHORTEST_ORDER_MS, tickMs * ORDER_TICKS);
  const stood = await ports.crew.write(processType, order, step, forMs, signal);
  if (step.kind === 'release' || (step.kind === 'keep' && step.limit === order?.limit))
    return { kind: stood ? 'bound' : 'lapsed' };
  if (step.kind === 'keep' && !stood) return { kind: 'lapsed' };

  let crew = reading;
  for (let leftMs = Math.min(LONGEST_PATIENCE_MS, tickMs * PATIENCE_TICKS); leftMs > 0; leftMs -= LOOK_AGAIN_MS) {
    await ports.clock.sleep(Math.min(LOOK_AGAIN_MS, leftMs), signal);
    signal.throwIfAborted();
    crew = (await ports.crew.read([processType], signal)).get(processType) ?? { reports: [] };
    if (restingAbove(crew, from, 0, false) <= wanted) break;
  }
  return { kind: 'asked', crew };
}

/** How much of a tick may be spent on waiting, and how often to look meanwhile. */
const PATIENCE_TICKS = 0.5;
const LONGEST_PATIENCE_MS = 6000;
const LOOK_AGAIN_MS = 250;

/** Dynos without numbers report too, but which of them the platform would stop cannot be known. */
function cooperates({ order, reports }: CrewReading): boolean {
  return order !== undefined || reports.some(({ ordinal }) => ordinal !== undefined);
}
