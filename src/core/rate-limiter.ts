import type { ReadingTime } from './reading-time.ts';
import type { Policy, QueueObservation } from './types.ts';

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

/** A limiter that has not shown for this long, and for some ticks, no longer exists. */
const BELIEVED_MS = 240_000;
const BELIEVED_HORIZONS = 4;
/** Slots in use count for less with their age. */
const SLOTS_SPAN_MS = 60_000;
/** Only what is left of a window can be read, so a shortened window is learned by forgetting the longer one. */
const DURATION_HALF_LIFE_MS = 120_000;
/** Slots beyond what the limiter lets through, so that a raised limit shows. */
const HEADROOM = 1.25;
/** Where only the slots in use show how much it lets through, they may grow by this factor. */
const GROWTH = 1.5;

/**
 * A limiter opens and closes by turns, and a reading finds it in either state by chance. One that was seen closed is
 * therefore believed for a while: a closed window shows how many jobs it lets through, and what is left of windows shows
 * how long they last. The belief ends when the limiter has not shown for long, and at once when more jobs begin in a
 * window than it was believed to let through.
 */
export function observeLimiter(
  before: LimiterBelief | undefined,
  { rateLimitedMs = 0, limiter }: QueueObservation,
  running: number,
  { at, sinceMs, horizonMs }: ReadingTime,
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

/** What a limiter lets through: jobs that may begin within a boot and a tick, and slots that can be kept busy by them. */
export type LimiterPassage = { readonly jobs: number; readonly slots: number };

/** At least the slots of one worker, for when the limiter opens. `serviceMs` is undefined while it is not known. */
export function passageThrough(
  { bootMs, tickMs, concurrency }: Policy,
  { max, durationMs, slots }: LimiterBelief,
  { rateLimitedMs = 0, limiter, active }: QueueObservation,
  serviceMs: number | undefined,
): LimiterPassage {
  const horizonMs = bootMs + tickMs;
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
