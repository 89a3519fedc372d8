import type { Random } from './random.ts';

/** How the workers of a simulation boot. */
export type BootModel = {
  /** A boot takes from `fromMs` to `toMs`, uniformly: from the resize to a worker that takes jobs. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The share of boots that crash before they end, from 0 to below 1; absent: none. The platform restarts the worker. */
  readonly crashShare?: number | undefined;
  /** The first job in each slot of a worker takes this many times as long (cold caches, lazy connections); absent: 1. */
  readonly slowStart?: number | undefined;
};

/** Boots of 20 to 40 s around 30 s, and in proportion around another mean. */
export function bootsAround(meanMs: number): BootModel {
  return { fromMs: (meanMs * 2) / 3, toMs: (meanMs * 4) / 3 };
}

/**
 * Heroku restarts a crashed dyno at once, and one that crashes again after a cool-off that grows exponentially. It used to
 * publish ten minutes for the first cool-off; how fast it grows is not published, and doubling is assumed.
 */
const FIRST_COOL_OFF_MS = 600_000;

/** Ms from a worker's request until it takes jobs, crashes, restarts and cool-offs included. */
export function bootMsOf(random: Random, { fromMs, toMs, crashShare = 0 }: BootModel): number {
  let totalMs = 0;
  for (let crashes = 0; ; crashes += 1) {
    const bootMs = fromMs + (toMs - fromMs) * (toMs > fromMs ? random() : 0);
    if (crashShare === 0 || random() >= crashShare) return totalMs + bootMs;
    totalMs += bootMs * random() + (crashes === 0 ? 0 : FIRST_COOL_OFF_MS * 2 ** (crashes - 1));
  }
}
