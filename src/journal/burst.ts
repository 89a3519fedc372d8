import { longestWaitMs, type Burst, type DecidedEntry } from './entry.ts';
import { flowOf } from './flow.ts';
import { activeIn, readyIn } from './minute.ts';

/** A burst that goes on. JSON, bounded. */
export type BurstWatch = Omit<Burst, 'endedAt'> & {
  /** Once nothing waits: of the jobs running then, so many are not done yet. */
  readonly left?: number | undefined;
};

/**
 * A burst begins when more dynos are wanted than the minimum, and than one. It is drained when nothing waits any more,
 * and over when as many jobs have ended since as were running then: what runs by now came later.
 */
export function watchBurst(
  watch: BurstWatch | undefined,
  at: number,
  before: DecidedEntry | undefined,
  now: DecidedEntry,
): { readonly watch?: BurstWatch; readonly ended?: Burst } {
  const flow = flowOf(before, now);
  const wanted = now.needed ?? now.quantity;
  if (watch === undefined && wanted <= Math.max(1, now.min)) return {};

  const ready = readyIn(now);
  const active = activeIn(now);
  // What came since the last tick belongs to it; of a first tick nothing is known but what is there.
  const jobs = before ? flow.added : ready + active;
  const current = watch ?? {
    processType: now.processType,
    startedAt: at,
    jobs: 0,
    peak: 0,
    dynos: { before: now.from, most: now.from },
    waitMs: 0,
  };
  const pressing = ready > 0 && wanted > Math.max(1, now.min);
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
