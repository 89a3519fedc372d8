import type { ProcessTypeSettings } from '../config/settings.ts';
import { Failure, failureOf } from '../failure.ts';
import type { Ports, Remembered } from '../ports.ts';
import { act } from './act.ts';
import { judge } from './judge.ts';
import type { Outcome, Tick } from './outcome.ts';
import { namesOf, observe, unseen, type Seen } from './observe.ts';

/** What the loop carries from tick to tick; undefined before the first, and while another clock has the lease. */
export type Carried = ReadonlyMap<string, Remembered> | undefined;

/** The lease outlives a tick by half, so that of two clocks the second takes over within two ticks of a death. */
const LEASE_TICKS = 1.5;
const SHORTEST_LEASE_MS = 2000;

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
  const done = (rest: Pick<Tick, 'standby' | 'outcomes' | 'forgetful'>): Tick => ({
    at,
    tookMs: ports.clock.monotonicMs() - startedMs,
    requestsLeft: ports.formation.requestsLeft(),
    ...rest,
  });

  let remembered: ReadonlyMap<string, Remembered>;
  try {
    const held = await ports.lease.hold(Math.max(SHORTEST_LEASE_MS, tickMs * LEASE_TICKS), signal);
    if (!held) return { tick: done({ standby: true, outcomes: [] }), carried: undefined };
    remembered = carried ?? (await ports.store.load(namesOf(processTypes), signal));
  } catch (thrown) {
    return { tick: done({ standby: false, outcomes: allBlind(processTypes, failureOf(thrown)) }), carried };
  }

  const seen = await observe(ports, processTypes, remembered, tickMs, at, signal);
  const results = await Promise.all(
    processTypes.map((settings, index) =>
      reconcileType(
        ports,
        settings,
        tickMs,
        at,
        seen[index] ?? unseen(),
        remembered.get(settings.processType),
        signal,
      ),
    ),
  );

  const next = new Map(remembered);
  for (const result of results)
    if (result.remembered) next.set(result.outcome.processType, result.remembered);
  const forgetful = await ports.store.save(next, signal).then(() => undefined, failureOf);
  const outcomes = results.map((result) => result.outcome);
  return { tick: done({ standby: false, outcomes, forgetful }), carried: next };
}

async function reconcileType(
  ports: Ports,
  settings: ProcessTypeSettings,
  tickMs: number,
  at: number,
  seen: Seen,
  remembered: Remembered | undefined,
  signal: AbortSignal,
): Promise<{ readonly outcome: Outcome; readonly remembered?: Remembered }> {
  const { processType } = settings;
  if (seen instanceof Failure) return { outcome: { kind: 'blind', processType, failure: seen } };
  const judgement = judge(settings, seen, remembered, tickMs, at);
  return await act(ports, settings, seen, judgement, tickMs, at, signal);
}

function allBlind(processTypes: readonly ProcessTypeSettings[], failure: Failure): Outcome[] {
  return processTypes.map(({ processType }) => ({ kind: 'blind', processType, failure }));
}
