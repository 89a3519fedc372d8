/** A defect that was, as the change of text that brings it back. */
export type Defect = {
  /** Its number in the review that found it. */
  readonly defect: string;
  readonly what: string;
  readonly changes: readonly { readonly file: string; readonly find: string; readonly replace: string }[];
};

export const DEFECTS: readonly Defect[] = [
  {
    defect: '1',
    what: 'a write that is carried out late counts as a person’s',
    changes: [
      {
        file: 'src/core/writes.ts',
        find: 'return writes.some(({ from, to }) => from === quantity || to === quantity);',
        replace: 'return writes.slice(-1).some(({ to, answered }) => !answered && to === quantity);',
      },
    ],
  },
  {
    defect: '2',
    what: 'a learned limit is believed for an hour',
    changes: [
      {
        file: 'src/core/platform-limit.ts',
        find: 'const FIRST_RETRY_MS = 60_000;',
        replace: 'const FIRST_RETRY_MS = 3_600_000;',
      },
      {
        file: 'src/core/platform-limit.ts',
        find: 'export const LONGEST_LIMIT_MS = 240_000;',
        replace: 'export const LONGEST_LIMIT_MS = 3_600_000;',
      },
    ],
  },
  {
    defect: '3',
    what: 'the boot of a later deploy counts as the one that a rise started',
    changes: [
      {
        file: 'src/core/boots.ts',
        find: 'return raised !== undefined && raised.at <= at && at - raised.at < BOOT_WATCH_MS ? raised : undefined;',
        replace: 'void at; return raised;',
      },
      {
        file: 'src/core/boots.ts',
        find: 'Math.min(quantile(sorted, PLANNED_PART), BOOT_WATCH_MS)',
        replace: 'quantile(sorted, PLANNED_PART)',
      },
      {
        file: 'src/core/scaling-state.ts',
        find: 'if (added.length === 0) return { ...scaling, raised };',
        replace: 'if (added.length === 0) return scaling;',
      },
      {
        file: 'src/core/drain.ts',
        find: 'if (ms >= 0 && ms <= BOOT_WATCH_MS) boots.set(',
        replace: 'boots.set(',
      },
    ],
  },
  {
    defect: '4',
    what: 'a clock whose lease lapsed goes on with what it remembers',
    changes: [
      {
        file: 'src/control/reconcile.ts',
        find: "state === 'kept' && carried !== undefined",
        replace: 'carried !== undefined',
      },
    ],
  },
  {
    defect: '5',
    what: 'a fence that is gone is not written again while the lease lasts',
    changes: [
      {
        file: 'src/adapters/redis/lease.ts',
        find: 'if fence and fence == token then',
        replace: "if holder and token ~= '' then return { 1, token } end\nif fence and fence == token then",
      },
    ],
  },
  {
    defect: '6',
    what: 'READONLY is never left while the socket lives',
    changes: [
      {
        file: 'src/adapters/redis/connect.ts',
        find: "if (failure.code === 'REDIS_READONLY') client.disconnect(true);",
        replace: '',
      },
    ],
  },
  {
    defect: '7',
    what: 'a hold for a person lasts as long as a clock that was ahead said',
    changes: [
      {
        file: 'src/core/scaling-state.ts',
        find: 'const until = Math.min(manual.until, at + manualHoldMs);',
        replace: 'const { until } = manual;',
      },
    ],
  },
  {
    defect: '8',
    what: 'lease and look-ahead hang on the longest gap of the schedule',
    changes: [
      {
        file: 'src/adapters/cron/schedule.ts',
        find: 'shortestMs: Math.min(...gaps),',
        replace: 'shortestMs: Math.max(...gaps),',
      },
      {
        file: 'src/control/reconcile.ts',
        find: 'const LONGEST_LEASE_MS = 300_000;',
        replace: 'const LONGEST_LEASE_MS = 86_400_000;',
      },
      {
        file: 'src/adapters/redis/lease.ts',
        find: 'export const LONGEST_LEASE_MS = 300_000;',
        replace: 'export const LONGEST_LEASE_MS = 86_400_000;',
      },
    ],
  },
  {
    defect: '13',
    what: 'a name like email.1 counts as another type’s dyno',
    changes: [
      {
        file: 'src/core/busy-workers.ts',
        find: 'ordinalOf(name, naming) !== undefined || isOfOtherType(name, naming)',
        replace: '/[.]\\d+$/.test(name) || isOfOtherType(name, naming)',
      },
    ],
  },
  {
    defect: '15',
    what: 'the processes of a dyno count as dynos each',
    changes: [
      {
        file: 'src/core/drain.ts',
        find: 'const byWorker = groupBy(fresh, ({ ordinal, dyno }) => ordinal ?? dyno);',
        replace: 'const byWorker = groupBy(fresh, (report) => report);',
      },
    ],
  },
  {
    defect: '19',
    what: 'a type that was gone and returns at 0 is taken for set to 0 by hand',
    changes: [
      {
        file: 'src/control/reconcile.ts',
        find: 'const gone = remembered !== undefined && isTypeMissing(reading);',
        replace: 'const gone = false as boolean && remembered !== undefined;',
      },
    ],
  },
  {
    defect: '10',
    what: 'a memory with a number out of range makes a decision that is none',
    changes: [
      {
        file: 'src/adapters/redis/memory-shape.ts',
        find: 'seen: v.pipe(v.number(), v.minValue(1), v.maxValue(64)),',
        replace: 'seen: v.number(),',
      },
      {
        file: 'src/core/decide.ts',
        find: 'return counts && isFiniteThroughout(decision.steps) && isFiniteThroughout(memory);',
        replace: 'void [counts, memory]; return true;',
      },
    ],
  },
  {
    defect: '11',
    what: 'a dyno is called back to work and removed in the same tick',
    changes: [
      {
        file: 'src/core/peak-hold.ts',
        find: 'Math.max(remembered, nextWanted)',
        replace: 'remembered',
      },
    ],
  },
  {
    defect: '14',
    what: 'an open rate limiter is no limiter',
    changes: [
      {
        file: 'src/core/sizing.ts',
        find: 'usableWorkers(policy, demand, jobsPerWorker, passages.get(demand.name))',
        replace: 'usableWorkers(policy, demand, jobsPerWorker, undefined)',
      },
    ],
  },
  {
    defect: 'S1',
    what: 'a queue called constructor sends a quantity that is no number',
    changes: [
      {
        file: 'src/core/calibration.ts',
        find: 'ownProperty(maxWaitMsByQueue, queue)',
        replace: 'maxWaitMsByQueue?.[queue]',
      },
      {
        file: 'src/core/decide.ts',
        find: 'return counts && isFiniteThroughout(decision.steps) && isFiniteThroughout(memory);',
        replace: 'void [counts, memory]; return true;',
      },
      {
        file: 'src/control/apply.ts',
        find: 'if (!Number.isSafeInteger(to) || to < 0) throw notAQuantity();',
        replace: '',
      },
    ],
  },
  {
    defect: 'S2',
    what: 'a planted limit is believed for as long as it says',
    changes: [
      {
        file: 'src/core/platform-limit.ts',
        find: 'at >= belief.until || belief.until > at + LONGEST_LIMIT_MS',
        replace: 'at >= belief.until',
      },
      {
        file: 'src/adapters/redis/memory-store.ts',
        find: 'v.check(({ since, until }) => until <= since + LONGEST_LIMIT_MS),',
        replace: 'v.check(() => true),',
      },
      {
        file: 'src/core/platform-limit.ts',
        find: 'belief !== undefined && at - belief.since < ROW_ENDS_MS ? belief : undefined',
        replace: 'at < 0 ? undefined : belief',
      },
    ],
  },
  {
    defect: 'S2b',
    what: 'a planted pause lasts for as long as it says',
    changes: [
      {
        file: 'src/adapters/redis/pause-store.ts',
        find: 'until <= at || until > at + LONGEST_MS + MOST_SKEW_MS ? undefined : pause',
        replace: 'until <= at ? undefined : pause',
      },
    ],
  },
  {
    defect: 'W1',
    what: 'dynos that all boot are removed by the names on the jobs',
    changes: [
      {
        file: 'src/control/drain.ts',
        find: 'if (reports.length === 0 && before) return true;',
        replace: 'void before;',
      },
    ],
  },
  {
    defect: 'W2',
    what: 'a lease that lasts for hours, as the time of Redis was set back, ends late',
    changes: [
      {
        file: 'src/adapters/redis/lease.ts',
        find: "redis.call('PEXPIRE', KEYS[1], shortened)",
        replace: "redis.call('PEXPIRE', KEYS[1], longest)",
      },
    ],
  },
  {
    defect: 'W3',
    what: 'a lease without an expiry, which no clock writes, counts as one',
    changes: [
      {
        file: 'src/adapters/redis/lease.ts',
        find: 'if holder and holder ~= id and left >= 0 then',
        replace: 'if holder and holder ~= id then',
      },
    ],
  },
];

