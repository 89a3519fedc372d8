import type { Environment } from '../config/environment.ts';
import type { ProcessTypeSettings } from '../config/settings.ts';

/** Each flag stands for a setting and is checked as that; the key is the flag's name as commander gives it. */
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

/** Settings that shape a decision and have no flag. */
const OTHER_VARIABLES = ['MAX_STEP_UP', 'MAX_STEP_DOWN', 'SCHEDULE', 'TIME_ZONE'] as const;

/** What the loader wants beside the policy. Nothing is ever connected to. */
const NOWHERE = {
  REDIS_URL: 'redis://127.0.0.1',
  HEROKU_APP_NAME: 'simulated',
  QUEUES: '*',
} as const;

const DEFAULT_BOOT_MS = 30_000;
/** With the backlog rule no wait is promised; this is what "late" then means. */
const DEFAULT_MAX_WAIT_MS = 60_000;

export type SimulatedPolicy = {
  readonly settings: ProcessTypeSettings;
  readonly tickMs: number;
  readonly bootMs: number;
  readonly maxWaitMs: number;
  /** Absent: the workload's own. */
  readonly concurrency: number | undefined;
};

/**
 * The policy of the settings that are set, under the flags; those of one process type where it is named. Throws a
 * SettingsError that lists every problem.
 */
export async function policyFrom(
  env: Environment,
  flags: PolicyFlags,
  processTypeName?: string,
): Promise<SimulatedPolicy> {
  // Loaded when asked for: this file is part of what `--help` loads.
  const [{ viewSettingsFrom }, { cronSchedule }, { prefixOf }] = await Promise.all([
    import('./settings.ts'),
    import('../adapters/cron/schedule.ts'),
    import('../config/environment.ts'),
  ]);
  const prefix = processTypeName === undefined ? '' : prefixOf(processTypeName);
  const valueOf = (variable: string): string | undefined => env[prefix + variable] ?? env[variable];
  const asked = Object.entries(POLICY_FLAGS).map(
    ([name, [, variable]]) => [variable, flags[name as keyof PolicyFlags] ?? valueOf(variable)] as const,
  );
  const others = OTHER_VARIABLES.map((variable) => [variable, valueOf(variable)] as const);
  const { settings } = viewSettingsFrom({ ...NOWHERE, ...Object.fromEntries([...asked, ...others]) });
  const [processType] = settings.processTypes;
  if (!processType) throw new RangeError('settings without a process type');
  return {
    settings: processType,
    tickMs: cronSchedule(settings.schedule, settings.timeZone).shortestMs,
    bootMs: processType.bootMs ?? DEFAULT_BOOT_MS,
    maxWaitMs: processType.maxWaitMs ?? DEFAULT_MAX_WAIT_MS,
    concurrency: processType.concurrency,
  };
}
