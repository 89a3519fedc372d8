import { limitAt, type Standing } from '../core/standing.ts';
import type { Policy } from '../core/types.ts';
import type { ProcessTypeSettings } from '../config/settings.ts';

/** Until it is learned or set. */
const DEFAULT_BOOT_MS = 30_000;
const DEFAULT_CONCURRENCY = 1;

/** What the operator chose for a process type, as the decision wants it, under the limit the platform taught us. */
export function policyAt(
  settings: ProcessTypeSettings,
  standing: Standing,
  tickMs: number,
  at: number,
): Policy {
  const max = Math.min(settings.max, limitAt(standing, at));
  return {
    sizing:
      settings.maxWaitMs === undefined
        ? { kind: 'backlog', jobsPerWorker: settings.jobsPerWorker }
        : { kind: 'wait', maxWaitMs: settings.maxWaitMs, jobsPerWorker: settings.jobsPerWorker },
    min: Math.min(settings.min, max),
    max,
    concurrency: settings.concurrency ?? standing.concurrency ?? DEFAULT_CONCURRENCY,
    bootMs: bootMsOf(settings, standing),
    tickMs,
    scaleDownDelayMs: settings.scaleDownDelayMs,
    maxStepUp: settings.maxStepUp,
    maxStepDown: settings.maxStepDown,
    drainTimeoutMs: settings.drainTimeoutMs,
  };
}

export function bootMsOf(settings: ProcessTypeSettings, standing: Standing | undefined): number {
  return settings.bootMs ?? standing?.bootMs ?? DEFAULT_BOOT_MS;
}
