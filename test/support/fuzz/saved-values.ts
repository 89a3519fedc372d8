import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { HEROKU_PRICES } from '../../../src/adapters/heroku/prices.ts';
import { PLATFORM_TEXTS } from '../../../src/cli/platforms.ts';
import { ENTRY, HOUR, KEPT } from '../../../src/adapters/redis/journal-shape.ts';
import { compress, decompress } from '../../../src/adapters/redis/compression.ts';
import { parseSavedState } from '../../../src/adapters/redis/memory-store.ts';
import { redisPauseStore } from '../../../src/adapters/redis/pause-store.ts';
import type { RedisConnection } from '../../../src/adapters/redis/connect.ts';
import { stateKeys } from '../../../src/adapters/redis/keys.ts';
import { reportPage } from '../../../src/cli/views/report-page.ts';
import { statusText } from '../../../src/cli/views/status.ts';
import { harmless } from '../../../src/config/mask.ts';
import {
  BOOT_WATCH_MS,
  bootTimesOf,
  concurrencyOf,
  drainStep,
  MOST_CONCURRENCY,
} from '../../../src/core/drain.ts';
import { metricsText } from '../../../src/http/metrics.ts';
import { unpackHour } from '../../../src/journal/hour.ts';
import { rollUp } from '../../../src/journal/minute.ts';
import { nextStatus } from '../../../src/journal/status.ts';
import { summarize } from '../../../src/journal/summary.ts';
import { parseDrainRequest, parseReport } from '../../../src/worker/keys.ts';
import { entry, decidedEntry, queueEntry, T0 } from '../entries.ts';
import { journalDay } from '../journal-day.ts';
import { packHour } from '../../../src/journal/hour.ts';
import { queue } from '../ports.ts';
import { hostileJson, hostileText, mutated, mutatedText } from './hostile.ts';
import { type Parser, check, checkAsync, assertFailure, assertCounts } from './check.ts';
import { assertDecides, assertPlans } from './decides.ts';

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
    heldAt: T0,
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
/** Readers of what Drover and its workers have left in Redis. */
export const SAVED_VALUE_PARSERS: readonly Parser[] = [
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
];

function assertNoControls(text: string): void {
  assert.ok(!/(?![\n\t])\p{Cc}/u.test(text), 'a control character');
}
