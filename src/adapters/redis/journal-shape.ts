import * as v from 'valibot';

import { oneLine } from '../../config/mask.ts';
import { FORGETTABLE } from '../../core/beliefs.ts';
import type { Kept } from '../../ports.ts';
import { MOST_FIGURE, MOST_SPAN_MS, MOST_WAIT_MS, type Entry } from '../../journal/entry.ts';
import { QUEUE_NUMBERS, TYPE_NUMBERS, type Hour } from '../../journal/hour.ts';

/*
 * The shapes of the journal's values. Readers plot and add them up, so a value that Drover would not have written is
 * ignored as a whole.
 */

const between = (least: number, most: number) =>
  v.pipe(v.number(), v.finite(), v.minValue(least), v.maxValue(most));
const whole = (most: number) => v.pipe(between(0, most), v.integer());

/** Jobs, ticks, requests, and their sums over the years. */
const COUNT = whole(MOST_FIGURE);
/** A number that need not be whole: a mean, a product with milliseconds. */
const AMOUNT = between(0, MOST_FIGURE);
/** A hundred times the limit of any Heroku account. */
const DYNOS = whole(1_000_000);
/** Jobs that one dyno runs at once; a mean where it was learned. */
const CONCURRENCY = between(0, 1_000_000);
/** Dollars. */
const MONEY = between(-1e12, 1e12);
/** The time between two events, such as ticks. */
const SPAN_MS = between(0, MOST_SPAN_MS);
/** The range of a Date. */
const AT = between(0, 8.64e15);
/** Computed from a job's own timestamp, which may be anything. */
const WAIT_MS = between(0, MOST_WAIT_MS);
/** Longer than any text Drover writes, and on one line. */
const TEXT = v.pipe(v.string(), v.maxLength(5000), v.transform(oneLine));
/** Kind and process type: any other key would become the text of a notice. */
const ALARM_KEY = /^(late|blind|refused|limit|manual) [-\w]{1,128}$/;
/** More names than there are codes, stages and outcomes together. */
const COUNTS = v.pipe(
  v.record(TEXT, COUNT),
  v.check((counts) => Object.keys(counts).length <= 500),
);
/** Longer than any list Drover writes. */
const many = <T extends v.GenericSchema>(of: T) => v.pipe(v.array(of), v.maxLength(2000));
/** Process types and their queues, which a page and a metric list one by one. */
const few = <T extends v.GenericSchema>(of: T) => v.pipe(v.array(of), v.maxLength(200));

const STEP = v.object({
  stage: v.picklist(['demand', 'forecast', 'sizing', 'bounds', 'peak hold', 'step limit', 'protection']),
  count: AMOUNT,
  note: v.optional(TEXT),
});
const QUEUE = v.object({
  name: TEXT,
  ready: COUNT,
  active: COUNT,
  later: COUNT,
  added: COUNT,
  waitMs: v.optional(WAIT_MS),
  paused: v.optional(v.literal(true)),
  orphaned: v.optional(COUNT),
  rateLimitedMs: v.optional(SPAN_MS),
  concurrencyLimit: v.optional(COUNT),
});
const FAILURE = v.object({ code: TEXT, message: TEXT, remedy: TEXT });
const DECIDED = v.object({
  kind: v.literal('decided'),
  processType: TEXT,
  quantity: DYNOS,
  from: DYNOS,
  actual: v.optional(DYNOS),
  to: DYNOS,
  needed: v.optional(AMOUNT),
  limited: v.optional(AMOUNT),
  size: TEXT,
  min: DYNOS,
  max: DYNOS,
  concurrency: CONCURRENCY,
  bootMs: SPAN_MS,
  maxWaitMs: v.optional(SPAN_MS),
  queues: few(QUEUE),
  unreadable: few(TEXT),
  limit: v.optional(
    v.object({ kind: v.picklist(['refused', 'unschedulable']), message: TEXT, remedy: TEXT }),
  ),
  reason: TEXT,
  steps: many(STEP),
  hold: v.optional(
    v.object({
      kind: v.picklist([
        'paused',
        'manual',
        'unreadable',
        'maintenance',
        'release',
        'autoscaler',
        'budget',
        'limit',
        'lapsed',
      ]),
      words: TEXT,
    }),
  ),
  result: v.optional(
    v.picklist(['resized', 'limited', 'overtaken', 'withheld', 'unknown', 'published', 'shadow', 'dry-run']),
  ),
  failure: v.optional(FAILURE),
});
const BURST = v.object({
  processType: TEXT,
  startedAt: AT,
  endedAt: AT,
  jobs: COUNT,
  peak: COUNT,
  dynos: v.object({ before: DYNOS, most: DYNOS }),
  waitMs: WAIT_MS,
});
const BELIEVED = v.object({
  processType: v.optional(TEXT),
  kind: v.picklist([...FORGETTABLE, 'write', 'lease', 'budget', 'forecast']),
  words: TEXT,
  since: AT,
  until: v.optional(AT),
  ends: TEXT,
});
const CHANGE = v.object({
  at: AT,
  processType: TEXT,
  from: DYNOS,
  to: DYNOS,
  reason: TEXT,
  failed: v.optional(TEXT),
});