/** Those that the law cannot see, why, and the test that holds each. */
export const OUTSIDE: readonly {
  readonly defect: string;
  readonly why: string;
  readonly heldBy: string;
}[] = [
  {
    defect: '2, the half of it that counts the app',
    why: 'a limit of the app that is kept as the type’s own ends within the 4 minutes that the law gives to any limit',
    heldBy: 'test/core/platform-limit.test.ts, test/adapters/heroku/formation.test.ts',
  },
  {
    defect: '9',
    why: 'two Drovers of one app with different types scale no better with it mended, they say so: the law judges quantities',
    heldBy: 'test/adapters/redis/lease.test.ts',
  },
  {
    defect: '12',
    why: 'the exit code of a worker process and its other listeners are Node’s, not of the world',
    heldBy: 'test/worker/processes.test.ts',
  },
  {
    defect: '16',
    why: 'only the wait rule uses service times, and by that rule two clocks may want different numbers',
    heldBy: 'test/core/kept.test.ts',
  },
  {
    defect: '17',
    why: 'the clock without a past pools queues by the same code, and only the wait rule keeps an account of departures',
    heldBy: 'test/core/kept.test.ts',
  },
  {
    defect: '18',
    why: 'LIMITS are windows of the local time now: nothing opens at a change of clocks',
    heldBy: 'test/config/limits.test.ts',
  },
  {
    defect: '20',
    why: 'the world ends a clock by conclude alone: journal and notices are written by the command around it',
    heldBy: 'test/cli/run.test.ts',
  },
];
