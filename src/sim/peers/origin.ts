import type { Controller } from '../controller.ts';
import { peerController, sum } from './peer.ts';

const EVERY_MS = 600_000;
const JOBS_PER_WORKER = 100;
const MIN = 3;
const MAX = 50;

/** The forty-line rule this project started from: every ten minutes the waiting jobs by a hundred, cut off, 3 to 50. */
export function origin(): Controller {
  return peerController('origin rule', EVERY_MS, { min: MIN, max: MAX }, ({ queues }) =>
    Math.trunc(sum(queues, ({ waiting, prioritized }) => waiting + prioritized) / JOBS_PER_WORKER),
  );
}
