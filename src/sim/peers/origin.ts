import { sumOf } from '../../core/sum.ts';
import type { Controller } from '../controller.ts';
import { peerController } from './peer.ts';

const EVERY_MS = 600_000;
const JOBS_PER_WORKER = 100;
const MIN = 3;
const MAX = 50;

/** The rule this project started from: every ten minutes waiting jobs / 100, rounded down, 3 to 50. */
export function origin(): Controller {
  return peerController('origin rule', EVERY_MS, { min: MIN, max: MAX }, ({ queues }) =>
    Math.trunc(sumOf(queues, ({ waiting, prioritized }) => waiting + prioritized) / JOBS_PER_WORKER),
  );
}
