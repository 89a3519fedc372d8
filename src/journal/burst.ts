import { longestWaitMs, type Burst, type DecidedEntry } from './entry.ts';
import { flowOf } from './flow.ts';
import { activeIn, readyIn } from './minute.ts';

/** A burst in progress. JSON, bounded. */
export type BurstWatch = Omit<Burst, 'endedAt'> & {
  /** Set once no job waits: how many of the jobs that ran at that moment are not done yet. */
  readonly left?: number | undefined;
};

/**
 * A burst begins when the sizing step needs more workers than the minimum, and more than one. Once no job waits, the
 * jobs that run are its last: it ends when that many jobs have ended, as any job still running then came later.
 */
export function watchBurst(
  watch: BurstWatch | undefined,
  at: number,
  before: DecidedEntry | undefined,
  now: DecidedEntry,
): { readonly watch?: BurstWatch; readonly ended?: Burst } {
  const flow = flowOf(before, now);
  const { needed } = now;
  if (needed === undefined) return watch ? { watch } : {};
  const aboveFloor = needed > Math.max(1, now.min);
  if (watch === undefined && !aboveFloor) return {};

  const ready = readyIn(now);
  const active = activeIn(now);
  // Without a tick before, arrivals are unknown: count the jobs that are in the queues.
  const jobs = before ? flow.added : ready + active;
  const current = watch ?? {
    processType: now.processType,
    startedAt: at,
    jobs: 0,
    peak: 0,
    dynos: { before: now.from, most: now.from },
    waitMs: 0,
  };
  const pressing = ready > 0 && aboveFloor;
  const next: BurstWatch = {
    ...current,
    jobs: current.jobs + (current.left === undefined || pressing ? jobs : 0),
    peak: Math.max(current.peak, ready + active),
    dynos: { before: current.dynos.before, most: Math.max(current.dynos.most, now.quantity) },
    waitMs: Math.max(current.waitMs, longestWaitMs(now.queues)),
  };
  if (pressing) return { watch: { ...next, left: undefined } };
  if (current.left === undefined && ready > 0) return { watch: next };
  const left = current.left === undefined ? active : current.left - flow.done;
  if (left > 0) return { watch: { ...next, left } };
  const { left: _, ...burst } = next;
  return { ended: { ...burst, endedAt: at } };
}
