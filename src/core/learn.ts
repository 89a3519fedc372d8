import { curveSince, extendCurve, type ArrivalsCurve } from './arrivals-curve.ts';
import { jobsPassedIn, observeLimiter, type LimiterBelief } from './rate-limiter.ts';
import type { QueueGroup } from './overflow-queues.ts';
import { observeUpcoming, type Upcoming } from './upcoming.ts';
import type { QueueObservation } from './types.ts';

/** What is learned of one queue. JSON, bounded: a few numbers and a bounded curve. */
export type Learned = {
  /** Epoch ms of the last reading, and the counts it showed. */
  readonly at: number;
  readonly added: number;
  readonly inSystem: number;
  readonly running: number;
  /** Takeable and running jobs together. */
  readonly ready: number;
  /** Slot-milliseconds spent on jobs, and jobs that left, over the recent past. */
  readonly busyMs: number;
  readonly departures: number;
  /** Jobs that became ready over the recent past, each weighted less with its age. */
  readonly arrivals: number;
  /** The jobs that became ready, as far back as the oldest that waits. */
  readonly marks: ArrivalsCurve;
  /** Jobs due within a boot and a tick, by when. */
  readonly upcoming?: Upcoming | undefined;
  /** Its rate limiter, while it is believed to have one. */
  readonly limiter?: LimiterBelief | undefined;
  /** Identifies the merged queues, where several are learned as one. */
  readonly members?: number | undefined;
  /** Single job runs that were seen: how many, their total time, and when the last of them ended. */
  readonly runs?: { readonly seen: number; readonly tookMs: number; readonly endedAt: number } | undefined;
};

/** After this time half of what was learned of the service time is forgotten. */
const SERVICE_HALF_LIFE_MS = 7_200_000;
/** More departures than this are not remembered: newer ones displace older ones. */
const MOST_DEPARTURES = 1000;
/** Fewer say nothing about the mean. */
const ENOUGH_DEPARTURES = 3;
/** Time constant over which the load is averaged. */
export const LOAD_SPAN_MS = 300_000;
/** Readings further apart than this say nothing about the time between them. */
const LONGEST_GAP_MS = 900_000;
/** From one reading to the next a service time falls to a quarter at most: removed jobs look like departures. */
const FASTEST_FALL = 4;
/** A rise of running jobs by this factor over those that ran or left is a burst, not the noise of few jobs. */
const SUDDENLY = 8;
/** More single runs than this are not remembered: newer ones displace older ones. */
const MOST_RUNS = 64;
/** After this time half of the single runs is forgotten. They show only while jobs wait, so most last for a night without. */
const RUNS_HALF_LIFE_MS = 43_200_000;

/**
 * Little's law on counters that are read anyway. Departures are the jobs added less the growth of the jobs in the system;
 * the service time is the slot-time spent on jobs per departure. Running jobs count before they end, so long jobs show as
 * long at once. A counter that went back, a long gap between readings, or a change of the merged queues starts a new
 * count and keeps what is known. `horizonMs` is how far ahead delayed jobs are counted.
 */
export function learn(
  before: Learned | undefined,
  { queue, demand, members }: QueueGroup,
  at: number,
  horizonMs: number,
): Learned {
  const { ready, running, dueLater } = demand;
  const time = { at, sinceMs: at - (before?.at ?? 0), horizonMs };
  const upcoming = observeUpcoming(before?.upcoming ?? [], dueLater, time);
  const limiter = observeLimiter(before?.limiter, queue, running, time);
  const delayed = Math.max(queue.delayed ?? 0, queue.due);
  const inSystem = queue.waiting + queue.prioritized + delayed + queue.active + (queue.waitingChildren ?? 0);
  const { added } = queue;
  const seen = { at, added, inSystem, running, ready: ready + running, upcoming, limiter, members };
  if (before === undefined) return { ...seen, busyMs: 0, departures: 0, arrivals: 0, marks: [[at, ready]] };

  const elapsedMs = at - before.at;
  const fresh = Math.exp(-Math.max(0, elapsedMs) / LOAD_SPAN_MS);
  const keep = 0.5 ** (Math.max(0, elapsedMs) / SERVICE_HALF_LIFE_MS);
  const runs = lastingRuns(before.runs, elapsedMs);
  const isOther = added < before.added || members !== before.members;
  if (elapsedMs <= 0 || elapsedMs > LONGEST_GAP_MS || isOther) {
    const marks = elapsedMs === 0 && !isOther ? before.marks : ([[at, ready]] as const);
    const [pastMs, departures] = [before.busyMs * keep, before.departures * keep];
    return { ...seen, busyMs: pastMs, departures, arrivals: before.arrivals * fresh, marks, runs };
  }
  const left = Math.max(0, added - before.added - (inSystem - before.inSystem));
  const became = Math.max(0, seen.ready - before.ready + left);
  const busyMs = busyBetween(before, running, left, elapsedMs);
  const departures =
    before.departures * keep +
    Math.min(left, Math.max(plausibleDepartures(before, busyMs), jobsPassedIn(limiter, elapsedMs)));
  const share = Math.min(1, MOST_DEPARTURES / Math.max(1, departures));
  const total = (before.marks.at(-1)?.[1] ?? 0) + became;
  const counted = countedPerJob(before);
  return {
    ...seen,
    busyMs: (before.busyMs * keep + busyMs) * share,
    departures: departures * share,
    arrivals: before.arrivals * fresh + became,
    marks: extendCurve(
      curveSince(before.marks, startedBy(before, counted), at - LOAD_SPAN_MS),
      [at, total],
      total - ready * counted,
      queue.oldestReadyAt,
    ),
    runs: ready > 0 && before.ready > before.running ? withRun(runs, queue.lastRun) : runs,
  };
}

