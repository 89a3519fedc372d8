import { namePattern } from '../../adapters/bullmq/queue-names.ts';
import { hiddenWindows, windowText } from '../../config/limits.ts';
import type { ProcessTypeSettings } from '../../config/settings.ts';
import { nearMiss } from '../../config/near-miss.ts';
import { span } from '../views/figures.ts';
import { warn, type Check } from './check.ts';
import type { CheckWords } from './words.ts';

/** A ramp to the maximum that takes longer than this is most likely not meant. */
const LONGEST_RAMP_MS = 300_000;

/** The times that a process type's settings have to fit. */
export type Timing = {
  readonly tickMs: number;
  /** As set, learned, or assumed. */
  readonly bootMs: number;
};

/** Whether the settings of a process type fit together: waits, boots, bounds, steps and windows. */
export function checkSizing(settings: ProcessTypeSettings, timing: Timing, words: CheckWords): Check[] {
  return [
    ...waitChecks(settings, timing, words),
    ...queueWaitChecks(settings),
    ...boundsChecks(settings),
    ...stepChecks(settings, timing, words),
    ...downChecks(settings, timing, words),
    ...windowChecks(settings),
  ];
}

function waitChecks(
  { processType, maxWaitMs, maxWaitMsByQueue = {} }: ProcessTypeSettings,
  { tickMs, bootMs }: Timing,
  { noun }: CheckWords,
): Check[] {
  if (maxWaitMs === undefined) return [];
  const name = `wait of ${processType}`;
  const shortestMs = Math.min(maxWaitMs, ...Object.values(maxWaitMsByQueue));
  if (shortestMs < tickMs) {
    return [
      warn(
        name,
        `a job is to start within ${span(shortestMs)}, but outside of bursts Drover decides only every ${span(tickMs)}`,
        'Raise MAX_WAIT_SECONDS, or tick more often with SCHEDULE.',
      ),
    ];
  }
  if (shortestMs >= tickMs + bootMs) return [];
  return [
    warn(
      name,
      `a job is to start within ${span(shortestMs)}, but a new ${noun} takes a tick and a boot, ${span(tickMs + bootMs)}: in a burst only ${noun}s that run already are in time`,
      `Raise MAX_WAIT_SECONDS above ${Math.ceil((tickMs + bootMs) / 1000)}, or keep enough ${noun}s for a burst with MIN_WORKERS.`,
    ),
  ];
}

function queueWaitChecks({ queues, maxWaitMsByQueue = {} }: ProcessTypeSettings): Check[] {
  return Object.keys(maxWaitMsByQueue)
    .filter((name) => !queues.some((pattern) => namePattern(pattern)(name)))
    .map((name) => {
      const meant = nearMiss(name, queues);
      return warn(
        'QUEUE_MAX_WAIT_SECONDS',
        `names ${name}, which QUEUES does not select: its wait has no effect`,
        `Correct the name${meant === undefined ? '' : ` (did you mean ${meant}?)`}, or add the queue to QUEUES.`,
      );
    });
}

function boundsChecks({ processType, min, max, limits }: ProcessTypeSettings): Check[] {
  if (min < max || limits !== undefined) return [];
  return [
    warn(
      `bounds of ${processType}`,
      `MIN_WORKERS and MAX_WORKERS are both ${min}, so Drover has nothing to scale`,
      'Lower MIN_WORKERS or raise MAX_WORKERS.',
    ),
  ];
}

function stepChecks(
  { processType, min, max, maxStepUp }: ProcessTypeSettings,
  { tickMs }: Timing,
  { name, noun }: CheckWords,
): Check[] {
  const rampMs = maxStepUp === undefined ? 0 : Math.ceil((max - min) / maxStepUp) * tickMs;
  if (rampMs <= LONGEST_RAMP_MS) return [];
  return [
    warn(
      `steps of ${processType}`,
      `with MAX_STEP_UP at ${maxStepUp}, it takes ${span(rampMs)} from MIN_WORKERS to MAX_WORKERS: a burst waits meanwhile`,
      `Unset MAX_STEP_UP: ${name} starts any number of ${noun}s at once.`,
    ),
  ];
}

function downChecks(
  { processType, scaleDownDelayMs, drainTimeoutMs }: ProcessTypeSettings,
  { bootMs }: Timing,
  { noun, killedAfter }: CheckWords,
): Check[] {
  return [
    ...(scaleDownDelayMs >= bootMs
      ? []
      : [
          warn(
            `scale-down of ${processType}`,
            `SCALE_DOWN_DELAY_SECONDS is ${scaleDownDelayMs / 1000}, less than a boot of ${span(bootMs)}: ${noun}s are removed and started again between batches`,
            `Set SCALE_DOWN_DELAY_SECONDS to ${Math.ceil(bootMs / 1000)} or more: an idle ${noun} costs less than a boot.`,
          ),
        ]),
    ...(drainTimeoutMs === 0
      ? [
          warn(
            `draining of ${processType}`,
            `DRAIN_TIMEOUT_SECONDS is 0, so busy ${noun}s are removed at once, and their jobs are cut off after ${killedAfter}`,
            'Unset DRAIN_TIMEOUT_SECONDS, or set it above the longest job.',
          ),
        ]
      : []),
  ];
}

function windowChecks({ processType, limits }: ProcessTypeSettings): Check[] {
  return hiddenWindows(limits?.windows ?? []).map((window) =>
    warn(
      `LIMITS of ${processType}`,
      `the window ${windowText(window)} never applies: windows listed before it cover it`,
      'List the narrower window first: of windows that overlap, the first listed applies.',
    ),
  );
}
