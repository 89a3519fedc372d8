import type { Lateness } from './calibration.ts';
import { groupTitle } from './overflow-queues.ts';
import type { PlannedWait, Policy } from './types.ts';
import { plannedMs, type TimedQueue } from './wait-rule.ts';
import { startsOn } from './wait-margin.ts';
import { seconds } from './words.ts';

/** What is planned for each queue, and the starts of the last day behind it. */
export function plannedWaits(
  policy: Policy,
  queues: readonly TimedQueue[],
  lateness: Lateness,
): readonly PlannedWait[] {
  return queues.map((queue) => ({
    queue: queue.name,
    maxWaitMs: queue.maxWaitMs,
    plannedMs: plannedMs(policy, queue),
    ...startsOn(lateness.get(queue.name)),
  }));
}

/** The plan of the queue with the largest margin, by name where there are several: `planned for 41 s of 60 s: …`. */
export function plannedNote(waits: readonly PlannedWait[]): string {
  const partOf = (wait: PlannedWait): number => wait.plannedMs / wait.maxWaitMs;
  const [tightest] = waits.toSorted((a, b) => partOf(a) - partOf(b));
  if (tightest === undefined) return 'no queues';
  const { queue, maxWaitMs, plannedMs: planned, started, late } = tightest;
  const of = waits.length > 1 ? ` for ${groupTitle(queue)}` : '';
  const share = started < 1 ? '' : `: ${((100 * late) / started).toFixed(1)} % were late in the last day`;
  return `planned for ${seconds(Math.round(planned / 1000) * 1000)} of ${seconds(maxWaitMs)}${of}${share}`;
}