export const ENTRY = v.object({
  at: AT,
  tookMs: SPAN_MS,
  tickMs: SPAN_MS,
  types: few(
    v.variant('kind', [DECIDED, v.object({ kind: v.literal('blind'), processType: TEXT, failure: FAILURE })]),
  ),
  requestsLeft: v.optional(COUNT),
  bursts: v.optional(many(BURST)),
}) satisfies v.GenericSchema<unknown, Entry>;

const TYPE_STATUS = v.object({
  processType: TEXT,
  latest: v.optional(DECIDED),
  latestAt: v.optional(AT),
  blindTicks: COUNT,
  failure: v.optional(FAILURE),
  fleet: v.optional(v.object({ quantity: DYNOS, booting: many(v.tuple([AT, DYNOS])) })),
  starting: DYNOS,
  draining: DYNOS,
  today: v.optional(
    v.object({ day: TEXT, dynoMs: AMOUNT, costUsd: v.optional(MONEY), savedUsd: v.optional(MONEY) }),
  ),
  burst: v.optional(v.object({ ...v.omit(BURST, ['endedAt']).entries, left: v.optional(COUNT) })),
  lastChange: v.optional(CHANGE),
  changes: COUNTS,
  bounds: COUNTS,
  holds: COUNTS,
  failures: COUNTS,
  added: COUNT,
  done: COUNT,
});

export const KEPT = v.object({
  status: v.object({
    version: v.literal(1),
    appName: TEXT,
    noun: v.optional(v.pipe(v.string(), v.regex(/^[a-z]{1,20}$/))),
    platform: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z]{1,20}$/))),
    shadow: v.optional(v.literal(true)),
    at: AT,
    since: AT,
    tickMs: SPAN_MS,
    tookMs: SPAN_MS,
    requestsLeft: v.optional(COUNT),
    ticks: COUNTS,
    took: v.object({ buckets: v.pipe(v.array(COUNT), v.maxLength(50)), sumMs: AMOUNT }),
    types: few(TYPE_STATUS),
    beliefs: v.optional(many(BELIEVED)),
  }),
  alarms: v.pipe(
    v.record(TEXT, v.object({ since: AT, seenAt: AT, on: COUNT, off: COUNT, reported: v.boolean() })),
    v.transform((alarms) =>
      Object.fromEntries(Object.entries(alarms).filter(([key]) => ALARM_KEY.test(key))),
    ),
  ),
}) satisfies v.GenericSchema<unknown, Kept>;

const MINUTES = 60;
const COLUMN = v.pipe(v.array(v.nullable(AMOUNT)), v.maxLength(MINUTES));
const columns = <const Names extends readonly string[]>(
  names: Names,
): v.ObjectSchema<{ readonly [Name in Names[number]]: typeof COLUMN }, undefined> =>
  v.object(
    Object.fromEntries(names.map((name) => [name, COLUMN])) as {
      readonly [Name in Names[number]]: typeof COLUMN;
    },
  );

export const HOUR = v.object({
  version: v.literal(1),
  minutes: v.pipe(v.array(whole(MINUTES - 1)), v.maxLength(MINUTES)),
  types: few(
    v.object({
      processType: TEXT,
      sizes: v.pipe(v.array(v.nullable(TEXT)), v.maxLength(MINUTES)),
      numbers: columns(TYPE_NUMBERS),
      actualDynoMs: v.optional(COLUMN),
      queues: few(v.object({ name: TEXT, numbers: columns(QUEUE_NUMBERS) })),
    }),
  ),
  changes: many(CHANGE),
  bursts: many(BURST),
}) satisfies v.GenericSchema<unknown, Hour>;
