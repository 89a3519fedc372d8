import { randomFrom } from '../../src/standin/demo-workload.ts';

/** Jobs that come together, each with the ms it takes. `atMs` counts from the start of the soak. */
export type Burst = { readonly atMs: number; readonly jobMs: readonly number[] };

export type BurstOptions = {
  /** Jobs that one dyno runs at once. */
  readonly slots: number;
  readonly maxDynos: number;
  readonly scale: number;
  readonly seed: number;
};

/** Service times from 0.1 to 120 s, evenly spread over their logarithm: mostly short, a tenth above a minute. */
const SHORTEST_MS = 100;
const LONGEST_MS = 120_000;
/** From one burst to the next. */
const APART_MS = { least: 60_000, most: 200_000 };

/**
 * Bursts that need one to `maxDynos` dynos, without end, in time scaled by `scale`. The same seed gives the same workload.
 */
export function* bursts({ slots, maxDynos, scale, seed }: BurstOptions): Generator<Burst, never> {
  const random = randomFrom(seed);
  let atMs = random() * APART_MS.least * scale;
  for (;;) {
    const count = Math.ceil(random() * maxDynos * slots * 1.5);
    const jobMs = Array.from({ length: count }, () =>
      Math.round(SHORTEST_MS * (LONGEST_MS / SHORTEST_MS) ** random() * scale),
    );
    yield { atMs, jobMs };
    atMs += (APART_MS.least + random() * (APART_MS.most - APART_MS.least)) * scale;
  }
}
