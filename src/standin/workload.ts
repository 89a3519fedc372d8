/** Jobs to add to a queue at one moment, counted from the start of the demo. */
export type Arrival = { readonly atMs: number; readonly queue: string; readonly count: number };

export const NEWSLETTER = 'newsletter';
export const TRANSACTIONAL = 'transactional';

/** A trickle of e-mails that each answer somebody's click. */
const TRICKLE_EVERY_MS = 500;
const TRICKLE_MOST = 3;
/** The newsletter goes out when a sixth of a cycle is over, a smaller one at two thirds. */
const BURSTS = [
  { part: 1 / 6, jobs: 3000 },
  { part: 2 / 3, jobs: 900 },
] as const;
/** What the numbers of `BURSTS` are made for; a shorter cycle has smaller bursts, so that they can be delivered in it. */
const FULL_CYCLE_MS = 60_000;
/** After this part of a cycle nothing is added, so that everything can be delivered in it. */
const QUIET_FROM = 5 / 6;

/**
 * A newsletter's day made small: quiet, thousands of e-mails at once, quiet, some more. Sorted by time; the same seed
 * gives the same day.
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

/** How long delivering one e-mail takes: log-normal, 0.25 s in the median, a few of them a second or more. */
export function deliveryMs(random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(5000, 250 * Math.exp(0.5 * normal));
}

/** Numbers from 0 up to 1 that look like chance and are the same for the same seed (mulberry32, public domain). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