/**
 * Called only while jobs wait at both readings: then every slot is busy and the job that ended last is a random one. At
 * the end of a burst it would be a long one.
 */
function withRun(before: Learned['runs'], run: QueueObservation['lastRun']): Learned['runs'] {
  const known = before ?? { seen: 0, tookMs: 0, endedAt: 0 };
  if (run === undefined || run.endedAt === known.endedAt) return before;
  const keep = Math.min(1, (MOST_RUNS - 1) / Math.max(1, known.seen));
  return { seen: known.seen * keep + 1, tookMs: known.tookMs * keep + run.tookMs, endedAt: run.endedAt };
}

/** Without new ones they count for less, down to a single one, which shows nothing: jobs of a later release may be shorter. */
function lastingRuns(runs: Learned['runs'], elapsedMs: number): Learned['runs'] {
  if (runs === undefined || elapsedMs <= 0) return runs;
  const seen = Math.max(1, runs.seen * 0.5 ** (elapsedMs / RUNS_HALF_LIFE_MS));
  return { ...runs, seen, tookMs: runs.tookMs * (seen / runs.seen) };
}

/**
 * Slot-time between two readings, as if the number of running jobs had changed linearly. After a sudden rise the burst may
 * have come at any moment, and jobs that have just begun do not show how long they take: then only departures count, at
 * the known service time, and the next reading sees the rest.
 */
function busyBetween(before: Learned, running: number, left: number, elapsedMs: number): number {
  const evenlyMs = ((before.running + running) / 2) * elapsedMs;
  const knownMs = countedMs(before);
  const sudden = running - before.running > SUDDENLY * (before.running + left + 1);
  if (knownMs === undefined || !sudden) return evenlyMs;
  return Math.min(evenlyMs, Math.max(before.running * elapsedMs, left * knownMs));
}

function plausibleDepartures(before: Learned, busyMs: number): number {
  const known = serviceMsOf(before);
  return known === undefined ? Infinity : (FASTEST_FALL * busyMs) / known + before.running + 1;
}

/** Mean service time in ms, or undefined while too little is known. */
export function serviceMsOf(learned: Learned): number | undefined {
  const counted = countedMs(learned);
  return counted === undefined ? undefined : counted * countedPerJob(learned);
}

/**
 * The service time that is the least likely to be too long while fewer jobs have left than its mean takes: the slot-time so
 * far, over the jobs that left and one more. Running jobs that do not end show as long.
 */
export function soFarMs({ busyMs, departures }: Learned): number {
  return busyMs / (departures + 1);
}

function countedMs({ busyMs, departures }: Learned): number | undefined {
  return departures < ENOUGH_DEPARTURES ? undefined : Math.max(1, busyMs / departures);
}

/**
 * How many times one job was counted. Deduplicated adds, and jobs removed before they ran, look like jobs that came and
 * left, so the counters make jobs look too short. A job is taken to be no shorter than the single runs that were seen,
 * less their standard error (exponential service times assumed).
 */
export function countedPerJob(learned: Learned): number {
  const [counted, { runs }] = [countedMs(learned), learned];
  if (counted === undefined || runs === undefined) return 1;
  const least = (runs.tookMs / runs.seen) * (1 - 1 / Math.sqrt(runs.seen));
  return Math.max(1, least / counted);
}

/** Jobs that had ever started by the reading, counted as the curve of arrivals counts them: first in, first out. */
export function startedBy({ marks, ready, running }: Learned, counted: number): number {
  return (marks.at(-1)?.[1] ?? 0) - (ready - running) * counted;
}

/** Slots that the arrivals of the last minutes keep busy: arrival rate times service time, both as counted. */
export function loadOf(learned: Learned, otherwiseMs: number): number {
  return (learned.arrivals / LOAD_SPAN_MS) * (countedMs(learned) ?? otherwiseMs);
}

/**
 * The waiting jobs in batches by age, youngest first, estimated from arrivals: the jobs that wait are those that came
 * last. No batch is older than the oldest job is known to be.
 */
export function batchesByAge(learned: Learned, waiting: number, oldestReadyAt: number | undefined): Batch[] {
  const [{ marks, at }, counted] = [learned, countedPerJob(learned)];
  // A timestamp in the future comes from a producer whose clock is ahead: the wait is unknown.
  const oldestMs = oldestReadyAt === undefined || oldestReadyAt > at ? Infinity : at - oldestReadyAt;
  // After the clock was set back, marks lie in the future; their jobs still wait now.
  const ageAt = (since: number): number => Math.min(oldestMs, Math.max(0, at - since));
  const batches: Batch[] = [];
  let left = waiting;
  for (let i = marks.length - 1; i > 0 && left > 0; i -= 1) {
    const [[until, total], [since, before]] = [marks[i] ?? [at, 0], marks[i - 1] ?? [at, 0]];
    const jobs = Math.min(left, Math.max(0, total - before) / counted);
    if (jobs > 0) batches.push({ ageMs: ageAt((since + until) / 2), jobs });
    left -= jobs;
  }
  if (left > 0) batches.push({ ageMs: ageAt(marks[0]?.[0] ?? at), jobs: left });
  return batches;
}

/** Jobs that wait since about the same time. A negative age: they become ready in that many ms. */
export type Batch = { readonly ageMs: number; readonly jobs: number };
