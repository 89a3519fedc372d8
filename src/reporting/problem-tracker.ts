import type { Alarm, Alarms } from '../journal/alarm.ts';

/** A problem that one tick shows. `key` identifies it from tick to tick. */
export type Problem = {
  readonly key: string;
  /** It is reported only when it has lasted this many ticks and this long; default: at once. */
  readonly afterTicks?: number | undefined;
  readonly afterMs?: number | undefined;
};

/** What to do about a problem that a tick does not show any more: wait for it to return, report its end, or drop it. */
export type Absent = 'wait' | 'resolved' | 'drop';

/** A reported problem that has ended, and since when it had lasted (epoch ms). */
export type Resolved = { readonly key: string; readonly since: number };

/**
 * Reports each problem once when it has lasted long enough, and once when it is resolved. `at` is epoch ms. One that ends
 * before it was reported is dropped: it has to last without a gap.
 */
export function track<P extends Problem>(
  before: Alarms,
  problems: readonly P[],
  at: number,
  absent: (key: string, alarm: Alarm) => Absent = () => 'resolved',
): { readonly alarms: Alarms; readonly begun: readonly P[]; readonly resolved: readonly Resolved[] } {
  const current = new Map(problems.map((problem) => [problem.key, problem]));
  const alarms: Record<string, Alarm> = {};
  const begun: P[] = [];
  const resolved: Resolved[] = [];
  for (const [key, problem] of current) {
    const known = before[key] ?? { since: at, on: 0, reported: false };
    const on = known.on + 1;
    const due =
      !known.reported && on >= (problem.afterTicks ?? 1) && at - known.since >= (problem.afterMs ?? 0);
    if (due) begun.push(problem);
    alarms[key] = { since: known.since, seenAt: at, on, off: 0, reported: known.reported || due };
  }
  for (const [key, known] of Object.entries(before)) {
    if (current.has(key) || !known.reported) continue;
    const alarm = { ...known, off: known.off + 1 };
    const next = absent(key, alarm);
    if (next === 'wait') alarms[key] = { ...alarm, on: 0 };
    if (next === 'resolved') resolved.push({ key, since: known.since });
  }
  return { alarms, begun, resolved };
}
