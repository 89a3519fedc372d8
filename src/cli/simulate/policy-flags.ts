/** Flags that stand for a setting and are validated as one. The key is the flag's name as commander gives it. */
export const POLICY_FLAGS = {
  maxWait: ['--max-wait <s>', 'MAX_WAIT_SECONDS'],
  jobsPerWorker: ['--jobs-per-worker <n>', 'JOBS_PER_WORKER'],
  min: ['--min <n>', 'MIN_WORKERS'],
  max: ['--max <n>', 'MAX_WORKERS'],
  concurrency: ['--concurrency <n>', 'WORKER_CONCURRENCY'],
  boot: ['--boot <s>', 'BOOT_SECONDS'],
  scaleDownDelay: ['--scale-down-delay <s>', 'SCALE_DOWN_DELAY_SECONDS'],
} as const;

export type PolicyFlags = { readonly [Name in keyof typeof POLICY_FLAGS]?: string };
