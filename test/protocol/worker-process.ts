import { drainedUnder, mustDrain, type Addressed } from '../../src/worker/drain-rule.ts';
import type { StoredDrainRequest } from '../../src/worker/keys.ts';
import type { Report, SharedFlaws } from './shared.ts';

/** One worker process, as far as the protocol sees it. */
export type WorkerProcess = {
  /** It has had its first heartbeat. */
  readonly up: boolean;
  readonly paused: boolean;
  /** A fetch is pending, which may outlast the start of a pause. */
  readonly fetching: boolean;
  readonly busy: boolean;
  readonly request: StoredDrainRequest | null;
};

export const BOOTING_PROCESS: WorkerProcess = {
  up: false,
  paused: false,
  fetching: false,
  busy: false,
  request: null,
};

/** It waits for a job. */
export const IDLE_PROCESS: WorkerProcess = { ...BOOTING_PROCESS, up: true, fetching: true };

/** One heartbeat: reports, reads the drain request and follows it. A process comes up with its first heartbeat. */
export function heartbeatOf<P extends WorkerProcess>(
  process: P,
  address: Addressed,
  request: StoredDrainRequest | null,
  flaws: SharedFlaws,
): { readonly process: P; readonly report: Report } {
  const settled =
    process.paused && !process.busy && (flaws.pausedCountsAsDrained === true || !process.fetching);
  const resting = drainedUnder(address, process.request ?? undefined, settled);
  const gated = process.up || flaws.noStartGate !== true;
  const paused = mustDrain(address, request ?? undefined) && gated;
  const fetching = process.fetching || !(paused || process.busy);
  return {
    process: { ...process, up: true, request: paused ? request : null, paused, fetching },
    report: { resting },
  };
}

/** What a process that is up may do next: take a waiting job, end a fetch that is pending under a pause, end its job. */
export function stepsOf<P extends WorkerProcess>(
  process: P,
  waiting: number,
): { readonly process: P; readonly waiting: number }[] {
  const { paused, fetching, busy } = process;
  const next: { process: P; waiting: number }[] = [];
  if (fetching && !busy && waiting > 0) {
    next.push({ process: { ...process, busy: true, fetching: false }, waiting: waiting - 1 });
  }
  if (paused && fetching) next.push({ process: { ...process, fetching: false }, waiting });
  if (busy) next.push({ process: { ...process, busy: false, fetching: !paused }, waiting });
  return next;
}

/** It has followed its request for `forMs` without Redis, and takes jobs again. */
export function withoutRedis<P extends WorkerProcess>(process: P): P {
  return { ...process, paused: false, request: null, fetching: !process.busy };
}
