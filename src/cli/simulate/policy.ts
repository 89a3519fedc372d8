import { cronSchedule } from '../../adapters/cron/schedule.ts';
import { prefixesOf, type Environment } from '../../config/environment.ts';
import type { ProcessTypeSettings } from '../../config/settings.ts';
import { assumed } from '../assumed.ts';
import { viewSettingsFrom } from '../settings.ts';
import { POLICY_FLAGS, type PolicyFlags } from './policy-flags.ts';

/** Settings that shape a decision and have no flag. */
const OTHER_VARIABLES = ['MAX_STEP_UP', 'MAX_STEP_DOWN', 'SCHEDULE', 'TIME_ZONE'] as const;

/** Required settings that a simulation does not use. */
const NOWHERE = {
  REDIS_URL: 'redis://127.0.0.1',
  HEROKU_APP_NAME: 'simulated',
  QUEUES: '*',
} as const;

export type SimulatedPolicy = {
  readonly settings: ProcessTypeSettings;
  readonly tickMs: number;
  readonly bootMs: number;
  readonly maxWaitMs: number;
  /** Absent: that of the workload. */
  readonly concurrency: number | undefined;
};

/**
 * The policy from the flags and the settings, those of one app and process type where they are named. Throws a SettingsError that
 * lists every problem.
 */
export function policyFrom(
  env: Environment,
  flags: PolicyFlags,
  { app, processType: processTypeName }: { readonly app?: string; readonly processType?: string } = {},
): SimulatedPolicy {
  const prefixes = prefixesOf(app, processTypeName);
  const valueOf = (variable: string): string | undefined =>
    prefixes.map((prefix) => env[prefix + variable]).find((value) => value !== undefined);
  const flagged = Object.entries(POLICY_FLAGS).map(
    ([name, [, variable]]) => [variable, flags[name as keyof PolicyFlags] ?? valueOf(variable)] as const,
  );
  const others = OTHER_VARIABLES.map((variable) => [variable, valueOf(variable)] as const);
  const { settings } = viewSettingsFrom({ ...NOWHERE, ...Object.fromEntries([...flagged, ...others]) });
  const [processType] = settings.processTypes;
  if (!processType) throw new RangeError('settings without a process type');
  return {
    settings: processType,
    tickMs: cronSchedule(settings.schedule, settings.timeZone).shortestMs,
    ...assumed(processType),
    concurrency: processType.concurrency,
  };
}
