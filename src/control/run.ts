import type { ProcessTypeSettings } from '../config/settings.ts';
import type { PlatformWords } from '../core/platform.ts';
import { Failure } from '../failure.ts';
import type { Ports, Schedule } from '../ports.ts';
import type { Tick } from './outcome.ts';
import { reconcile, type Carried, type TickRequest } from './reconcile.ts';
import { watchAfter, type Watch } from './watch.ts';

/**
 * No part of a tick lasts longer. Three requests to the platform that are answered in 12 s each have to fit in; the slots
 * that pass meanwhile are skipped.
 */
const DEADLINE_MS = 45_000;
/** A sleep is cut into pieces, so that a system clock that is set meanwhile is noticed. */
const LONGEST_SLEEP_MS = 30_000;
/** A peek that takes longer is given up. */
const LONGEST_PEEK_MS = 2000;
/** A Redis that fails or is slow is left alone for a while, but not until a slot that may be hours away. */
const AFTER_FAILED_PEEK_MS = 30_000;

function tooLate({ name, statusPage }: PlatformWords): Failure {
  return new Failure(
    'TICK_DEADLINE',
    `the tick was not finished within ${DEADLINE_MS / 1000} s`,
    `A single time needs no action: the next tick tries again. If it repeats, check the load of Redis and ${statusPage ?? `how fast ${name} answers`}.`,
  );
}

/** One tick with its deadline. */
export async function tickOnce(
  { ports, tickMs, signal }: TickRequest,
  processTypes: readonly ProcessTypeSettings[],
  carried: Carried,
): Promise<{ readonly tick: Tick; readonly carried: Carried }> {
  // Not AbortSignal.timeout, whose timer cannot be cleared and would fire long after the tick.
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(tooLate(ports.formation.platform)), DEADLINE_MS);
  try {
    const withDeadline = AbortSignal.any([signal, deadline.signal]);
    return await reconcile({ ports, tickMs, signal: withDeadline }, processTypes, carried);
  } finally {
    clearTimeout(timer);
  }
}

/** When to tick, what to do with each tick, and until when. */
export type Loop = {
  readonly ports: Ports;
  readonly schedule: Schedule;
  readonly onTick: (tick: Tick) => void;
  readonly signal: AbortSignal;
};

/**
 * Ticks at once, then on every slot of the schedule, and before a slot where the jobs that came need more workers than the
 * last tick decided on; until the signal aborts. It sleeps after each tick, so two never overlap, and slots that passed
 * meanwhile are skipped. Returns what has to be concluded.
 */
export async function run(
  { ports, schedule, onTick, signal }: Loop,
  processTypes: readonly ProcessTypeSettings[],
): Promise<Carried> {
  let carried: Carried;
  let early = false;
  while (!signal.aborted) {
    const tickMs = untilNextMs(schedule, ports.clock.now());
    const result = await tickOnce({ ports, tickMs, signal }, processTypes, carried);
    carried = result.carried;
    if (!signal.aborted) onTick(early ? { ...result.tick, early } : result.tick);
    const untilSlotMs = schedule.next() - ports.clock.now();
    const slotTimes = { early, untilSlotMs, shortestMs: schedule.shortestMs };
    const watch = watchAfter(result, processTypes, slotTimes);
    early = await sleepUntilSlot({ ports, schedule, signal }, watch);
  }
  return carried;
}

/** How far a tick has to look ahead: hours where the schedule has a gap, and never less than its usual time. */
export function untilNextMs(schedule: Schedule, now: number): number {
  return Math.max(schedule.shortestMs, schedule.next() - now);
}

/** Returns whether it ended before the slot, because of what was watched. */
async function sleepUntilSlot(
  { ports, schedule, signal }: Pick<Loop, 'ports' | 'schedule' | 'signal'>,
  watch: Watch | undefined,
): Promise<boolean> {
  const { clock } = ports;
  let slot = schedule.next();
  let peekAtMs = clock.monotonicMs() + (watch?.firstInMs ?? 0);
  while (!signal.aborted) {
    const leftMs = slot - clock.now();
    if (leftMs <= 0) return false;
    const untilPeekMs = watch === undefined ? Infinity : peekAtMs - clock.monotonicMs();
    await clock.sleep(Math.min(leftMs, LONGEST_SLEEP_MS, Math.max(0, untilPeekMs)), signal);
    // After the clock was set back, there is an earlier slot than the one waited for.
    slot = Math.min(slot, schedule.next());
    if (watch === undefined || clock.monotonicMs() < peekAtMs || slot <= clock.now()) continue;
    const needed = await peek(ports, watch, signal);
    if (needed === true) return true;
    peekAtMs = clock.monotonicMs() + (needed === undefined ? AFTER_FAILED_PEEK_MS : watch.everyMs);
  }
  return false;
}

/** Whether a tick is needed; undefined where it could not be seen. Never throws: the next tick reports what is wrong. */
async function peek(ports: Ports, watch: Watch, signal: AbortSignal): Promise<boolean | undefined> {
  const at = ports.clock.now();
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), LONGEST_PEEK_MS);
  try {
    const seen = await ports.backlog.peek(watch.patterns, at, AbortSignal.any([signal, deadline.signal]));
    return watch.needsTick(seen, at);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
