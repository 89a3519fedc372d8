import { sumOf } from '../../core/sum.ts';
import type { Controller } from '../controller.ts';
import { peerController, type PeerOptions, type PeerReading } from './peer.ts';

const EVERY_MS = 60_000;
/** Minutes in a row before the alarm for scaling up, and before the one for scaling down. */
const HIGH_ALARM = 3;
const LOW_ALARM = 15;
/** The low alarm's threshold as a share of the target. */
const LOW_SHARE = 0.9;
const COOLDOWN_MS = 300_000;

/**
 * Target tracking on the backlog per instance, as AWS describes it for a queue: the target is the allowed wait
 * divided by the mean service time (the true one), times the jobs an instance runs at once. At least one instance runs:
 * the rule divides by the running instances, so it cannot leave zero.
 */
export function aws(
  options: PeerOptions,
  maxWaitMs: number,
  serviceMs: number,
  concurrency: number,
): Controller {
  const target = Math.max(1, (concurrency * maxWaitMs) / serviceMs);
  let [high, low, upAt, downAt] = [0, 0, -Infinity, -Infinity];
  const rule = ({ at, quantity, ready, queues }: PeerReading): number => {
    const visible = sumOf(queues, ({ waiting, prioritized, due }) => waiting + prioritized + due);
    const perInstance = visible / Math.max(1, ready);
    high = perInstance > target ? high + 1 : 0;
    low = perInstance < LOW_SHARE * target ? low + 1 : 0;
    const desired = Math.ceil((quantity * perInstance) / target);
    if (high >= HIGH_ALARM && at - upAt >= COOLDOWN_MS) {
      upAt = at;
      return Math.max(quantity, desired);
    }
    const calm = at - upAt >= COOLDOWN_MS && at - downAt >= COOLDOWN_MS;
    if (low >= LOW_ALARM && calm) {
      downAt = at;
      return Math.min(quantity, desired);
    }
    return quantity;
  };
  return peerController('AWS tracking', EVERY_MS, { ...options, min: Math.max(1, options.min) }, rule);
}
