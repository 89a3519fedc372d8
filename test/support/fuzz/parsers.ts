import assert from 'node:assert/strict';

import * as fc from 'fast-check';

import { HEROKU } from '../../../src/adapters/heroku/platform.ts';
import { HEROKU_PRICES } from '../../../src/adapters/heroku/prices.ts';
import { PLATFORM_TEXTS } from '../../../src/cli/platforms.ts';
import { countsOf } from '../../../src/adapters/bullmq/plain-counts.ts';
import { readyAt } from '../../../src/adapters/bullmq/plain-jobs.ts';
import { cleanText } from '../../../src/adapters/bullmq/queue-names.ts';
import { decodeRow } from '../../../src/adapters/bullmq/snapshot-row.ts';
import { observe } from '../../../src/adapters/bullmq/snapshot.ts';
import { nextBudget } from '../../../src/adapters/heroku/budget.ts';
import { refusal } from '../../../src/adapters/heroku/refusal.ts';
import { retryAfterMs } from '../../../src/adapters/http/retry.ts';
import { rowsOf } from '../../../src/adapters/heroku/answer.ts';
import { ENTRY, HOUR, KEPT } from '../../../src/adapters/redis/journal-shape.ts';
import { compress, decompress } from '../../../src/adapters/redis/compression.ts';
import { parseSavedState } from '../../../src/adapters/redis/memory-store.ts';
import { redisPauseStore } from '../../../src/adapters/redis/pause-store.ts';
import { parseRedisUrl } from '../../../src/config/redis-url.ts';
import type { RedisConnection } from '../../../src/adapters/redis/connect.ts';
import { stateKeys } from '../../../src/adapters/redis/keys.ts';
import { reportPage } from '../../../src/cli/views/report-page.ts';
import { statusText } from '../../../src/cli/views/status.ts';
import { loadSettings } from '../../../src/config/load.ts';
import { harmless } from '../../../src/config/mask.ts';
import { parseWindows, windowAt, windowText } from '../../../src/config/limits.ts';
import { limitsProblem } from '../../../src/config/limits-problem.ts';
import { SPEC } from '../../../src/config/spec.ts';
import {
  BOOT_WATCH_MS,
  bootTimesOf,
  concurrencyOf,
  drainStep,
  MOST_CONCURRENCY,
} from '../../../src/core/drain.ts';
import { beliefsOf } from '../../../src/core/beliefs.ts';
import { decide } from '../../../src/core/decide.ts';
import { initialMemory } from '../../../src/core/memory.ts';
import type { Policy, QueueObservation } from '../../../src/core/types.ts';
import { Failure } from '../../../src/failure.ts';
import { metricsText } from '../../../src/http/metrics.ts';
import { describeHold } from '../../../src/reporting/describe.ts';
import { plan } from '../../../src/control/plan.ts';
import type { Remembered } from '../../../src/ports.ts';
import { unpackHour } from '../../../src/journal/hour.ts';
import { rollUp } from '../../../src/journal/minute.ts';
import { nextStatus } from '../../../src/journal/status.ts';
import { summarize } from '../../../src/journal/summary.ts';
import { parseTrace, TraceError } from '../../../src/sim/trace.ts';
import { parseDrainRequest, parseReport } from '../../../src/worker/keys.ts';
import { entry, decidedEntry, queueEntry, T0 } from '../entries.ts';
import { journalDay } from '../journal-day.ts';
import { packHour } from '../../../src/journal/hour.ts';
import { backlog, cedar, processType, queue } from '../ports.ts';
import { hostileJson, hostileNumber, hostileText, mutated, mutatedText } from './hostile.ts';

/** Something that reads what others wrote: `try` makes a run of a check that throws where something got through. */
export type Parser = {
  readonly name: string;
  /** A run of so many inputs, and what got through. */
  readonly fuzz: (options: FuzzOptions) => Promise<FuzzResult>;
};

/** `broken`: the smallest input that got through, and what it did. */
/** `taken`: inputs that the reader took for good. */
export type FuzzResult = {
  readonly inputs: number;
  readonly accepted: number;
  readonly broken: string | undefined;
};

