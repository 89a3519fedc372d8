import type { Controller } from '../controller.ts';
import { peerController, type PeerOptions, type PeerReading } from './peer.ts';

/** HPA's sync period. KEDA's own polls, which matter only between 0 and 1, are every second one. */
const SYNC_MS = 15_000;
const POLL_MS = 30_000;
const COOLDOWN_MS = 300_000;
const DOWN_WINDOW_MS = 300_000;
const TOLERANCE = 0.1;
/** Scale-up adds this many pods per 15 s or doubles them, whichever is more. Scale-down (100 % per 15 s) is unlimited. */
const PODS_PER_PERIOD = 4;

type Recommendation = { readonly at: number; readonly count: number };

/**
 * KEDA's Redis list trigger on each queue's wait list (the largest of several triggers counts), behind the HPA with its
 * default behaviour. `listLength` jobs a pod; KEDA's default is 5.
 */
export function keda(options: PeerOptions, listLength = 5): Controller {
  let recommended: Recommendation[] = [];
  let activeAt = -Infinity;
  let polledAt = -Infinity;

  const desiredFor = ({ quantity, queues }: PeerReading): number => {
    const targets = queues.map(({ waiting }) => {
      const ratio = waiting / (listLength * quantity);
      return Math.abs(ratio - 1) <= TOLERANCE ? quantity : Math.ceil(waiting / listLength);
    });
    return Math.max(Math.max(1, options.min), ...targets);
  };

  const stabilized = (at: number, quantity: number, desired: number): number => {
    recommended = recommended.filter(
      (earlier) => at - earlier.at <= DOWN_WINDOW_MS && earlier.count > desired,
    );
    recommended.push({ at, count: desired });
    if (desired >= quantity) return desired;
    return Math.min(quantity, recommended[0]?.count ?? desired);
  };

  return peerController('KEDA + HPA', SYNC_MS, options, (reading) => {
    const { at, quantity, queues } = reading;
    const poll = at - polledAt >= POLL_MS;
    if (poll) polledAt = at;
    const active = queues.some(({ waiting }) => waiting > 0);
    if (poll && active) activeAt = at;
    if (quantity === 0) return poll && active ? Math.max(1, options.min) : 0;
    if (poll && options.min === 0 && at - activeAt > COOLDOWN_MS) {
      recommended = [];
      return 0;
    }
    const desired = stabilized(at, quantity, desiredFor(reading));
    return Math.min(desired, Math.max(quantity + PODS_PER_PERIOD, 2 * quantity));
  });
}
