/**
 * Size of a month of the journal in Redis: three process types with twenty queues in all, a tick every ten seconds, steady
 * traffic and bursts. The real adapter records one day into a real Redis; a month has its hours thirty times, and the
 * stream and the status once.
 */
import { HEROKU_PRICES } from '../src/adapters/heroku/prices.ts';
import { connectRedis } from '../src/adapters/redis/connect.ts';
import { redisJournal } from '../src/adapters/redis/journal.ts';
import { stateKeys } from '../src/adapters/redis/keys.ts';
import { nextStatus, type Status } from '../src/journal/status.ts';
import { startRedisServer } from '../src/standin/redis-server.ts';
import { journalDay, TYPES } from '../test/support/journal-day.ts';

const DAY_TICKS = 8640;
const FROM = Date.parse('2026-03-02T00:00:00Z');

const redis = await startRedisServer({ say: console.log });
const connection = connectRedis(redis.url, { tlsVerify: true });
try {
  const journal = redisJournal(connection, stateKeys('my-app'));
  const { signal } = new AbortController();
  let status: Status | undefined;
  const started = performance.now();
  for (const entry of journalDay({ from: FROM, ticks: DAY_TICKS })) {
    const next = nextStatus(status, entry, { appName: 'my-app', timeZone: 'UTC', prices: HEROKU_PRICES });
    status = next.status;
    await journal.record({ ...entry, bursts: next.bursts }, { status, alarms: {} }, signal);
  }
  const recordMs = (performance.now() - started) / DAY_TICKS;
  const bytes = await connection.use(signal, async (client) => {
    const sizes: Record<string, number> = {};
    for (const key of await client.keys('drover:*')) {
      const kind = key.split(':')[2] ?? '';
      sizes[kind] = (sizes[kind] ?? 0) + Number(await client.memory('USAGE', key, 'SAMPLES', 0));
    }
    return sizes;
  });
  const readStarted = performance.now();
  const day = await journal.history(FROM, FROM + 86_400_000, signal);
  const readMs = performance.now() - readStarted;
  const month = 30 * (bytes['hour'] ?? 0) + (bytes['ticks'] ?? 0) + (bytes['status'] ?? 0);
  console.log(
    `${TYPES.length} process types, ${TYPES.flatMap(({ queues }) => queues).length} queues, a tick every 10 s`,
  );
  console.log(
    `a day: hours ${mb(bytes['hour'])}; once: ticks ${mb(bytes['ticks'])}, status ${mb(bytes['status'])}`,
  );
  console.log(`30 days: ${mb(month)} (aim: a few MB)`);
  console.log(
    `recording a tick: ${recordMs.toFixed(1)} ms; reading a day of ${day.minutes.length} minutes: ${readMs.toFixed(0)} ms`,
  );
  console.log(`changes ${day.changes.length}, bursts ${day.bursts.length}`);
} finally {
  connection.close();
  await redis.stop();
}

function mb(bytes = 0): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