export type FuzzOptions = { readonly numRuns: number; readonly seed?: number };

const POLICY: Policy = {
  sizing: { kind: 'wait', maxWaitMs: 60_000, jobsPerWorker: 100 },
  min: 1,
  max: 50,
  concurrency: 5,
  bootMs: 30_000,
  tickMs: 10_000,
  scaleDownDelayMs: 60_000,
};
const SECRET = 'HRKU-fuzz-s3cret-token';
const LONGEST_WORDS = 3000;

/** `run` answers false for an input that its reader did not take. */
function check<T>(name: string, inputs: fc.Arbitrary<T>, run: (input: T) => void | boolean): Parser {
  return checkAsync(name, inputs, async (input) => run(input));
}

function checkAsync<T>(
  name: string,
  inputs: fc.Arbitrary<T>,
  run: (input: T) => Promise<void | boolean>,
): Parser {
  return {
    name,
    fuzz: async (options) => {
      let taken = 0;
      const count = async (input: T): Promise<void> => {
        if ((await run(input)) !== false) taken += 1;
      };
      const result = await fc.check(fc.asyncProperty(inputs, count), options);
      const { numRuns, failed, counterexample, errorInstance } = result;
      const broken = `${fc.stringify(counterexample).slice(0, 500)}: ${String(errorInstance)}`;
      return { inputs: numRuns, accepted: taken, broken: failed ? broken : undefined };
    },
  };
}

/** A text for a person: bounded, and without anything that moves a cursor. */
function assertText(text: string): void {
  assert.ok(text.length <= LONGEST_WORDS, `${text.length} characters`);
  assert.ok(!/(?![\n\t])\p{Cc}/u.test(text), `a control character in ${JSON.stringify(text)}`);
}

function assertFailure(thrown: unknown): void {
  assert.ok(thrown instanceof Failure, `threw ${String(thrown)}`);
  assertText(thrown.message);
  assertText(thrown.remedy);
}

/** No finite number above what a count can be, and none below 0. */
function assertCounts(value: unknown): void {
  if (typeof value === 'number') assert.ok(Number.isFinite(value) && value >= 0, String(value));
  else if (value instanceof Map) for (const count of value.values()) assertCounts(count);
  else if (typeof value === 'object' && value !== null)
    for (const part of Object.values(value)) assertCounts(part);
}

function assertDecides(queues: readonly QueueObservation[], memory = initialMemory(POLICY, 7, T0)): void {
  const { decision, memory: after } = decide(POLICY, memory, { at: T0 + 10_000, quantity: 7, queues });
  const held = Math.max(POLICY.max, 7);
  assert.ok(
    Number.isInteger(decision.to) && decision.to >= POLICY.min && decision.to <= held,
    String(decision.to),
  );
  assertText(decision.reason);
  assert.ok(JSON.stringify(after).length < 20_000, 'a memory without bounds');
  for (const { count } of decision.steps) assert.ok(Number.isFinite(count), 'a step without a count');
}

/** The same through the pure part of a tick, with all that is believed beside the queues. */
function assertPlans(queues: readonly QueueObservation[], remembered: Remembered): void {
  const settings = processType({
    min: 2,
    max: 20,
    maxWaitMs: 60_000,
    concurrency: undefined,
    bootMs: undefined,
  });
  const seen = {
    backlog: backlog({ queues }),
    formation: {
      processType: 'worker',
      quantity: 7,
      size: 'x',
      others: new Map([['web', 1]]),
      readAt: T0,
      naming: cedar('worker', new Map([['web', 1]])),
    },
    workers: { reports: [] },
    pause: undefined,
    notBeforeMs: 0,
  };
  const { decision, hold } = plan(
    { at: T0 + 10_000, tickMs: 10_000, platform: HEROKU },
    settings,
    seen,
    remembered,
  );
  assert.ok(Number.isInteger(decision.to) && decision.to >= 2 && decision.to <= 20, String(decision.to));
  if (hold) assertText(describeHold(hold));
  for (const { words, ends } of beliefsOf(remembered, 60_000, T0 + 10_000)) assertText(words + ends);
}

