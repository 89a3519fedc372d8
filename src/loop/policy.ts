import { limitAt, type Standing } from '../core/standing.ts';
import type { Policy } from '../core/types.ts';
import { windowAt, type LimitsWindow } from '../config/limits.ts';
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
  const window = settings.limits && windowAt(settings.limits, at);
  const limit = limitAt(standing, at);
  const { min, max } = window ?? settings;
  return {
    sizing:
      settings.maxWaitMs === undefined
        ? { kind: 'backlog', jobsPerWorker: settings.jobsPerWorker }
        : {
            kind: 'wait',
            maxWaitMs: settings.maxWaitMs,
            maxWaitMsByQueue: settings.maxWaitMsByQueue,
            jobsPerWorker: settings.jobsPerWorker,
          },
    min: Math.min(min, limit),
    max: Math.min(max, limit),
    boundsNote: boundsNote(min, max, window, limit),
    concurrency: settings.concurrency ?? standing.concurrency ?? DEFAULT_CONCURRENCY,
    bootMs: bootMsOf(settings, standing),
    tickMs,
    scaleDownDelayMs: settings.scaleDownDelayMs,
    maxStepUp: settings.maxStepUp,
    maxStepDown: settings.maxStepDown,
    drainTimeoutMs: settings.drainTimeoutMs,
  };
}

/** Where the bounds come from, when that is not the plain settings. */
function boundsNote(
  min: number,
  max: number,
  window: LimitsWindow | undefined,
  limit: number,
): string | undefined {
  const ofWindow = window === undefined ? [] : [`${min} to ${max} since "${window.cron}"`];
  const ofPlatform = limit < max ? [`Heroku allows ${limit}`] : [];
  const notes = [...ofWindow, ...ofPlatform];
  return notes.length === 0 ? undefined : notes.join(', ');
}

export function bootMsOf(settings: ProcessTypeSettings, standing: Standing | undefined): number {
  return settings.bootMs ?? standing?.bootMs ?? DEFAULT_BOOT_MS;
}
