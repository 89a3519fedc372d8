/** Between SIGTERM and SIGKILL. */
export const GRACE_MS = 30_000;
/** A worker renews a job's lock to 30 s every 15 s, so the lock outlives a killed worker by 15 to 30 s. */
export const LOCK_OUTLIVES_MS = [15_000, 30_000] as const;
/** From the kill to the next attempt, as measured: the stalled check of other workers needs two rounds of 30 s. */
export const RERUN_MS = [60_000, 90_000] as const;
/** The round of the stalled check: without a live worker the next chance comes one round later. */
export const CHECK_MS = 30_000;
/** BullMQ's maxStalledCount is 1: the second kill fails the job, whatever its `attempts`. */
export const DEATHS_ALLOWED = 1;
