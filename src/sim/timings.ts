/** Between SIGTERM and SIGKILL. */
export const GRACE_MS = 30_000;
/** A worker renews a job's lock every 15 s for 30 s, so the lock outlives its worker by something between the two. */
export const LOCK_OUTLIVES_MS = [15_000, 30_000] as const;
/** From the kill to the run again, as measured: the stalled check of the survivors needs two of its rounds of 30 s. */
export const RERUN_MS = [60_000, 90_000] as const;
/** With no worker to check for stalled jobs, look again after a round. */
export const CHECK_MS = 30_000;
/** BullMQ's maxStalledCount is 1: the second death fails the job, whatever its attempts. */
export const DEATHS_ALLOWED = 1;
