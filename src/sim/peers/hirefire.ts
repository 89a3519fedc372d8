import { sumOf } from '../../core/sum.ts';
import type { Controller } from '../controller.ts';
import { latencySeconds, peerController, type PeerOptions, type PeerReading } from './peer.ts';

/** The basic plan checks every minute. */
const EVERY_MS = 60_000;

/** As its BullMQ macro counts: with running jobs, without prioritized ones. */
function size({ queues }: PeerReading): number {
  return sumOf(queues, ({ waiting, due, active }) => waiting + due + active);
}

/**
 * HireFire by job queue size: one dyno per `jobsPerWorker` jobs, up at once. By default it is not decrementable: it goes
 * down only when no job is left, and then to the minimum. No default ratio is documented.
 */
export function hirefireRatio(options: PeerOptions, jobsPerWorker: number): Controller {
  return peerController('HireFire ratio', EVERY_MS, options, (reading) => {
    const jobs = size(reading);
    return jobs === 0 ? options.min : Math.max(reading.quantity, Math.ceil(jobs / jobsPerWorker));
  });
}

/**
 * HireFire by latency: one dyno more above the maximum, one fewer below the minimum; from zero the first job starts one.
 * Its BullMQ macro has no latency: a user's own endpoint would have to report it. No default thresholds are documented:
 * here the maximum is the allowed wait, the minimum half of that.
 */
export function hirefireLatency(options: PeerOptions, maxWaitMs: number): Controller {
  return peerController('HireFire latency', EVERY_MS, options, (reading) => {
    const { quantity } = reading;
    if (quantity === 0) return size(reading) > 0 ? 1 : 0;
    const latency = latencySeconds(reading);
    if (latency > maxWaitMs / 1000) return quantity + 1;
    if (latency >= maxWaitMs / 2000) return quantity;
    // The last dyno stops only when no job is left; otherwise the remaining job would start it again.
    return quantity === 1 && size(reading) > 0 ? 1 : quantity - 1;
  });
}
