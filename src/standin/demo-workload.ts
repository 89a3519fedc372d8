/** Jobs to add to a queue at one moment, counted from the start of the demo. */
export type Arrival = { readonly atMs: number; readonly queue: string; readonly count: number };

export const NEWSLETTER = 'newsletter';
export const TRANSACTIONAL = 'transactional';

/** A trickle of single e-mails, each sent for a user's click. */
const TRICKLE_EVERY_MS = 500;
const TRICKLE_MOST = 3;
/** The newsletter goes out after a sixth of a cycle, a smaller one after two thirds. */
const BURSTS = [
  { part: 1 / 6, jobs: 3000 },
  { part: 2 / 3, jobs: 900 },
] as const;
/** The cycle that `BURSTS` is sized for; bursts of a shorter cycle are smaller, so that it is long enough to deliver them. */
const FULL_CYCLE_MS = 60_000;
/** After this part of a cycle nothing is added, so that everything is delivered before the next. */
const QUIET_FROM = 5 / 6;

/**
 * A newsletter's day in short: quiet, thousands of e-mails at once, quiet, some more. Sorted by time; the same seed gives
 * the same day.
 */
export function newsletterDay(cycleMs: number, seed: number): readonly Arrival[] {
  const random = randomFrom(seed);
  const scale = Math.min(1, cycleMs / FULL_CYCLE_MS);
  const bursts = BURSTS.map(({ part, jobs }) => ({
    atMs: Math.round(part * cycleMs),
    queue: NEWSLETTER,
    count: Math.round(jobs * scale),
  }));
  const trickle: Arrival[] = [];
  for (let atMs = 0; atMs < cycleMs * QUIET_FROM; atMs += TRICKLE_EVERY_MS) {
    const count = Math.floor(random() * (TRICKLE_MOST + 1));
    if (count > 0) trickle.push({ atMs, queue: TRANSACTIONAL, count });
  }
  return [...bursts, ...trickle].toSorted((a, b) => a.atMs - b.atMs);
}

/** How long it takes to deliver one e-mail: log-normal, 0.25 s in the median, for a few a second or more. */
export function deliveryMs(random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(5000, 250 * Math.exp(0.5 * normal));
}

/** Pseudo-random numbers from 0 up to 1, the same for the same seed (mulberry32, public domain). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
