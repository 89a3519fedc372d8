import type { Controller } from '../controller.ts';
import { latencySeconds, peerController, sum, type PeerOptions, type PeerReading } from './peer.ts';

/** Checkups come every minute unless more are paid for. */
const EVERY_MS = 60_000;

/** As its BullMQ macro counts: jobs with a priority are left out, running ones are not. */
function size({ queues }: PeerReading): number {
  return sum(queues, ({ waiting, due, active }) => waiting + due + active);
}

/**
 * HireFire by job queue size: a dyno for so many jobs, up at once. Not decrementable, which is the default: it goes down
 * only when no job is left, and then to the minimum. No default ratio is documented.
 */
export function hirefireRatio(options: PeerOptions, jobsPerWorker: number): Controller {
  return peerController('HireFire ratio', EVERY_MS, options, (seen) => {
    const jobs = size(seen);
    return jobs === 0 ? options.min : Math.max(seen.quantity, Math.ceil(jobs / jobsPerWorker));
  });
}

/**
 * HireFire by latency: one dyno more above the maximum, one fewer below the minimum, and the first job starts one from
 * zero. Its BullMQ macro has no latency; this is what an endpoint of one's own would give. No thresholds are documented
 * as default: the maximum is the wait that is allowed, the minimum half of that.
 */
export function hirefireLatency(options: PeerOptions, maxWaitMs: number): Controller {
  return peerController('HireFire latency', EVERY_MS, options, (seen) => {
    const { quantity } = seen;
    if (quantity === 0) return size(seen) > 0 ? 1 : 0;
    const latency = latencySeconds(seen);
    if (latency > maxWaitMs / 1000) return quantity + 1;
    if (latency >= maxWaitMs / 2000) return quantity;
    // The last one goes only when there is nothing to do, or the first job would start it again and again.
    return quantity === 1 && size(seen) > 0 ? 1 : quantity - 1;
  });
}
