import { arrivedBy } from './arrivals-curve.ts';
import { countedPerJob, startedBy, type Learned } from './learn.ts';

/** Jobs that started between two readings, and those of them that had waited longer than allowed. Fractions occur. */
export type Starts = { readonly started: number; readonly late: number };

/**
 * Which jobs started late, from counts alone. The jobs that have started by `t` are those that have become ready less those
 * that wait, so the k-th job started when that count reached k, and became ready when the curve of arrivals did. At an
 * instant `t` the next job to start is late if more jobs than have started had become ready by `t − maxWaitMs`.
 *
 * How wrong this can be: jobs are taken to start evenly between two readings, and to become ready evenly between two
 * knots of the curve, so a wait may be off by a tick at either end (the first job that waits is exact where it is read).
 * First in, first out: with priorities, the jobs that overtake are counted as late in place of those overtaken, so the
 * number of late jobs is right only where most have waited equally long. A retry counts as a job of its own from when it
 * is due. Jobs removed while they wait count as started then; deduplicated adds as jobs in time, less `countedPerJob`.
 */
export function startsBetween(before: Learned, now: Learned, maxWaitMs: number): Starts {
  const counted = countedPerJob(now);
  const [begin, end] = [startedBy(before, counted), startedBy(now, counted)];
  const [from, to] = [before.at, now.at];
  if (end <= begin || to <= from) return { started: 0, late: 0 };
  const rate = (end - begin) / (to - from);
  /** Jobs that should have started before this instant and have not. */
  const overdueAt = (at: number): number => arrivedBy(now.marks, at - maxWaitMs) - begin - rate * (at - from);
  // Between these instants both counts are straight lines.
  const turns = now.marks.map(([at]) => at + maxWaitMs).filter((at) => at > from && at < to);
  let late = 0;
  let since = from;
  for (const until of [...turns, to]) {
    late += rate * (until - since) * positiveShare(overdueAt(since), overdueAt(until));
    since = until;
  }
  return { started: (end - begin) / counted, late: late / counted };
}

/** The share of a span in which a straight line from `a` to `b` is above zero. */
function positiveShare(a: number, b: number): number {
  if (a <= 0 && b <= 0) return 0;
  return a > 0 && b > 0 ? 1 : Math.max(a, b) / (Math.abs(a) + Math.abs(b));
}
