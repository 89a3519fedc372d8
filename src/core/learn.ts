import { demandOf } from './demand.ts';
import { jobsPassedIn, observeLimiter, type LimiterBelief } from './rate-limiter.ts';
import type { QueueGroup } from './overflow-queues.ts';
import { observeUpcoming, type Upcoming } from './upcoming.ts';
import type { QueueObservation } from './types.ts';

/** What is learned of one queue. JSON, bounded: a few numbers and at most `MOST_MARKS` pairs. */
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
  /** Jobs that became ready over the recent past, each worth less with its age. */
  readonly arrivals: number;
  /** How many jobs had ever become ready at some past instants (epoch ms), oldest first. */
  readonly marks: readonly (readonly [at: number, total: number])[];
  /** Jobs due within a boot and a tick, by when. */
  readonly upcoming?: Upcoming | undefined;
  /** Its rate limiter, while it is believed to have one. */
  readonly limiter?: LimiterBelief | undefined;
  /** Which queues these are, where several are rated as one. */
  readonly members?: number | undefined;
  /** Runs of single jobs that were seen, their time together, and when the last of them ended. */
  readonly runs?: { readonly seen: number; readonly tookMs: number; readonly endedAt: number } | undefined;
};

/** After this time half of what was learned of the service time is forgotten. */
const SERVICE_HALF_LIFE_MS = 7_200_000;
/** More departures than this are not remembered: newer ones crowd the older ones out. */
const MOST_DEPARTURES = 1000;
/** Fewer are an anecdote. */
const ENOUGH_DEPARTURES = 3;
/** The load is that of about so long a time. */
export const LOAD_SPAN_MS = 300_000;
/** Readings further apart than this say nothing of what happened in between. */
const LONGEST_GAP_MS = 900_000;
/** A service time falls to a quarter at most from one reading to the next: jobs removed by hand look like departures. */
const FASTEST_FALL = 4;
const MOST_MARKS = 24;
/** So many times more jobs running than ran or left are a burst, and not the ups and downs of few jobs. */
const SUDDENLY = 8;
/** Of single runs seen, the newer ones crowd the older ones out. */
const MOST_RUNS = 64;

/**
 * Little's law on counters that are read anyway. What left is what was added less the growth of what is in the system;
 * the service time is the slot-time spent on jobs for each one that left. Running jobs count before they end, so long
 * ones are known as long at once. A counter that went back, a long silence, and other queues in the same account begin a
 * new one and keep what is known. Jobs due within `horizonMs` are looked at ahead.
 */
export function learn(
  before: Learned | undefined,
  queue: QueueGroup,
  at: number,
  horizonMs: number,
): Learned {
  const { takeable, running, upcoming: dueSoon } = demandOf({ ...queue, paused: false });
  const sinceMs = at - (before?.at ?? 0);
  const upcoming = observeUpcoming(before?.upcoming ?? [], dueSoon, at, sinceMs, horizonMs);
  const limiter = observeLimiter(before?.limiter, queue, running, at, sinceMs, horizonMs);
  const delayed = Math.max(queue.delayed ?? 0, queue.due);
  const inSystem = queue.waiting + queue.prioritized + delayed + queue.active + (queue.waitingChildren ?? 0);
  const { added, members } = queue;
  const seen = { at, added, inSystem, running, ready: takeable + running, upcoming, limiter, members };
  if (before === undefined)
    return { ...seen, busyMs: 0, departures: 0, arrivals: 0, marks: [[at, takeable]] };

  const elapsedMs = at - before.at;
  const fresh = Math.exp(-Math.max(0, elapsedMs) / LOAD_SPAN_MS);
  const isOther = added < before.added || members !== before.members;
  if (elapsedMs <= 0 || elapsedMs > LONGEST_GAP_MS || isOther) {
    const marks = elapsedMs === 0 && !isOther ? before.marks : ([[at, takeable]] as const);
    return { ...before, ...seen, arrivals: before.arrivals * fresh, marks };
  }
  const left = Math.max(0, added - before.added - (inSystem - before.inSystem));
  const became = Math.max(0, seen.ready - before.ready + left);
  const busyMs = busyBetween(before, running, left, elapsedMs);
  const keep = 0.5 ** (elapsedMs / SERVICE_HALF_LIFE_MS);
  const departures =
    before.departures * keep +
    Math.min(left, Math.max(plausibleDepartures(before, busyMs), jobsPassedIn(limiter, elapsedMs)));
  const share = Math.min(1, MOST_DEPARTURES / Math.max(1, departures));
  const total = (before.marks.at(-1)?.[1] ?? 0) + became;
  return {
    ...seen,
    busyMs: (before.busyMs * keep + busyMs) * share,
    departures: departures * share,
    arrivals: before.arrivals * fresh + became,
    marks: [...before.marks, [at, total] as const].slice(-MOST_MARKS),
    runs: takeable > 0 && before.ready > before.running ? withRun(before, queue.lastRun) : before.runs,
  };
}

