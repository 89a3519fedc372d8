/** Seconds from SIGTERM to SIGKILL: Heroku's, and the default of Kubernetes. */
export const DEFAULT_GRACE_SECONDS = 30;

/** So long before its end `cooperate` hands running jobs back: Redis may take 2 s to store them, and the process has to end. */
export const HANDED_BACK_BEFORE_SECONDS = 3;