const ROW = '3 0 1 2 4 9 5 0 120 0 10 - - - -1 1772445600000 1 5 0 1772445500000 1772445501500';
const plainReplies = fc.array(fc.oneof(hostileJson, fc.nat(), fc.array(hostileText)), { maxLength: 20 });
const learned = {
  at: T0,
  added: 10,
  inSystem: 3,
  running: 2,
  ready: 3,
  busyMs: 5000,
  departures: 12,
  arrivals: 3,
  marks: [[T0 - 10_000, 3]],
  runs: { seen: 3, tookMs: 4500, endedAt: T0 - 10_000 },
  limiter: { max: 10, durationMs: 1000, slots: 2.5, until: T0 + 60_000 },
  members: 7,
};
const KEPT_MEMORY = {
  version: 3,
  token: '1 a',
  memory: {
    version: 1,
    peaks: [[T0, 9]],
    queues: [['mail', learned]],
    capacity: { quantity: 7, booting: [[T0, 2]] },
    heldSince: T0,
  },
  scaling: {
    quantity: 7,
    writes: [{ from: 7, to: 8, at: T0, answered: false }],
    manual: { since: T0, until: T0 + 60_000 },
    limit: { count: 9, counts: 'app', since: T0, until: T0 + 60_000, refusals: 1 },
    raised: { above: 3, at: T0 },
    concurrency: { value: 5, since: T0, until: T0 + 60_000 },
    bootMs: { value: 20_000, since: T0, until: T0 + 60_000 },
  },
};
const FORMATION = [{ type: 'worker', quantity: 3, size: 'Standard-1X', dyno_size: { name: 'Standard-1X' } }];
const ORDER = { epoch: 'e1', limit: 3, since: T0, forMs: 30_000 };
const REPORT = {
  dyno: 'worker.3',
  host: 'h1',
  resting: 'e1',
  concurrency: 5,
  bootedAt: T0,
  readyAt: T0,
  sentAt: T0,
};
const ENTRIES = [...journalDay({ from: T0, ticks: 20 })];
const CONTEXT = { appName: 'my-app', timeZone: 'UTC', prices: HEROKU_PRICES };
const STATUS = ENTRIES.reduce(
  (status, tick) => nextStatus(status, tick, CONTEXT).status,
  undefined as Parameters<typeof nextStatus>[0],
);
const SEEN = entry(0, [decidedEntry({ queues: [queueEntry({ ready: 4, active: 1 })] })]);
const PAUSE = { until: T0 + 60_000, by: 'the dashboard' };
const VALID_ENV = {
  REDIS_URL: `redis://u:${SECRET}@localhost:6379`,
  QUEUES: 'high,default',
  HEROKU_APP_NAME: 'my-app',
  HEROKU_API_KEY: SECRET,
  LIMITS: 'mon-fri 08:00-20:00 = 10-50; sat 22:00-06:00 = 5-20',
  SCHEDULE: '*/10 * * * * *',
};

const environment = fc
  .array(
    fc.tuple(fc.constantFrom(...Object.keys(SPEC), 'PROCESS_TYPES', 'MAILER_MAX_WORKERS'), hostileText),
    {
      maxLength: 4,
    },
  )
  .map((pairs) => ({ ...VALID_ENV, ...Object.fromEntries(pairs) }));

