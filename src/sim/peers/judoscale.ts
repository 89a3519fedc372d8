import type { Controller } from '../controller.ts';
import { peerController, type PeerOptions } from './peer.ts';

const EVERY_MS = 10_000;

export type JudoscaleSettings = {
  /** Top of the range of a queue's depth; its bottom is half of it. No default is documented for depth. */
  readonly jobs: number;
  /** Dynos that one step up adds. */
  readonly jump: number;
  /** From one step up to the next, ms; the first comes at once. */
  readonly upEveryMs: number;
  /** Below the range for so long, ms, before a dyno is removed, and again before the next. */
  readonly downAfterMs: number;
};

/** The documented defaults (judoscale.com/guides/autoscaling-behavior, /docs/tuning-your-application). */
export const JUDOSCALE_DEFAULTS = { jump: 1, upEveryMs: 180_000, downAfterMs: 600_000 };

/** `at` is ms since an arbitrary moment; `depth` the waiting and prioritized jobs of the queue with the most. */
export type DepthReading = { readonly at: number; readonly quantity: number; readonly depth: number };

/**
 * Judoscale's rule on BullMQ, where it reads only queue depth: a step up when the depth is above the range and the last
 * step up is long enough ago; one dyno fewer after a time in which it was always below. At zero dynos any job counts as
 * above. It keeps state, so each run needs its own; the answer is not within bounds yet.
 */
export function judoscaleRule(settings: JudoscaleSettings): (reading: DepthReading) => number {
  const { jobs, jump, upEveryMs, downAfterMs } = settings;
  let upAt = -Infinity;
  let calmSince: number | undefined;
  return ({ at, quantity, depth }) => {
    if (depth >= jobs / 2) calmSince = at;
    calmSince ??= at;
    if (depth > (quantity === 0 ? 0 : jobs) && at - upAt >= upEveryMs) {
      upAt = at;
      return quantity + jump;
    }
    if (at - calmSince >= downAfterMs) {
      calmSince = at;
      return quantity - 1;
    }
    return quantity;
  };
}

/** Judoscale with its documented defaults, and `jobs` as the top of its range. */
export function judoscale(options: PeerOptions, jobs: number): Controller {
  const rule = judoscaleRule({ ...JUDOSCALE_DEFAULTS, jobs });
  return peerController('Judoscale', EVERY_MS, options, ({ at, quantity, queues }) =>
    rule({ at, quantity, depth: Math.max(0, ...queues.map((queue) => queue.waiting + queue.prioritized)) }),
  );
}
