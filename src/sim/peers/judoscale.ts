import type { Controller } from '../controller.ts';
import { peerController, type PeerOptions } from './peer.ts';

const EVERY_MS = 10_000;
const UP_EVERY_MS = 180_000;
const DOWN_AFTER_MS = 600_000;

/**
 * Judoscale on BullMQ, where it reads only queue depth: one dyno more when the depth of a queue is above the range, at
 * most every three minutes; one fewer after ten minutes in which all were below. No default range is documented for
 * depth: `jobs` is its top, half of that its bottom. At zero dynos any job counts as above the range.
 */
export function judoscale(options: PeerOptions, jobs: number): Controller {
  let upAt = -Infinity;
  let calmSince = 0;
  return peerController('Judoscale', EVERY_MS, options, ({ at, quantity, queues }) => {
    const depth = Math.max(0, ...queues.map(({ waiting, prioritized }) => waiting + prioritized));
    if (depth >= jobs / 2) calmSince = at;
    if (depth > (quantity === 0 ? 0 : jobs) && at - upAt >= UP_EVERY_MS) {
      upAt = at;
      return quantity + 1;
    }
    if (at - calmSince >= DOWN_AFTER_MS) {
      calmSince = at;
      return quantity - 1;
    }
    return quantity;
  });
}
