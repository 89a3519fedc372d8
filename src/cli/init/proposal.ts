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

/** A job that waited for less was on its way to a free worker. */
const QUEUED_MS = 1000;

/**
 * Jobs that one dyno runs at once, as far as completed jobs and those now there show: the most at the same time while
 * another waited, over the dynos there are. While none waits, the workers may have room, and what is seen says nothing.
 * Never more than the workers can. Undefined where it is not seen, or no more than one.
 */
export function seenConcurrency(
  { jobs }: CompletedJobs,
  now: { readonly running: number; readonly waiting: number },
  dynos: number | undefined,
): number | undefined {
  if (dynos === undefined || dynos === 0) return undefined;
  const events = jobs
    .flatMap(({ readyAt, startedAt, endedAt, retried }) => [
      { at: startedAt, running: 1, waiting: 0 },
      { at: endedAt, running: -1, waiting: 0 },
      ...(retried || startedAt - readyAt <= QUEUED_MS
        ? []
        : [
            { at: readyAt + QUEUED_MS, running: 0, waiting: 1 },
            { at: startedAt, running: 0, waiting: -1 },
          ]),
    ])
    // At one instant, jobs end and leave the queue before others begin.
    .toSorted((a, b) => a.at - b.at || a.running + a.waiting - (b.running + b.waiting));
  let [running, waiting] = [0, 0];
  let most = now.waiting > 0 ? now.running : 0;
  for (const event of events) {
    running += event.running;
    waiting += event.waiting;
    if (waiting > 0) most = Math.max(most, running);
  }
  const each = Math.floor(most / dynos);
  return each > 1 ? each : undefined;
}
