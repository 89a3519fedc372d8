import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { countsOf } from '../../../src/adapters/bullmq/plain-counts.ts';
import { readyAt } from '../../../src/adapters/bullmq/plain-jobs.ts';
import { cleanText } from '../../../src/adapters/bullmq/queue-names.ts';
import { decodeRow } from '../../../src/adapters/bullmq/snapshot-row.ts';
import { observe } from '../../../src/adapters/bullmq/snapshot.ts';
import { nextBudget } from '../../../src/adapters/heroku/budget.ts';
import { refusal } from '../../../src/adapters/heroku/refusal.ts';
import { retryAfterMs } from '../../../src/adapters/http/retry.ts';
import { rowsOf } from '../../../src/adapters/heroku/answer.ts';
import { parseRedisUrl } from '../../../src/config/redis-url.ts';
import { loadSettings } from '../../../src/config/load.ts';
import { parseWindows, windowAt, windowText } from '../../../src/config/limits.ts';
import { limitsProblem } from '../../../src/config/limits-problem.ts';
import { SPEC } from '../../../src/config/spec.ts';
import { parseTrace, TraceError } from '../../../src/sim/trace.ts';
import { T0 } from '../entries.ts';
import { queue } from '../ports.ts';
import { hostileJson, hostileNumber, hostileText, mutated, mutatedText } from './hostile.ts';
import { SAVED_VALUE_PARSERS } from './saved-values.ts';
import { type Parser, check, assertText, assertFailure, assertCounts, SECRET } from './check.ts';
import { assertDecides } from './decides.ts';

const ROW = '3 0 1 2 4 9 5 0 120 0 10 - - - -1 1772445600000 1 5 0 1772445500000 1772445501500';
const plainReplies = fc.array(fc.oneof(hostileJson, fc.nat(), fc.array(hostileText)), { maxLength: 20 });
const FORMATION = [{ type: 'worker', quantity: 3, size: 'Standard-1X', dyno_size: { name: 'Standard-1X' } }];
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
  check('a trace', fc.oneof(hostileText, mutatedText('t_s,service_s\n0,1.5\n2,0.25\n')), (text) => {
    try {
      assertCounts(parseTrace(text));
    } catch (thrown) {
      assert.ok(thrown instanceof TraceError, String(thrown));
    }
  }),
  ...SAVED_VALUE_PARSERS,
];
