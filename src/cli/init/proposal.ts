import type { CompletedJobs } from '../../adapters/bullmq/completed-jobs.ts';
import type { ProcessFacts } from '../../adapters/heroku/preflight.ts';
import { sumOf } from '../../core/sum.ts';
import { documentedLimits, findSize } from '../../heroku-sizes.ts';

/** More dynos than this are for the operator to choose: a mistake would cost more than a wait. */
const MOST_PROPOSED = 20;
/** Process types that are no workers of queues. */
const NO_WORKERS = new Set(['web', 'release', 'clock', 'drover', 'scheduler', 'postdeploy']);

/** The process types that may be the workers, the most likely first. */
export function candidates(processTypes: readonly string[]): string[] {
  return processTypes
    .filter((name) => !NO_WORKERS.has(name))
    .toSorted((a, b) => Number(b.includes('worker')) - Number(a.includes('worker')));
}

/** The process types of a Procfile. */
export function typesInProcfile(text: string): string[] {
  return [...text.matchAll(/^([-\w]+):/gm)].map(([, name = '']) => name);
}

/** The most dynos to propose, and what they would cost if all ran all month; absent: no known price. */
export function proposedMaximum(
  row: ProcessFacts | undefined,
  others: readonly ProcessFacts[],
  generation: string,
): number {
  if (row === undefined) return MOST_PROPOSED;
  const { perApp, perType } = documentedLimits(generation, row.size);
  const limit = Math.min(perType, perApp - sumOf(others, ({ quantity }) => quantity));
  return Math.max(1, Math.min(limit, Math.max(MOST_PROPOSED, 2 * row.quantity)));
}

/** Dollars at list price for a quantity that runs all month; undefined without a price per dyno. */
export function monthlyUsd(quantity: number, size: string | undefined): number | undefined {
  const found = findSize(size ?? '');
  return found === undefined || found.tier === 'Eco' ? undefined : quantity * found.dollarsAMonth;
}

/**
 * Jobs that one dyno runs at once, as far as completed jobs and those running now show: the most at the same time, over the
 * dynos there are. Never more than the workers can, and less where they were not busy. Undefined where they show no more than one.
 */
export function seenConcurrency(
  { jobs }: CompletedJobs,
  runningNow: number,
  dynos: number | undefined,
): number | undefined {
  if (dynos === undefined || dynos === 0) return undefined;
  const events = jobs
    .flatMap(({ startedAt, endedAt }) => [
      { at: startedAt, step: 1 },
      { at: endedAt, step: -1 },
    ])
    // At one instant, jobs end before others begin.
    .toSorted((a, b) => a.at - b.at || a.step - b.step);
  let running = 0;
  let most = runningNow;
  for (const { step } of events) {
    running += step;
    most = Math.max(most, running);
  }
  const each = Math.floor(most / dynos);
  return each > 1 ? each : undefined;
}