export const PARSERS: readonly Parser[] = [
  check('settings', environment, (env) => {
    const loaded = loadSettings(env);
    if (loaded.kind === 'settings') return;
    assert.ok(loaded.problems.length > 0, 'wrong, and nothing to say');
    for (const { variable, message } of loaded.problems) {
      assertText(message);
      assert.ok(env.HEROKU_API_KEY !== SECRET || !message.includes(SECRET), `${variable} shows a secret`);
    }
  }),
  check('LIMITS', fc.oneof(hostileText, mutatedText(VALID_ENV.LIMITS)), (text) => {
    const windows = parseWindows(text);
    if (!windows) return assertText(limitsProblem(text));
    for (const { min, max } of windows) assert.ok(min >= 0 && min <= max && max >= 1);
    assert.deepEqual(
      parseWindows(windows.map((one) => `${windowText(one)} = ${one.min}-${one.max}`).join(';')),
      windows,
    );
    windowAt({ windows, timeZone: 'Europe/Berlin' }, T0);
  }),
  check('LIMITS as cron times', mutatedText('0 8 * * 1-5 = 10-50; */20 20-23 * * fri-sun = 1-10'), (text) =>
    assertText(limitsProblem(text)),
  ),
  check(
    'a Redis URL',
    fc.oneof(hostileText, mutatedText(`redis://u:${SECRET}@h:1/0?sentinel=m&nodes=a:1`)),
    (text) => {
      try {
        const { nodes, db } = parseRedisUrl(text);
        assert.ok(nodes.length > 0 && db >= 0);
        for (const { port } of nodes) assert.ok(port >= 0 && port <= 65_535);
      } catch (thrown) {
        assert.ok(thrown instanceof TypeError && !thrown.message.includes(SECRET), String(thrown));
      }
    },
  ),
  check('a name from Redis', hostileText, (text) => {
    const clean = cleanText(text);
    assert.ok(clean.length <= 1300 && !/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(clean));
  }),
  check(
    'a row of the reading script',
    fc.oneof(hostileJson, mutatedText(ROW), fc.tuple(mutatedText(ROW), hostileText, hostileNumber)),
    (row) => {
      try {
        const seen = decodeRow(row);
        if ('errorId' in seen) return;
        assertCounts({ ...seen, limiterTtlMs: 0, oldestReadyAt: 0 });
        const observation = observe('mail', seen);
        if (observation) assertDecides([observation]);
      } catch (thrown) {
        assertFailure(thrown);
      }
    },
  ),
  check('replies of plain commands', plainReplies, (replies) => {
    try {
      assertCounts({ ...countsOf('bull:mail', replies, T0), limiterTtlMs: 0 });
    } catch (thrown) {
      assert.ok(thrown instanceof Error, String(thrown));
    }
  }),
  check('the times of a job', fc.oneof(hostileJson, fc.array(hostileText, { maxLength: 4 })), (job) => {
    const at = readyAt(job);
    if (at !== null) assertDecides([queue({ waiting: 5, oldestReadyAt: at })]);
  }),
  check(
    'a reading with numbers that nobody counts',
    fc.record({
      waiting: fc.nat(),
      active: fc.nat(),
      added: hostileNumber,
      limit: hostileNumber,
      at: hostileNumber,
    }),
    ({ waiting, active, added, limit, at }) => {
      assertDecides([
        queue({ waiting, active, added, concurrencyLimit: Math.abs(limit), oldestReadyAt: at }),
      ]);
    },
  ),
  check('a formation', fc.oneof(hostileJson, mutated(FORMATION)), (json) => {
    try {
      for (const { quantity, size, processType: type } of rowsOf(json)) {
        assertCounts(quantity);
        assertText(size + type);
      }
    } catch (thrown) {
      assertFailure(thrown);
    }
  }),
  check(
    'a refusal',
    fc.tuple(
      fc.integer({ min: 300, max: 599 }),
      fc.oneof(
        hostileJson,
        mutated({ id: 'invalid_params', message: `the limit is 10 ${SECRET}`, limit: 10 }),
      ),
      hostileText,
    ),
    ([status, json, scope]) => {
      const answer = { status, json, header: () => scope };
      const failure = refusal(answer, { appName: 'my-app', token: SECRET, processType: 'worker' });
      assertFailure(failure);
      assert.ok(!(failure.message + failure.remedy).includes(SECRET), 'shows the token');
    },
  ),
  check('Retry-After', fc.tuple(hostileText, hostileText), ([header, date]) => {
    const ms = retryAfterMs(header, date, T0);
    if (ms !== undefined) assertCounts(ms);
  }),
  check('the budget', fc.tuple(hostileText, hostileText), ([remaining, multiplier]) => {
    const header = (name: string): string => (name === 'ratelimit-remaining' ? remaining : multiplier);
    assertCounts(nextBudget(undefined, header) ?? {});
  }),
  check(
    'what was remembered',
    fc.oneof(
      hostileText,
      mutatedText(JSON.stringify(KEPT_MEMORY)),
      mutated(KEPT_MEMORY).map((v) => JSON.stringify(v)),
    ),
    (text) => {
      const kept = parseSavedState(text);
      if (!kept) return false;
      const queues = [queue({ name: 'mail', waiting: 40, active: 3, added: 20 })];
      assertDecides(queues, kept.memory);
      assertPlans(queues, kept);
      return true;
    },
  ),
  check('a tick of the journal', fc.oneof(mutated(ENTRIES[3]), hostileJson), (json) => {
    const read = decompress(compress(json), ENTRY);
    if (read === undefined) return false;
    nextStatus(STATUS, read, CONTEXT);
    summarize(
      rollUp([SEEN, read, { ...SEEN, at: read.at + 60_000 }]),
      { from: T0, to: T0 + 60_000 },
      HEROKU_PRICES,
    );
    return true;
  }),
  check('an hour of the journal', fc.oneof(mutated(packHour(T0, rollUp(ENTRIES))), hostileJson), (json) => {
    const read = decompress(compress(json), HOUR);
    if (read === undefined) return false;
    const page = reportPage(
      'my-app',
      summarize(unpackHour(T0, read), { from: T0, to: T0 + 3_600_000 }, HEROKU_PRICES),
      PLATFORM_TEXTS.heroku,
      new Map(),
    );
    assert.ok(!/<(?:img|script)\b[^>]*(?:onerror|alert)/i.test(page), 'markup in the report');
    return true;
  }),
  checkAsync('the status', fc.oneof(mutated({ status: STATUS, alarms: {} }), hostileJson), async (json) => {
    const read = decompress(compress(json), KEPT);
    if (read === undefined) return false;
    assertNoControls(harmless(statusText(read.status, undefined, T0)));
    nextStatus(read.status, SEEN, CONTEXT);
    const { text } = await metricsText([{ status: read.status, paused: false }], T0);
    for (const line of text.split('\n')) assert.match(line, /^(?:$|# |[a-z_]+(?:\{.*\})? \S+$)/);
    return true;
  }),
  checkAsync(
    'a pause',
    fc.oneof(
      hostileText,
      mutated(PAUSE).map((value) => JSON.stringify(value)),
    ),
    async (text) => {
      const connection = {
        use: async (_signal: AbortSignal, work: (client: unknown) => Promise<unknown>) =>
          await work({ get: async () => text }),
      } as unknown as RedisConnection;
      const store = redisPauseStore(connection, stateKeys('my-app'));
      await store.read(T0, new AbortController().signal).catch(assertFailure);
    },
  ),
  check(
    'what workers say',
    fc.oneof(
      hostileText,
      mutated(REPORT).map((value) => `${T0} ${JSON.stringify(value)}`),
    ),
    (text) => {
      const { report } = parseReport(text) ?? {};
      if (!report) return false;
      assertCounts([report.concurrency, report.bootedAt]);
      const reports = [{ ...report, ordinal: 3, ageMs: 0 }];
      const concurrency = concurrencyOf(reports) ?? 1;
      assert.ok(concurrency >= 1 && concurrency <= MOST_CONCURRENCY, `${concurrency} jobs at once`);
      const bootMs = bootTimesOf(reports, 0, T0)[0]?.ms ?? 0;
      assert.ok(bootMs >= 0 && bootMs <= BOOT_WATCH_MS, `a boot of ${bootMs} ms`);
      return true;
    },
  ),
  check(
    'an order',
    fc.oneof(
      hostileText,
      mutated(ORDER).map((value) => JSON.stringify(value)),
    ),
    (text) => {
      const order = parseDrainRequest(text);
      if (order) drainStep({ epoch: order.epoch, limit: order.limit, ageMs: 0 }, 3, 7);
    },
  ),
  check('a trace', fc.oneof(hostileText, mutatedText('t_s,service_s\n0,1.5\n2,0.25\n')), (text) => {
    try {
      assertCounts(parseTrace(text));
    } catch (thrown) {
      assert.ok(thrown instanceof TraceError, String(thrown));
    }
  }),
];

function assertNoControls(text: string): void {
  assert.ok(!/(?![\n\t])\p{Cc}/u.test(text), 'a control character');
}
