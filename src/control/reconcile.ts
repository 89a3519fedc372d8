import type { ProcessTypeSettings } from '../config/settings.ts';
import { forget } from '../core/beliefs.ts';
import { withoutFormation } from '../core/scaling-state.ts';
import { Failure, failureOf, isTypeMissing } from '../failure.ts';
import type { Ports, Remembered } from '../ports.ts';
import { apply } from './apply.ts';
import { beliefsAfter } from './beliefs.ts';
import type { TickContext } from './context.ts';
import { missingReading, namesOf, observe, type ReadingOrFailure } from './observe.ts';
import type { Outcome, Tick } from './outcome.ts';
import { plan } from './plan.ts';
import { mergeSaved } from './saved.ts';

/** What the loop carries from tick to tick; undefined before the first tick that held the lease. */
export type Carried = ReadonlyMap<string, Remembered> | undefined;

/** A tick that was asked for: what it works with, but for the time. */
export type TickRequest = Omit<TickContext, 'at'>;

/** The lease outlives a tick by half, so that of two clocks the second takes over within two ticks of a crash. */
const LEASE_TICKS = 1.5;
const SHORTEST_LEASE_MS = 2000;
/** Two clocks tick at the same slots: a lease need not last for the hours between two of them. */
const LONGEST_LEASE_MS = 300_000;

/**
 * One tick: observe → plan → apply → save, for all process types side by side, with one read of Redis and one of the
 * platform for all. Never throws: failures are in the tick, and a process type that cannot be read keeps its quantity.
 */
export async function reconcile(
  request: TickRequest,
  processTypes: readonly ProcessTypeSettings[],
  carried: Carried,
): Promise<{ readonly tick: Tick; readonly carried: Carried }> {
  const { ports, tickMs, signal } = request;
  const at = ports.clock.now();
  const startedMs = ports.clock.monotonicMs();
  const done = (rest: Pick<Tick, 'standby' | 'outcomes' | 'unsaved' | 'beliefs'>): Tick => ({
    at,
    tickMs,
    tookMs: ports.clock.monotonicMs() - startedMs,
    requestsLeft: ports.formation.requestsLeft(),
    ...rest,
  });

  const leaseMs = Math.min(LONGEST_LEASE_MS, Math.max(SHORTEST_LEASE_MS, tickMs * LEASE_TICKS));
  let remembered: ReadonlyMap<string, Remembered>;
  try {
    const state = await ports.lease.acquire(leaseMs, signal);
    if (state === 'standby') return { tick: done({ standby: true, outcomes: [] }), carried };
    remembered =
      state === 'kept' && carried !== undefined
        ? carried
        : mergeSaved(await ports.store.load(namesOf(processTypes), signal), carried);
  } catch (thrown) {
    const outcomes = allFailed(processTypes, failureOf(thrown));
    return { tick: done({ standby: false, outcomes }), carried };
  }

  const context: TickContext = { ...request, at };
  const { readings, forget: kinds } = await observe(context, processTypes, remembered);
  const before = new Map(
    [...remembered].map(([processType, kept]) => {
      const foreseen = ports.foresight.of(processType) ?? kept.foreseen;
      return [processType, { ...forget(kept, kinds), foreseen }];
    }),
  );
  const results = await Promise.all(
    processTypes.map((settings, index) =>
      reconcileType(context, settings, readings[index] ?? missingReading(), before.get(settings.processType)),
    ),
  );

  // A write extended the lease: without this, a clock that dies now would be followed later than usual.
  if (results.some(({ outcome }) => outcome.kind === 'resized'))
    await ports.lease.confirm(leaseMs, signal).catch(() => {});

  const next = new Map(before);
  for (const { outcome, remembered: after } of results) {
    const { processType } = outcome;
    if (after) next.set(processType, { ...after, foreseen: before.get(processType)?.foreseen });
  }
  const failure = await ports.store.save(next, signal).then(() => undefined, failureOf);
  // After a takeover the other clock saves.
  const unsaved = failure?.code === 'LEASE_LOST' ? undefined : failure;
  const outcomes = results.map((result) => result.outcome);
  const beliefs = beliefsAfter(next, processTypes, { at, leaseMs });
  return { tick: done({ standby: false, outcomes, unsaved, beliefs }), carried: next };
}

async function reconcileType(
  context: TickContext,
  settings: ProcessTypeSettings,
  reading: ReadingOrFailure,
  remembered: Remembered | undefined,
): Promise<{ readonly outcome: Outcome; readonly remembered?: Remembered }> {
  const { processType } = settings;
  if (reading instanceof Failure) {
    const outcome: Outcome = { kind: 'failed', processType, failure: reading };
    // A type that comes back with a later release has the quantity that the release gave it.
    const gone = remembered !== undefined && isTypeMissing(reading);
    return gone
      ? { outcome, remembered: { ...remembered, scaling: withoutFormation(remembered.scaling) } }
      : { outcome };
  }
  const { platform } = context.ports.formation;
  const planned = plan({ ...context, platform }, settings, reading, remembered);
  return await apply(context, settings, reading, planned);
}

function allFailed(processTypes: readonly ProcessTypeSettings[], failure: Failure): Outcome[] {
  return processTypes.map(({ processType }) => ({ kind: 'failed', processType, failure }));
}

/** A process that was asked to end has other things to do. */
const LONGEST_CONCLUSION_MS = 1500;

/**
 * Saves what is remembered for the next clock, marks that this one does not act any more, and releases the lease. Never
 * throws: what cannot be saved is learned again.
 */
export async function conclude(ports: Pick<Ports, 'lease' | 'store'>, carried: Carried): Promise<void> {
  const signal = AbortSignal.timeout(LONGEST_CONCLUSION_MS);
  if (carried !== undefined) await ports.store.end(carried, signal).catch(() => {});
  await ports.lease.release(signal).catch(() => {});
}
