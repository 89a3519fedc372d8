import type { Environment } from '../config/load.ts';
import type { ProcessTypeSettings } from '../config/settings.ts';

/** Each flag stands for the setting of the same meaning, and is checked as that. */
export const POLICY_FLAGS = [
  { name: 'maxWait', variable: 'MAX_WAIT_SECONDS', flag: '--max-wait <s>', about: 'MAX_WAIT_SECONDS' },
  {
    name: 'jobsPerWorker',
    variable: 'JOBS_PER_WORKER',
    flag: '--jobs-per-worker <n>',
    about: 'JOBS_PER_WORKER',
  },
  { name: 'min', variable: 'MIN_WORKERS', flag: '--min <n>', about: 'MIN_WORKERS' },
  { name: 'max', variable: 'MAX_WORKERS', flag: '--max <n>', about: 'MAX_WORKERS' },
  {
    name: 'concurrency',
    variable: 'WORKER_CONCURRENCY',
    flag: '--concurrency <n>',
    about: 'WORKER_CONCURRENCY',
  },
  { name: 'boot', variable: 'BOOT_SECONDS', flag: '--boot <s>', about: 'BOOT_SECONDS' },
  {
    name: 'delay',
    variable: 'SCALE_DOWN_DELAY_SECONDS',
    flag: '--scale-down-delay <s>',
    about: 'SCALE_DOWN_DELAY_SECONDS',
  },
] as const;

export type PolicyFlags = { readonly [Name in (typeof POLICY_FLAGS)[number]['name']]?: string };

/** Settings that shape a decision and have no flag. */
const OTHER_VARIABLES = ['MAX_STEP_UP', 'MAX_STEP_DOWN', 'SCHEDULE', 'TIME_ZONE'] as const;

/** What the loader wants beside the policy. Nothing is ever connected to. */
const NOWHERE = {
  REDIS_URL: 'redis://127.0.0.1',
  HEROKU_APP_NAME: 'simulated',
  HEROKU_API_KEY: 'simulated',
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

/** The policy of the settings that are set, under the flags. Throws a SettingsError that lists every problem. */
export async function policyFrom(env: Environment, flags: PolicyFlags): Promise<SimulatedPolicy> {
  // Loaded when asked for: this file is part of what `--help` loads.
  const [{ settingsFrom }, { cronSchedule }] = await Promise.all([
    import('./settings.ts'),
    import('../adapters/cron/schedule.ts'),
  ]);
  const asked = POLICY_FLAGS.map(({ name, variable }) => [variable, flags[name] ?? env[variable]] as const);
  const others = OTHER_VARIABLES.map((variable) => [variable, env[variable]] as const);
  const { settings } = settingsFrom({ ...NOWHERE, ...Object.fromEntries([...asked, ...others]) });
  const [processType] = settings.processTypes;
  if (!processType) throw new RangeError('settings without a process type');
  return {
    settings: processType,
    tickMs: cronSchedule(settings.schedule, settings.timeZone).intervalMs,
    bootMs: processType.bootMs ?? DEFAULT_BOOT_MS,
    maxWaitMs: processType.maxWaitMs ?? DEFAULT_MAX_WAIT_MS,
    concurrency: processType.concurrency,
  };
}
