/**
 * `off`: running jobs are ignored. `unnamed`: they are read, but their workers have no name. `named`: a worker's name
 * is its dyno's. `cooperating`: by the helper.
 */
export type Level = 'off' | 'unnamed' | 'named' | 'cooperating';

export type FleetOptions = {
  readonly level: Level;
  readonly concurrency: number;
  /** Process types side by side, each with its queue of the same name. */
  readonly types: readonly string[];
  /** MAX_WORKERS; default 4. */
  readonly mostDynos?: number;
  /** What a real second is made of: 0.05 makes the platform's 30 s of grace 1.5 s. */
  readonly scale: number;
  /** Real ms by which the grace time is longer than in proportion: for a machine whose cores are taken. */
  readonly slackMs?: number;
};

export const APP = 'soak';
export const LEAST_DYNOS = 1;
export const MOST_DYNOS = 4;
export const TICK_MS = 10_000;
export const BOOT_MS = 20_000;
export const SCALE_DOWN_DELAY_MS = 20_000;
const GRACE_MS = 30_000;
/** BullMQ's default: after this time the lock of a dead worker lapses, and with every check its job may be taken again. */
export const LOCK_MS = 30_000;
/** Of the locks themselves, in real ms: none lapses under a job that runs, however long the machine stands still. */
const SAFE_LOCK_MS = 3_600_000;

/** From SIGTERM to SIGKILL, in real ms. */
export function graceMs({ scale, slackMs = 0 }: Pick<FleetOptions, 'scale' | 'slackMs'>): number {
  return GRACE_MS * scale + slackMs;
}

/** BullMQ's times and the helper's: in proportion, but for the locks, which the fleet frees (`LockRelease`). */
export function timing({ scale }: Pick<FleetOptions, 'scale'>): string {
  return JSON.stringify({
    worker: { drainDelay: 5 * scale, lockDuration: SAFE_LOCK_MS, stalledInterval: LOCK_MS * scale },
    cooperate: {
      heartbeatMs: 1000 * scale,
      firstAnswerTimeoutMs: 5000 * scale,
      closeTimeoutMs: 27_000 * scale,
      handBackDelayMs: 10_000 * scale,
    },
  });
}
