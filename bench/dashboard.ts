/**
 * Size and load time of the dashboard: compressed bytes of the page with all its files, and the time from the request to
 * the last chart drawn, with no cache. A day of three process types and twenty queues in a real Redis, in the system's
 * Chromium. `--shots FOLDER` writes the README's screenshots there.
 */
import { HEROKU_PRICES } from '../src/adapters/heroku/prices.ts';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { chromium, type Browser, type Page } from 'playwright-core';

import { connectRedis } from '../src/adapters/redis/connect.ts';
import { redisJournal } from '../src/adapters/redis/journal.ts';
import { stateKeys } from '../src/adapters/redis/keys.ts';
import { redisPauseStore } from '../src/adapters/redis/pause-store.ts';
import { startServer } from '../src/http/server.ts';
import type { Believed } from '../src/journal/entry.ts';
import { nextStatus, type Status } from '../src/journal/status.ts';
import { startRedisServer } from '../src/standin/redis-server.ts';
import { findChromium } from '../test/support/chromium.ts';
import { journalDay } from '../test/support/journal-day.ts';

const TICK_MS = 10_000;
const DAY_TICKS = 8640;
const RUNS = 7;
/** One minute into a burst, with another one in the hour before. */
const NOW = Date.parse('2026-11-20T10:31:00Z');
const BURST_EVERY_MS = 2_700_000;
const TOKEN = 'dashboard-bench-token';
const CONTEXT = { appName: 'my-app', timeZone: 'UTC', prices: HEROKU_PRICES };

const { shots } = parseArgs({ options: { shots: { type: 'string' } } }).values;
const redis = await startRedisServer({ say: console.log });
const connection = connectRedis(redis.url, { tlsVerify: true });
const keys = stateKeys('my-app');
const journal = redisJournal(connection, keys);
await recordDay();
const server = await startServer(
  [
    {
      appName: 'my-app',
      journal,
      pause: redisPauseStore(connection, keys),
      clock: { now: () => NOW },
      prices: HEROKU_PRICES,
    },
  ],
  { dashboard: true, host: '127.0.0.1', port: 0, token: TOKEN, herokuRouter: false },
  { failed: ({ message }) => console.error(message), authFailed: ({ message }) => console.error(message) },
);
const browser = await chromium.launch({
  executablePath: await findChromium(),
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
try {
  const timesMs: number[] = [];
  let bytes = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const page = await signedIn(browser, { width: 1280, height: 900, dark: false });
    // Only the browser's own protocol has the bytes on the wire, headers included.
    const protocol = await page.context().newCDPSession(page);
    await protocol.send('Network.enable');
    await protocol.send('Network.setCacheDisabled', { cacheDisabled: true });
    bytes = 0;
    protocol.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
    const started = performance.now();
    await page.reload();
    await charts(page);
    timesMs.push(performance.now() - started);
    await page.context().close();
  }
  const median = timesMs.toSorted((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0;
  console.log(`the page with all its files: ${(bytes / 1000).toFixed(1)} kB compressed (aim: under 150 kB)`);
  console.log(
    `time to charts: median ${median.toFixed(0)} ms of ${RUNS} runs, ${Math.min(...timesMs).toFixed(0)} to ${Math.max(...timesMs).toFixed(0)} ms`,
  );
  if (shots !== undefined) await takeShots(shots);
} finally {
  await browser.close();
  await server.close();
  connection.close();
  await redis.stop();
}

/** A day of ticks, recorded as the clock does. */
async function recordDay(): Promise<void> {
  const from = NOW - (DAY_TICKS - 1) * TICK_MS;
  const { signal } = new AbortController();
  let status: Status | undefined;
  for (const entry of journalDay({ from, ticks: DAY_TICKS, burstEveryMs: BURST_EVERY_MS })) {
    const next = nextStatus(status, { ...entry, beliefs: believedAt(entry.at) }, CONTEXT);
    ({ status } = next);
    await journal.record({ ...entry, bursts: next.bursts }, { status, alarms: {} }, signal);
  }
}

/** Beliefs of a clock with cooperating workers during a burst. */
function believedAt(at: number): Believed[] {
  const processType = 'worker';
  return [
    {
      kind: 'lease',
      words: 'this clock alone may act',
      since: at,
      until: at + 1.5 * TICK_MS,
      ends: 'unless its next tick renews the lease',
    },
    {
      processType,
      kind: 'concurrency',
      words: 'a worker runs 5 jobs at once',
      since: at,
      until: at + 86_400_000,
      ends: 'unless workers report again',
    },
    {
      processType,
      kind: 'peak',
      words: '20 were needed',
      since: at - TICK_MS,
      until: at + 50_000,
      ends: 'then fewer may do',
    },
    {
      processType,
      kind: 'service-times',
      words: 'a job of newsletter takes 0.42 s',
      since: at,
      ends: 'an hour after the queue was last read',
    },
  ];
}

async function signedIn(
  on: Browser,
  { width, height, dark }: { readonly width: number; readonly height: number; readonly dark: boolean },
): Promise<Page> {
  const context = await on.newContext({
    viewport: { width, height },
    deviceScaleFactor: width < 600 ? 2 : 1,
    colorScheme: dark ? 'dark' : 'light',
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  const page = await context.newPage();
  await page.clock.setFixedTime(NOW);
  await page.goto(`${server.url}/login`);
  await page.getByLabel('Token').fill(TOKEN);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${server.url}/`);
  return page;
}

async function charts(page: Page): Promise<void> {
  await page.locator('.u-over').nth(2).waitFor();
}

async function takeShots(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const views = [
    { name: 'dashboard-light', width: 1280, height: 1130, dark: false },
    { name: 'dashboard-dark', width: 1280, height: 1130, dark: true },
    { name: 'dashboard-phone', width: 390, height: 844, dark: false },
  ];
  for (const { name, ...view } of views) {
    const page = await signedIn(browser, view);
    await charts(page);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await page.context().close();
  }
}
