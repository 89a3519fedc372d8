import { sumOf } from '../../core/sum.ts';
import type { Controller } from '../controller.ts';
import { peerController, type PeerOptions } from './peer.ts';

const EVERY_MS = 30_000;
const HISTORY_MS = 120_000;
/** Its default standard deviation is half of the mean, and it aims at the 99th percentile of a normal distribution. */
const SPREAD = 0.5;
const NORMAL_99 = 2.3263;

/**
 * guv: enough workers that the 99th percentile of the jobs is done within the deadline. Its user has to know the mean
 * processing time; here it is the true one. Up at once, down to the largest quantity of its history.
 */
export function guv(
  options: PeerOptions,
  deadlineMs: number,
  processingMs: number,
  concurrency: number,
): Controller {
  const history: { readonly at: number; readonly count: number }[] = [];
  const target = deadlineMs - processingMs * (1 + SPREAD * NORMAL_99);
  const available = Math.max(processingMs, target - processingMs);
  return peerController('guv', EVERY_MS, options, ({ at, quantity, queues }) => {
    // A RabbitMQ queue's length counts what is being worked on until it is acknowledged.
    const jobs = sumOf(
      queues,
      ({ waiting, prioritized, due, active }) => waiting + prioritized + due + active,
    );
    const desired = Math.ceil((Math.ceil(jobs / concurrency) * processingMs) / available);
    history.push({ at, count: desired });
    while (history[0] && at - history[0].at > HISTORY_MS) history.shift();
    return desired > quantity ? desired : Math.min(quantity, Math.max(...history.map(({ count }) => count)));
  });
}
