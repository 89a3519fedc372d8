import * as v from 'valibot';

import { oneLine } from '../../config/mask.ts';
import { MOST_RESERVED_QUEUES } from '../../core/reserve.ts';
import { MOST_CLASSES, MOST_PERIODS } from '../../core/slot-needs.ts';
import { MOST_EXPECTED, WEEKDAY_NAMES, type Foreseen } from '../../core/foreseen.ts';

/**
 * The memory of `decide`, with the ranges of its numbers. Anyone who can write to Redis can write here too: a value out
 * of range is discarded, and a value in range changes a decision only within its bounds.
 */

/** The last moment that a Date can represent, epoch ms. */
const LAST_MOMENT = 8.64e15;
/** The time of a thousand jobs that run for months. */
const LONGEST_BUSY_MS = 1e13;
const LONGEST_NAME = 2000;

const amount = (most: number) => v.pipe(v.number(), v.minValue(0), v.maxValue(most));
const AMOUNT = amount(Number.MAX_SAFE_INTEGER);
const COUNT = v.pipe(AMOUNT, v.integer());
const TIME = amount(LAST_MOMENT);

/** Texts are shown in logs and in `status`, so they are short and on one line. */
const LINE = (most: number) => v.pipe(v.string(), v.maxLength(most), v.transform(oneLine));
const NAME = LINE(LONGEST_NAME);

/** A bounded list of pairs of a time and a number. */
const timed = <T extends v.GenericSchema<unknown, number>>(number: T, most: number) =>
  v.pipe(v.array(v.tuple([TIME, number])), v.maxLength(most));

const LEARNED = v.object({
  at: TIME,
  added: COUNT,
  inSystem: COUNT,
  running: COUNT,
  ready: COUNT,
  busyMs: amount(LONGEST_BUSY_MS),
  departures: amount(1000),
  arrivals: AMOUNT,
  marks: timed(AMOUNT, 36),
  upcoming: v.optional(timed(AMOUNT, 24)),
  limiter: v.optional(
    v.object({
      max: v.optional(COUNT),
      durationMs: v.optional(AMOUNT),
      slots: AMOUNT,
      until: TIME,
    }),
  ),
  members: v.optional(COUNT),
  runs: v.optional(
    v.object({
      seen: v.pipe(v.number(), v.minValue(1), v.maxValue(64)),
      tookMs: amount(LONGEST_BUSY_MS),
      endedAt: TIME,
    }),
  ),
});

/** Jobs that started in each three hours of a day, and those of them that were late. */
const PERIODS = v.pipe(v.array(v.tuple([TIME, AMOUNT, AMOUNT])), v.maxLength(8));
/** By slots, the jobs that needed so many: few classes in each period of a day. */
const CLASSES = v.pipe(v.array(v.tuple([COUNT, AMOUNT])), v.maxLength(MOST_CLASSES));
const NEEDS = v.object({
  offered: AMOUNT,
  at: TIME,
  periods: v.pipe(v.array(v.tuple([TIME, CLASSES])), v.maxLength(MOST_PERIODS)),
});

export const MEMORY = v.object({
  version: v.literal(1),
  peaks: timed(COUNT, 256),
  queues: v.pipe(v.array(v.tuple([NAME, LEARNED])), v.maxLength(64)),
  capacity: v.object({ quantity: COUNT, booting: timed(COUNT, 64) }),
  lateness: v.optional(
    v.pipe(
      v.array(v.tuple([NAME, v.object({ periods: PERIODS, excusedAt: v.optional(TIME) })])),
      v.maxLength(64),
    ),
  ),
  needs: v.optional(v.pipe(v.array(v.tuple([NAME, NEEDS])), v.maxLength(MOST_RESERVED_QUEUES))),
  heldSince: v.optional(TIME),
  heldAt: v.optional(TIME),
});

const DAYS = v.pipe(COUNT, v.maxValue(31));
export const FORESEEN = v.object({
  value: v.object({
    bursts: v.pipe(
      v.array(
        v.object({
          queue: NAME,
          at: TIME,
          jobs: COUNT,
          time: v.pipe(v.string(), v.regex(/^\d\d:\d\d$/)),
          seen: v.object({ days: DAYS, of: DAYS, weekday: v.optional(v.picklist(WEEKDAY_NAMES)) }),
        }),
      ),
      v.maxLength(MOST_EXPECTED),
    ),
    off: v.optional(LINE(300)),
  }),
  since: TIME,
  until: TIME,
}) satisfies v.GenericSchema<unknown, Foreseen>;
