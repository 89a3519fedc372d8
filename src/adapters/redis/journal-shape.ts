import * as v from 'valibot';

import { oneLine } from '../../config/mask.ts';
import type { Kept } from '../../ports.ts';
import type { Entry } from '../../journal/entry.ts';
import { QUEUE_NUMBERS, TYPE_NUMBERS, type Hour } from '../../journal/hour.ts';

/*
 * What the journal's values look like. Whoever reads them draws and adds up what is in them, so a value that we would
 * not have written counts as none, in all of its parts.
 */

const NUMBER = v.pipe(v.number(), v.finite());
const COUNT = v.pipe(NUMBER, v.minValue(0));
/** What a Date can hold. */
const AT = v.pipe(NUMBER, v.minValue(0), v.maxValue(8.64e15));
/** Longer than any sentence of ours; on one line, as all of ours are. */
const TEXT = v.pipe(v.string(), v.maxLength(5000), v.transform(oneLine));
/** By kind and process type: what else is planted here would be the text of a notice. */
const ALARM_KEY = /^(late|blind|refused|limit|manual) [-\w]{1,128}$/;
const COUNTS = v.record(TEXT, COUNT);
/** More than any list of ours has; the return type is the schema's own, which only it can spell. */
const many = <T extends v.GenericSchema>(of: T) => v.pipe(v.array(of), v.maxLength(2000));

const STEP = v.object({
  stage: v.picklist(['demand', 'forecast', 'sizing', 'bounds', 'peak hold', 'step limit', 'protection']),
  count: NUMBER,
  note: v.optional(TEXT),
});
const QUEUE = v.object({
  name: TEXT,
  ready: COUNT,
  active: COUNT,
  later: COUNT,
  added: COUNT,
  waitMs: v.optional(COUNT),
  paused: v.optional(v.literal(true)),
  orphaned: v.optional(COUNT),
  rateLimitedMs: v.optional(COUNT),
  concurrencyLimit: v.optional(COUNT),
});
const FAILURE = v.object({ code: TEXT, message: TEXT, remedy: TEXT });
const DECIDED = v.object({
  kind: v.literal('decided'),
  processType: TEXT,
  quantity: COUNT,
  from: COUNT,
  to: COUNT,
  size: TEXT,
  min: COUNT,
  max: COUNT,
  concurrency: COUNT,
  bootMs: COUNT,
  maxWaitMs: v.optional(COUNT),
  queues: many(QUEUE),
  unreadable: many(TEXT),
  reason: TEXT,
  steps: many(STEP),
  hold: v.optional(
    v.object({
      kind: v.picklist(['paused', 'manual', 'unreadable', 'maintenance', 'release', 'budget', 'lapsed']),
      words: TEXT,
    }),
  ),
  result: v.optional(v.picklist(['resized', 'limited', 'overtaken', 'rehearsed'])),
  failure: v.optional(FAILURE),
});
const BURST = v.object({
  processType: TEXT,
  startedAt: AT,
  endedAt: AT,
  jobs: COUNT,
  peak: COUNT,
  dynos: v.object({ before: COUNT, most: COUNT }),
  waitMs: COUNT,
});
const CHANGE = v.object({
  at: AT,
  processType: TEXT,
  from: COUNT,
  to: COUNT,
  reason: TEXT,
  failed: v.optional(TEXT),
});

export const ENTRY = v.object({
  at: AT,
  tookMs: COUNT,
  tickMs: COUNT,
  types: many(
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
  fleet: v.optional(v.object({ quantity: COUNT, booting: many(v.tuple([NUMBER, NUMBER])) })),
  starting: COUNT,
  draining: COUNT,
  today: v.optional(
    v.object({ day: TEXT, dynoMs: COUNT, costUsd: v.optional(NUMBER), savedUsd: v.optional(NUMBER) }),
  ),
  burst: v.optional(v.object({ ...v.omit(BURST, ['endedAt']).entries, left: v.optional(NUMBER) })),
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
    at: AT,
    since: AT,
    tickMs: COUNT,
    tookMs: COUNT,
    requestsLeft: v.optional(COUNT),
    ticks: COUNTS,
    took: v.object({ buckets: v.array(COUNT), sumMs: COUNT }),
    types: many(TYPE_STATUS),
  }),
  alarms: v.pipe(
    v.record(TEXT, v.object({ since: AT, seenAt: AT, on: COUNT, off: COUNT, told: v.boolean() })),
    v.transform((alarms) =>
      Object.fromEntries(Object.entries(alarms).filter(([key]) => ALARM_KEY.test(key))),
    ),
  ),
}) satisfies v.GenericSchema<unknown, Kept>;

const COLUMN = v.array(v.nullable(NUMBER));
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
  minutes: v.pipe(v.array(COUNT), v.maxLength(60)),
  types: many(
    v.object({
      processType: TEXT,
      sizes: v.array(v.nullable(TEXT)),
      numbers: columns(TYPE_NUMBERS),
      queues: many(v.object({ name: TEXT, numbers: columns(QUEUE_NUMBERS) })),
    }),
  ),
  changes: many(CHANGE),
  bursts: many(BURST),
}) satisfies v.GenericSchema<unknown, Hour>;
