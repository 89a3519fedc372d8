import type { ProcessTypeSettings } from '../config/settings.ts';
import { Failure } from '../failure.ts';
import type { Ports, Schedule } from '../ports.ts';
import type { Tick } from './outcome.ts';
import { reconcile, type Carried } from './reconcile.ts';

/** Nothing outlasts its tick; with ticks far apart there is still no reason to wait longer than this for an answer. */
const LONGEST_TICK_MS = 25_000;
/** With ticks close together an answer may take longer than the interval: the slots in between are left out. */
const SHORTEST_DEADLINE_MS = 5000;
/** A sleep is cut into pieces, so that a system clock which is set meanwhile is noticed. */
const LONGEST_SLEEP_MS = 30_000;

export function deadlineMsOf(tickMs: number): number {
  return Math.min(LONGEST_TICK_MS, Math.max(SHORTEST_DEADLINE_MS, tickMs * 0.9));
}

function tooLate(tickMs: number): Failure {
  return new Failure(
    'TICK_DEADLINE',
    `the tick was not done within ${deadlineMsOf(tickMs) / 1000} s`,
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
  const timer = setTimeout(() => deadline.abort(tooLate(tickMs)), deadlineMsOf(tickMs));
  try {
    return await reconcile(ports, processTypes, tickMs, carried, AbortSignal.any([signal, deadline.signal]));
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Ticks at once, then on every slot of the schedule, until the signal. Sleeping after the tick makes two at once
 * impossible, and slots that passed meanwhile are left out, never caught up on.
 */
export async function run(
  ports: Ports,
  processTypes: readonly ProcessTypeSettings[],
  schedule: Schedule,
  onTick: (tick: Tick) => void,
  signal: AbortSignal,
): Promise<void> {
  let carried: Carried;
  while (!signal.aborted) {
    const result = await tickOnce(ports, processTypes, schedule.intervalMs, carried, signal);
    carried = result.carried;
    if (!signal.aborted) onTick(result.tick);
    await sleepUntil(ports, schedule, signal);
  }
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
