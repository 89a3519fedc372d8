import type { ProcessTypeSettings } from '../config/settings.ts';
import { Failure } from '../failure.ts';
import type { Ports, Schedule } from '../ports.ts';
import type { Tick } from './outcome.ts';
import { reconcile, type Carried } from './reconcile.ts';

/**
 * Nothing outlasts its tick. Three requests to the platform that are answered in 12 s each have to fit in: the slots that
 * pass meanwhile are left out.
 */
const DEADLINE_MS = 45_000;
/** A sleep is cut into pieces, so that a system clock which is set meanwhile is noticed. */
const LONGEST_SLEEP_MS = 30_000;

function tooLate(): Failure {
  return new Failure(
    'TICK_DEADLINE',
    `the tick was not done within ${DEADLINE_MS / 1000} s`,
    'Nothing to do once: the next tick tries again. Often: look at the load of Redis and at status.heroku.com.',
  );
}

/** One tick with its deadline. */
export async function tickOnce(
  ports: Ports,
  processTypes: readonly ProcessTypeSettings[],
  tickMs: number,
  carried: Carried,
  signal: AbortSignal,
): Promise<{ readonly tick: Tick; readonly carried: Carried }> {
  // Not AbortSignal.timeout, whose timer cannot be cleared and would fire long after the tick.
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(tooLate()), DEADLINE_MS);
  try {
    return await reconcile(ports, processTypes, tickMs, carried, AbortSignal.any([signal, deadline.signal]));
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Ticks at once, then on every slot of the schedule, until the signal. Sleeping after the tick makes two at once
 * impossible, and slots that passed meanwhile are left out, never caught up on. Returns what has to be concluded.
 */
export async function run(
  ports: Ports,
  processTypes: readonly ProcessTypeSettings[],
  schedule: Schedule,
  onTick: (tick: Tick) => void,
  signal: AbortSignal,
): Promise<Carried> {
  let carried: Carried;
  while (!signal.aborted) {
    const tickMs = untilNextMs(schedule, ports.clock.now());
    const result = await tickOnce(ports, processTypes, tickMs, carried, signal);
    carried = result.carried;
    if (!signal.aborted) onTick(result.tick);
    await sleepUntil(ports, schedule, signal);
  }
  return carried;
}

/** What a tick has to look ahead for: hours where the schedule has a gap, and never less than its usual time. */
export function untilNextMs(schedule: Schedule, now: number): number {
  return Math.max(schedule.shortestMs, schedule.next() - now);
}

async function sleepUntil(ports: Ports, schedule: Schedule, signal: AbortSignal): Promise<void> {
  let slot = schedule.next();
  while (!signal.aborted) {
    const leftMs = slot - ports.clock.now();
    if (leftMs <= 0) return;
    await ports.clock.sleep(Math.min(leftMs, LONGEST_SLEEP_MS), signal);
    // A clock that was set back has an earlier slot to come than the one waited for.
    slot = Math.min(slot, schedule.next());
  }
}
