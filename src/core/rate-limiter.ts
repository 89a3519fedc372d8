import type { QueueObservation } from './types.ts';

/** What is believed of a queue's rate limiter. JSON, bounded. */
export type LimiterBelief = {
  /** Jobs that may begin in a window, and how long it lasts; absent where it only showed that it closes. */
  readonly max?: number | undefined;
  readonly durationMs?: number | undefined;
  /** Slots in use, on average over the last minute or so. */
  readonly slots: number;
  /** Epoch ms: until then it is believed without being seen. */
  readonly until: number;
};

/** A limiter that does not show for so long, and for some ticks, is there no longer. */
const BELIEVED_MS = 240_000;
const BELIEVED_HORIZONS = 4;
/** Slots in use count for less with their age. */
const SLOTS_SPAN_MS = 60_000;
/** How long a window lasts is seen by what is left of it: a shorter one is learned by forgetting the longer. */
const DURATION_HALF_LIFE_MS = 120_000;
/** Slots beyond what the limiter lets through, so that it shows when it is raised. */
const HEADROOM = 1.25;
/** Where only slots in use tell how much it lets through, they may grow by so much. */
const GROWTH = 1.5;

/**
 * A limiter is open and closed by turns, and a reading finds it so by chance. So one that was closed is believed for a
 * while, with what it showed: a closed window how many jobs it lets through, what is left of windows how long they last.
 * It ends when it is not seen for long, and at once when more jobs begin in a window than were believed to.
 */
export function observeLimiter(
  before: LimiterBelief | undefined,
  { rateLimitedMs = 0, limiter }: QueueObservation,
  running: number,
  at: number,
  sinceMs: number,
  horizonMs: number,
): LimiterBelief | undefined {
  const until = at + Math.max(BELIEVED_MS, BELIEVED_HORIZONS * horizonMs);
  const believed = before !== undefined && before.until > at ? before : undefined;
  const keep = believed === undefined ? 0 : Math.exp(-Math.max(0, sinceMs) / SLOTS_SPAN_MS);
  const slots = (believed?.slots ?? 0) * keep + running * (1 - keep);

  const { max, durationMs, begun = 0, leftMs = 0 } = limiter ?? {};
  if (max !== undefined && durationMs !== undefined) return { max, durationMs, slots, until };
  const closed = rateLimitedMs > 0;
  if (!closed && believed === undefined) return undefined;
  // Closed by hand, by a worker that was refused elsewhere: the next time may be another limit.
  if (limiter === undefined)
    return { ...believed, slots, until: closed ? until : Math.min(until, believed?.until ?? at) };
  if (!closed && begun > (believed?.max ?? Infinity)) return undefined;
  const forgotten = 0.5 ** (Math.max(0, sinceMs) / DURATION_HALF_LIFE_MS);
  const longestMs = Math.max(leftMs, (believed?.durationMs ?? 0) * forgotten);
  return { max: closed ? begun : believed?.max, durationMs: longestMs, slots, until };
}

/** What a limiter lets a queue do: jobs that may begin within a time, and slots that they and those that run can fill. */
export type LimiterPassage = { readonly jobs: number; readonly slots: number };

/**
 * The passage within `horizonMs`, at least the slots of one dyno, for when it opens. `serviceMs` is
 * absent while it is not known.
 */
export function passageThrough(
  { max, durationMs, slots }: LimiterBelief,
  { rateLimitedMs = 0, limiter, active }: QueueObservation,
  serviceMs: number | undefined,
  horizonMs: number,
  concurrency: number,
): LimiterPassage {
  const closed = rateLimitedMs > 0;
  // While it is closed no further slot helps, and of one that is open it shows what more slots would do.
  if (max === undefined || durationMs === undefined)
    return {
      jobs: Infinity,
      slots: Math.max(concurrency, closed ? Math.max(slots, active) : slots * GROWTH),
    };
  const leftMs = closed ? rateLimitedMs : (limiter?.leftMs ?? 0);
  const open = closed ? 0 : Math.max(0, max - (limiter?.begun ?? 0));
  // With no window open, the first begins with the next job: `open` is what that lets through.
  const first = leftMs === 0 ? 0 : 1;
  const later = horizonMs < leftMs ? 0 : first + Math.floor((horizonMs - leftMs) / Math.max(1, durationMs));
  const jobs = open + later * max;
  const atOnce = jobs + active;
  const busy = serviceMs === undefined ? atOnce : (HEADROOM * jobs * serviceMs) / Math.max(1, horizonMs);
  return { jobs, slots: Math.max(concurrency, Math.min(busy, atOnce)) };
}

/** Jobs that may have begun, and so left, in the time between two readings; 0 where that is not known. */
export function jobsPassedIn(limit: LimiterBelief | undefined, elapsedMs: number): number {
  const { max = 0, durationMs = Infinity } = limit ?? {};
  return max * (1 + elapsedMs / Math.max(1, durationMs));
}
