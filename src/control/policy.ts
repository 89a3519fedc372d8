import type { PlatformWords } from '../core/platform.ts';
import { bootMsAt, concurrencyAt, limitAt, type ScalingState } from '../core/scaling-state.ts';
import { sumOf } from '../core/sum.ts';
import type { Policy } from '../core/types.ts';
import { windowAt, windowText, type LimitsWindow } from '../config/limits.ts';
import type { ProcessTypeSettings } from '../config/settings.ts';
import type { FormationState } from '../ports/platform.ts';

/** Until it is learned or set. */
const DEFAULT_BOOT_MS = 30_000;
const DEFAULT_CONCURRENCY = 1;

/**
 * The operator's settings for a process type as a policy, under the limit that the platform's refusals showed. That limit is
 * only believed, so it never removes running workers and never undercuts the operator's minimum.
 */
export function policyAt(
  settings: ProcessTypeSettings,
  scaling: ScalingState,
  formation: Pick<FormationState, 'quantity' | 'others' | 'limit' | 'size'> & {
    readonly platform: PlatformWords;
  },
  at: number,
): Omit<Policy, 'tickMs'> {
  const window = settings.limits && windowAt(settings.limits, at);
  const { platform } = formation;
  const limit = Math.min(platformLimitAt(scaling, formation, at).count, formation.limit?.count ?? Infinity);
  const { min, max } = window ?? settings;
  const most = Math.max(min, Math.min(max, Math.max(limit, formation.quantity)));
  return {
    sizing:
      settings.maxWaitMs === undefined
        ? { kind: 'backlog', jobsPerWorker: settings.jobsPerWorker }
        : {
            kind: 'wait',
            maxWaitMs: settings.maxWaitMs,
            maxWaitPercent: settings.maxWaitPercent,
            maxWaitMsByQueue: settings.maxWaitMsByQueue,
            jobsPerWorker: settings.jobsPerWorker,
          },
    min,
    max: most,
    boundsNote: boundsNote(
      { min, max },
      window,
      limit < max ? limitNote(platform.name, limit, formation.limit) : undefined,
    ),
    concurrency: settings.concurrency ?? concurrencyAt(scaling, at) ?? DEFAULT_CONCURRENCY,
    bootMs: bootMsOf(settings, scaling, at),
    scaleDownDelayMs: settings.scaleDownDelayMs,
    maxStepUp: settings.maxStepUp,
    maxStepDown: settings.maxStepDown,
    drainTimeoutMs: settings.drainTimeoutMs,
    noun: platform.noun,
    nameVariable: platform.nameVariable,
    monthlyPricePerWorker: platform.monthlyPricePerWorker?.(settings.dynoSize ?? formation.size),
  };
}

/** Where the bounds come from, when that is not the plain settings. */
function boundsNote(
  { min, max }: { readonly min: number; readonly max: number },
  window: LimitsWindow | undefined,
  ofPlatform: string | undefined,
): string | undefined {
  const ofWindow = window === undefined ? [] : [`${min} to ${max}, ${windowText(window)}`];
  const notes = [...ofWindow, ...(ofPlatform === undefined ? [] : [ofPlatform])];
  return notes.length === 0 ? undefined : notes.join(', ');
}

function limitNote(name: string, count: number, seen: FormationState['limit']): string {
  return seen?.count === count
    ? `${name} runs no more than ${count}: ${seen.reason}`
    : `${name} allows ${count}`;
}

export function bootMsOf(
  settings: ProcessTypeSettings,
  scaling: ScalingState | undefined,
  at: number,
): number {
  return settings.bootMs ?? bootMsAt(scaling, at) ?? DEFAULT_BOOT_MS;
}

/** What the platform allows the type beside the app's other workers, and until when that is believed (epoch ms). */
export function platformLimitAt(
  scaling: ScalingState,
  { others }: Pick<FormationState, 'others'>,
  at: number,
): ReturnType<typeof limitAt> {
  return limitAt(
    scaling,
    sumOf(others.values(), (quantity) => quantity),
    at,
  );
}
