import * as v from 'valibot';

import { LIMITS_EXAMPLE, limitsProblem } from '../limits-problem.ts';
import { parseWindows } from '../limits.ts';
import { list, matching, percent, seconds, whole, type Spec } from './kinds.ts';

/** A queue's name may contain anything but a colon, so the last `=` separates it from its wait. */
const queueWaits = list(
  /^[^:]+=\d{1,5}(\.\d+)?$/,
  'queues with a wait in seconds each, such as high=10,reports=300',
);

/** All of these may differ by process type. */
export const SCALING = {
  DYNO_SIZE: {
    ...matching(/^[a-zA-Z0-9][a-zA-Z0-9.-]{1,40}$/, 'a dyno size such as standard-1x'),
    about: 'The dyno size, such as standard-1x. Unset: the size is not changed.',
    perType: true,
  },
  MIN_WORKERS: { ...whole(0, 1000), about: 'The fewest dynos.', default: '3', perType: true },
  MAX_WORKERS: { ...whole(1, 1000), about: 'The most dynos.', default: '50', perType: true },
  JOBS_PER_WORKER: {
    ...whole(1, 1_000_000),
    about: 'Backlog rule: one dyno per this many waiting jobs.',
    default: '100',
    perType: true,
  },
  MAX_WAIT_SECONDS: {
    ...seconds(1),
    about: 'Wait rule, instead of the backlog rule: enough dynos for every job to start within this time.',
    perType: true,
  },
  MAX_WAIT_PERCENT: {
    ...percent(50, 99.9),
    about: 'The share of jobs that start within MAX_WAIT_SECONDS, of each queue over a day, in percent.',
    default: '95',
    perType: true,
  },
  QUEUE_MAX_WAIT_SECONDS: {
    ...queueWaits,
    schema: v.pipe(
      queueWaits.schema,
      v.transform((entries) => waitsByQueue(entries)),
    ),
    about: 'Queues with a maximum wait of their own: high=10,reports=300.',
    perType: true,
  },
  WORKER_CONCURRENCY: {
    ...whole(1, 10_000),
    about: 'Jobs that one dyno runs at a time. Unset: learned from workers with drover/worker, else 1.',
    perType: true,
  },
  BOOT_SECONDS: {
    ...seconds(0),
    about: 'The time from a PATCH until the new dyno processes jobs. Unset: learned, else 30.',
    perType: true,
  },
  SCALE_DOWN_DELAY_SECONDS: {
    ...seconds(0),
    about: 'How long a peak keeps its dynos.',
    default: '60',
    perType: true,
  },
  MANUAL_HOLD_SECONDS: {
    ...seconds(0),
    about: 'How long a quantity that was set manually is kept; 0: not at all.',
    default: '600',
    perType: true,
  },
  DRAIN_TIMEOUT_SECONDS: {
    ...seconds(0),
    about: 'The longest wait for a busy dyno before it is removed anyway. Unset: no limit.',
    perType: true,
  },
  MAX_STEP_UP: {
    ...whole(1, 1000),
    about: 'The most dynos to add in one tick. Unset: no limit.',
    perType: true,
  },
  MAX_STEP_DOWN: {
    ...whole(1, 1000),
    about: 'The most dynos to remove in one tick. Unset: no limit.',
    perType: true,
  },
  LIMITS: {
    schema: v.pipe(
      v.string(),
      v.check((text) => parseWindows(text) !== undefined),
      v.transform((text) => parseWindows(text) ?? []),
    ),
    allowed: `windows such as ${LIMITS_EXAMPLE}`,
    problem: limitsProblem,
    about: `Weekly windows in TIME_ZONE with a minimum and maximum of their own: ${LIMITS_EXAMPLE}. The first listed that is open counts; outside all of them MIN_WORKERS to MAX_WORKERS.`,
    perType: true,
  },
} as const satisfies Record<string, Spec<unknown>>;

function waitsByQueue(entries: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    entries.map((entry) => {
      const at = entry.lastIndexOf('=');
      return [entry.slice(0, at).trim(), Number(entry.slice(at + 1)) * 1000];
    }),
  );
}