/**
 * Only while jobs wait, from one reading to the next: every slot is then busy, and the job that ended last is any job.
 * At the end of a burst it would be a long one.
 */
function withRun(before: Learned, run: QueueObservation['lastRun']): Learned['runs'] {
  const known = before.runs ?? { seen: 0, tookMs: 0, endedAt: 0 };
  if (run === undefined || run.endedAt === known.endedAt) return before.runs;
  const keep = Math.min(1, (MOST_RUNS - 1) / Math.max(1, known.seen));
  return { seen: known.seen * keep + 1, tookMs: known.tookMs * keep + run.tookMs, endedAt: run.endedAt };
}

/**
 * Slot-time between two readings: as if the number of running jobs had changed evenly. Where it rose many times over, the
 * burst may have come at any moment, and jobs that have just begun do not tell how long they take: then only what left
 * counts, as long as it was before, and the next reading sees the rest.
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

function countedMs({ busyMs, departures }: Learned): number | undefined {
  return departures < ENOUGH_DEPARTURES ? undefined : Math.max(1, busyMs / departures);
}

/**
 * How often one job was counted. Adds that are deduplicated, and jobs that are removed before they ran, look like jobs
 * that came and went, so that the counters make one job too short. It is taken to be no shorter than single runs were,
 * less the error that their number allows: the standard error, were their times exponential.
 */
export function countedPerJob(learned: Learned): number {
  const [counted, { runs }] = [countedMs(learned), learned];
  if (counted === undefined || runs === undefined) return 1;
  const least = (runs.tookMs / runs.seen) * (1 - 1 / Math.sqrt(runs.seen));
  return Math.max(1, least / counted);
}

/** Slots that the arrivals of the last minutes keep busy: their rate times the service time, as counted both. */
export function loadOf(learned: Learned, otherwiseMs: number): number {
  return (learned.arrivals / LOAD_SPAN_MS) * (countedMs(learned) ?? otherwiseMs);
}

/**
 * How long the jobs that wait have been ready, by the arrivals: those waiting are the last to have come. Lots of jobs
 * with their age in ms, youngest first; nothing is older than the oldest job is known to be.
 */
export function batchesByAge(learned: Learned, waiting: number, oldestReadyAt: number | undefined): Batch[] {
  const [{ marks, at }, counted] = [learned, countedPerJob(learned)];
  // A job from the future has a producer whose clock is ahead: how long it waits is not known.
  const oldestMs = oldestReadyAt === undefined || oldestReadyAt > at ? Infinity : at - oldestReadyAt;
  // A mark in the future would make waiting jobs ones that are not there yet.
  const ageAt = (since: number): number => Math.min(oldestMs, Math.max(0, at - since));
  const lots: Batch[] = [];
  let left = waiting;
  for (let i = marks.length - 1; i > 0 && left > 0; i -= 1) {
    const [[until, total], [since, before]] = [marks[i] ?? [at, 0], marks[i - 1] ?? [at, 0]];
    const jobs = Math.min(left, Math.max(0, total - before) / counted);
    if (jobs > 0) lots.push({ ageMs: ageAt((since + until) / 2), jobs });
    left -= jobs;
  }
  if (left > 0) lots.push({ ageMs: ageAt(marks[0]?.[0] ?? at), jobs: left });
  return lots;
}

export type Batch = { readonly ageMs: number; readonly jobs: number };
