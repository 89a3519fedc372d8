import * as v from 'valibot';

const NUMBER = v.pipe(v.number(), v.finite());
const COUNT = v.pipe(v.number(), v.integer(), v.minValue(0));
const PAIRS = v.array(v.tuple([NUMBER, NUMBER]));
const LEARNED = v.object({
  at: NUMBER,
  added: COUNT,
  inSystem: COUNT,
  running: COUNT,
  ready: COUNT,
  busyMs: NUMBER,
  departures: NUMBER,
  arrivals: NUMBER,
  marks: PAIRS,
  soon: v.optional(PAIRS),
  runs: v.optional(v.object({ seen: NUMBER, tookMs: NUMBER, endedAt: NUMBER })),
});
/** Opaque to whoever keeps it, but `decide` must never meet anything that it would not have written. */
export const MEMORY = v.object({
  version: v.literal(1),
  peaks: PAIRS,
  queues: v.array(v.tuple([v.string(), LEARNED])),
  fleet: v.object({ quantity: COUNT, booting: PAIRS }),
  heldSince: v.optional(NUMBER),
});
