import { decide } from '../core/decide.ts';
import { initialMemory } from '../core/memory.ts';
import { countOf } from '../core/reason.ts';
import {
  askFor,
  learnFromCrew,
  learnLimit,
  overrideAt,
  seeQuantity,
  type Standing,
} from '../core/standing.ts';
import type { Decision } from '../core/types.ts';
import type { ProcessTypeSettings } from '../config/settings.ts';
import { Failure, failureOf } from '../failure.ts';
import type { Backlog, FormationState, Pause, Ports, Remembered, Resized } from '../ports.ts';
import { instruct, whereJobsRun } from './crew.ts';
import type { Hold, Outcome, Tick } from './outcome.ts';
import { namesOf, observe, unseen, type Seen } from './observe.ts';
import { policyAt } from './policy.ts';

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

  const { backlog, formation, crew, pause } = seen;
  const { quantity } = formation;
  const standing = learnFromCrew(
    seeQuantity(remembered?.standing ?? {}, quantity, at, settings.manualHoldMs),
    crew,
  );
  const policy = policyAt(settings, standing, tickMs, at);
  const before = remembered?.memory ?? initialMemory(policy, quantity, at);
  const { queues } = backlog;
  const where = whereJobsRun(backlog, crew, processType, quantity, policy.bootMs);
  const observation = { at, quantity, queues, ...where };
  const { decision, memory } = decide(policy, before, observation);
  let hold = holdOn(decision, backlog, standing, pause, at);
  // What the next tick will want if nothing changes: those it will not need can use the time to come to rest, and are
  // not paid for a tick longer than without asking them.
  const ahead = decide(policy, before, { ...observation, at: at + tickMs }).decision;
  const wanted = hold === undefined ? countOf(ahead.steps, 'step limit') : quantity;
  let told = standing;
  try {
    const bound = await instruct(ports.crew, crew, processType, wanted, quantity, tickMs, signal).catch(
      (thrown: unknown) => {
        // More dynos help even where those that rest cannot be called back.
        if (wanted < quantity) throw thrown;
        return false;
      },
    );
    if (!bound && decision.to < quantity) hold ??= { kind: 'lapsed' };
    const outcome = { kind: 'decided', processType, backlog, formation, decision, policy } as const;
    if (hold) return { outcome: { ...outcome, hold }, remembered: { memory, standing } };
    if (decision.to === quantity && !wrongSize(settings, formation))
      return { outcome, remembered: { memory, standing } };

    await ports.lease.confirm(signal);
    const asked = askFor(standing, decision.to);
    told = asked;
    const resize = { processType, from: quantity, to: decision.to, size: settings.dynoSize };
    const resized = await ports.formation.resize(resize, signal);
    return {
      outcome: { ...outcome, resized },
      remembered: { memory, standing: settle(asked, quantity, resized, at) },
    };
  } catch (thrown) {
    const failure = failureOf(thrown);
    return {
      outcome: { kind: 'decided', processType, backlog, formation, decision, policy, hold, failure },
      remembered: { memory, standing: told },
    };
  }
}

function holdOn(
  decision: Decision,
  backlog: Backlog,
  standing: Standing,
  pause: Pause | undefined,
  at: number,
): Hold | undefined {
  if (pause) return { kind: 'paused', ...pause };
  const override = overrideAt(standing, at);
  if (override) return { kind: 'manual', until: override.until };
  // More may wait in what could not be read, less cannot: up is safe, down is not.
  if (countOf(decision.steps, 'step limit') < decision.from && backlog.unreadable.length > 0) {
    return { kind: 'unreadable', queues: backlog.unreadable.map(({ queue }) => queue) };
  }
  return undefined;
}

function settle(asked: Standing, from: number, resized: Resized, at: number): Standing {
  const { asked: _, ...standing } = asked;
  switch (resized.kind) {
    case 'resized':
      return {
        ...standing,
        quantity: resized.quantity,
        ...(resized.quantity > from ? { raised: { above: from, at } } : {}),
      };
    case 'limited':
      return { ...learnLimit(standing, resized.limit, at), quantity: resized.quantity };
    case 'overtaken':
    case 'rehearsed':
      return standing;
    default:
      return resized satisfies never;
  }
}

/** Sizes are spelled `Standard-1X` by one generation of the platform and `standard-1x` by people. */
function wrongSize(settings: ProcessTypeSettings, formation: FormationState): boolean {
  return settings.dynoSize !== undefined && settings.dynoSize.toLowerCase() !== formation.size.toLowerCase();
}

function allBlind(processTypes: readonly ProcessTypeSettings[], failure: Failure): Outcome[] {
  return processTypes.map(({ processType }) => ({ kind: 'blind', processType, failure }));
}
