import { beliefsOf, forget } from '../core/beliefs.ts';
import type { ProcessTypeSettings } from '../config/settings.ts';
import { takeOver, withoutFormation, withoutQuantity } from '../core/scaling-state.ts';
import { Failure, failureOf } from '../failure.ts';
import type { Ports, Remembered } from '../ports.ts';
import { apply } from './apply.ts';
import { plan } from './plan.ts';
import type { Believed } from '../journal/entry.ts';
import type { Outcome, Tick } from './outcome.ts';
import { namesOf, observe, unseen, type ReadingOrFailure } from './observe.ts';

/** What the loop carries from tick to tick; undefined before the first that had the lease. */
export type Carried = ReadonlyMap<string, Remembered> | undefined;

/** The lease outlives a tick by half, so that of two clocks the second takes over within two ticks of a death. */
const LEASE_TICKS = 1.5;
const SHORTEST_LEASE_MS = 2000;
/** Two clocks tick at the same slots: a lease need not outlast the hours between two of them. */
const LONGEST_LEASE_MS = 300_000;
/** A process that was asked to end has other things to do. */
const LONGEST_CONCLUSION_MS = 1500;

/**
 * One tick: observe → decide → act → record, for all process types side by side, one read of Redis and of the platform
 * for all. Never throws: what fails is in the tick, and what failed to be read is held.
 */
export async function reconcile(
  ports: Ports,
  processTypes: readonly ProcessTypeSettings[],
  tickMs: number,
  carried: Carried,
  signal: AbortSignal,
): Promise<{ readonly tick: Tick; readonly carried: Carried }> {
  const at = ports.clock.now();
  const startedMs = ports.clock.monotonicMs();
  const done = (rest: Pick<Tick, 'standby' | 'outcomes' | 'forgetful' | 'beliefs'>): Tick => ({
    at,
    tickMs,
    tookMs: ports.clock.monotonicMs() - startedMs,
    requestsLeft: ports.formation.requestsLeft(),
    ...rest,
  });

  const leaseMs = Math.min(LONGEST_LEASE_MS, Math.max(SHORTEST_LEASE_MS, tickMs * LEASE_TICKS));
  let remembered: ReadonlyMap<string, Remembered>;
  try {
    const held = await ports.lease.acquire(leaseMs, signal);
    if (held === 'standby') return { tick: done({ standby: true, outcomes: [] }), carried };
    remembered =
      held === 'kept' && carried !== undefined
        ? carried
        : takenOver(await ports.store.load(namesOf(processTypes), signal), carried);
  } catch (thrown) {
    return { tick: done({ standby: false, outcomes: allBlind(processTypes, failureOf(thrown)) }), carried };
  }

  const { readings, forget: kinds } = await observe(ports, processTypes, remembered, tickMs, at, signal);
  if (kinds.length > 0) remembered = mapValues(remembered, (kept) => forget(kept, kinds));
  const before = remembered;
  const results = await Promise.all(
    processTypes.map((settings, index) =>
      reconcileType(
        ports,
        settings,
        tickMs,
        at,
        readings[index] ?? unseen(),
        before.get(settings.processType),
        signal,
      ),
    ),
  );

  // A clock that dies now is to be followed as soon as any other.
  if (results.some(({ outcome }) => outcome.kind === 'decided' && outcome.resized !== undefined))
    await ports.lease.confirm(leaseMs, signal).catch(() => {});

  const next = new Map(remembered);
  for (const result of results)
    if (result.remembered) next.set(result.outcome.processType, result.remembered);
  const unsaved = await ports.store.save(next, signal).then(() => undefined, failureOf);
  // The clock that took over remembers now.
  const forgetful = unsaved?.code === 'LEASE_LOST' ? undefined : unsaved;
  const outcomes = results.map((result) => result.outcome);
  const beliefs = [leaseBelief(at, leaseMs), ...believedOf(next, processTypes, at)];
  return { tick: done({ standby: false, outcomes, forgetful, beliefs }), carried: next };
}

/** Other clocks may have acted since: what they kept counts, and what this one wrote itself is still its own doing. */
function takenOver(
  loaded: ReadonlyMap<string, Remembered>,
  carried: Carried,
): ReadonlyMap<string, Remembered> {
  const names = new Set([...loaded.keys(), ...(carried?.keys() ?? [])]);
  return new Map(
    [...names].flatMap((processType) => {
      const [kept, own] = [loaded.get(processType), carried?.get(processType)];
      if (kept !== undefined)
        return [[processType, { ...kept, scaling: takeOver(kept.scaling, own?.scaling) }]];
      // What the others kept is lost: ours is the best there is, but for the quantity.
      return own === undefined ? [] : [[processType, { ...own, scaling: withoutQuantity(own.scaling) }]];
    }),
  );
}

/**
 * Keeps what is remembered for the next clock, with the word that this one does not act any more, and gives the lease up.
 * Never throws: what cannot be kept is learned again.
 */
export async function conclude(ports: Pick<Ports, 'lease' | 'store'>, carried: Carried): Promise<void> {
  const signal = AbortSignal.timeout(LONGEST_CONCLUSION_MS);
  if (carried !== undefined) await ports.store.end(carried, signal).catch(() => {});
  await ports.lease.release(signal).catch(() => {});
}

function mapValues<T>(map: ReadonlyMap<string, T>, change: (value: T) => T): ReadonlyMap<string, T> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}

function believedOf(
  remembered: ReadonlyMap<string, Remembered>,
  processTypes: readonly ProcessTypeSettings[],
  at: number,
): Believed[] {
  return processTypes.flatMap(({ processType, scaleDownDelayMs }) => {
    const kept = remembered.get(processType);
    return kept ? beliefsOf(kept, scaleDownDelayMs, at).map((line) => ({ processType, ...line })) : [];
  });
}

function leaseBelief(at: number, leaseMs: number): Believed {
  return {
    kind: 'lease',
    words: 'this clock alone may act',
    since: at,
    until: at + leaseMs,
    ends: 'unless its next tick renews the lease',
  };
}

async function reconcileType(
  ports: Ports,
  settings: ProcessTypeSettings,
  tickMs: number,
  at: number,
  seen: ReadingOrFailure,
  remembered: Remembered | undefined,
  signal: AbortSignal,
): Promise<{ readonly outcome: Outcome; readonly remembered?: Remembered }> {
  const { processType } = settings;
  if (seen instanceof Failure) {
    const outcome = { kind: 'blind', processType, failure: seen } as const;
    // A type that comes back with a later release has the quantity that the release gave it.
    const gone = remembered !== undefined && seen.code === 'HEROKU_TYPE_MISSING';
    return gone
      ? { outcome, remembered: { ...remembered, scaling: withoutFormation(remembered.scaling) } }
      : { outcome };
  }
  const planned = plan(settings, seen, remembered, tickMs, at);
  return await apply(ports, settings, seen, planned, tickMs, at, signal);
}

function allBlind(processTypes: readonly ProcessTypeSettings[], failure: Failure): Outcome[] {
  return processTypes.map(({ processType }) => ({ kind: 'blind', processType, failure }));
}
