/**
 * How many jobs of a queue had ever become ready by some past instants (epoch ms), oldest first: knots of a curve that is
 * straight between them. JSON, bounded.
 */
export type ArrivalsCurve = readonly (readonly [at: number, total: number])[];

/** A curve of more knots is thinned. */
export const MOST_KNOTS = 36;

/** Jobs that had become ready by an instant. Before its first knot nothing is known: none, as far as the curve says. */
export function arrivedBy(curve: ArrivalsCurve, at: number): number {
  const next = curve.findIndex(([knotAt]) => knotAt > at);
  if (next === 0) return 0;
  const before = curve[next === -1 ? curve.length - 1 : next - 1];
  const after = curve[next];
  if (before === undefined) return 0;
  return after === undefined
    ? before[1]
    : before[1] + shareOf(before[0], after[0], at) * (after[1] - before[1]);
}

/**
 * The curve at a new reading, by which `total` jobs have become ready and `started` of them have started. Where it is known
 * since when the first of the others has been ready, that is a knot: without it, jobs that came together are spread over
 * the whole time between two readings. A job that has waited longer than first in, first out explains (a low priority) says
 * nothing about the others, so the knot stays between its neighbours.
 */
export function extendCurve(
  curve: ArrivalsCurve,
  [at, total]: ArrivalsCurve[number],
  started: number,
  oldestReadyAt: number | undefined,
): ArrivalsCurve {
  const extended: ArrivalsCurve = [...curve, [at, total]];
  const next = extended.findIndex(([, knotTotal]) => knotTotal > started);
  const [before, after] = [extended[next - 1], extended[next]];
  if (before === undefined || after === undefined || oldestReadyAt === undefined) return thinned(extended);
  if (oldestReadyAt <= before[0] || oldestReadyAt >= after[0]) return thinned(extended);
  const first = [oldestReadyAt, Math.min(started + 1, after[1])] as const;
  return thinned([...extended.slice(0, next), [oldestReadyAt, started], first, ...extended.slice(next)]);
}

/** Without the knots before `since` that say only when jobs became ready that have started. */
export function curveSince(curve: ArrivalsCurve, started: number, since: number): ArrivalsCurve {
  const next = curve.findIndex(([at, total]) => total > started || at > since);
  return curve.slice(next === -1 ? -1 : Math.max(0, next - 1));
}

/** Without the inner knots whose absence moves the curve least. */
function thinned(curve: ArrivalsCurve): ArrivalsCurve {
  const kept = [...curve];
  while (kept.length > MOST_KNOTS) {
    let [least, leastError] = [1, Infinity];
    for (let i = 1; i < kept.length - 1; i += 1) {
      const error = errorWithout(kept, i);
      if (error < leastError) [least, leastError] = [i, error];
    }
    kept.splice(least, 1);
  }
  return kept;
}

/** Jobs times ms between the curve and the straight line past one knot. */
function errorWithout(curve: ArrivalsCurve, i: number): number {
  const [[a0, n0], [a1, n1], [a2, n2]] = [curve[i - 1], curve[i], curve[i + 1]] as [
    ArrivalsCurve[number],
    ArrivalsCurve[number],
    ArrivalsCurve[number],
  ];
  return (a2 - a0) * Math.abs(n0 + shareOf(a0, a2, a1) * (n2 - n0) - n1);
}

function shareOf(from: number, to: number, at: number): number {
  return to > from ? Math.min(1, Math.max(0, (at - from) / (to - from))) : 1;
}
