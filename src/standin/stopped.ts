/**
 * Why a dyno or pod was stopped: `rollout` for a new release, restart or template; `deletion` where a client named it, or
 * its owner is gone.
 */
export type StopReason = 'scale-down' | 'rollout' | 'eviction' | 'deletion';

/** The end of a process that got SIGTERM from its platform. Times are epoch ms. */
export type StoppedProcess = {
  readonly pid: number;
  readonly sigtermAt: number;
  /** Absent: it ended within its grace time. */
  readonly sigkillAt?: number;
  readonly endedAt: number;
};

/** A dyno or pod that was stopped while it had a process. */
export type Stopped = StoppedProcess & {
  readonly name: string;
  /** Its process type, or its workload. */
  readonly type: string;
  readonly because: StopReason;
};

const MOST_KEPT = 10_000;

/** Adds to a list that keeps the last 10,000. */
export function recordStop(log: Stopped[], stopped: Stopped): void {
  log.push(stopped);
  if (log.length > MOST_KEPT) log.shift();
}
