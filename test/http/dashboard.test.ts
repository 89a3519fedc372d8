import axe from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { findChromium, MAY_BROWSE } from '../support/chromium.ts';
import { blindEntry, decidedEntry, queueEntry } from '../support/entries.ts';
import { journalDay, TYPES } from '../support/journal-day.ts';
import { broken } from '../support/ports.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { Site, TOKEN } from '../support/site.ts';
import { startTlsProxy } from '../support/tls-proxy.ts';

const TICK_MS = 10_000;
/** By the page's clock and by the server's, however long a test takes. */
const NOW = Date.parse('2026-03-02T10:00:00Z');
const TICKS = 365;
const BELIEF = {
  processType: 'worker',
  kind: 'limit',
  words: 'the platform allows 100 for the whole app',
  since: NOW,
  until: NOW + 60_000,
  ends: 'then more is tried',
} as const;
const EVIL = '<img src=x onerror="document.title=1">&amp;';

let browser: Browser;
let context: BrowserContext;
let page: Page;
let site: Site;
let complaints: string[];

describe.skipIf(!MAY_BROWSE)(
  'the dashboard in a browser (needs Chromium, or root on Linux to install it)',
  () => {
    beforeAll(async () => {
      const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
      browser = await chromium.launch({ executablePath: await findChromium(), args, timeout: PATIENCE_MS });
      // Where it is missing it is installed first, over a network.
    }, 5 * PATIENCE_MS);
    afterAll(async () => {
      await browser.close();
    });
    beforeEach(async () => {
      site = await new Site(NOW).start();
      complaints = [];
    });
    afterEach(async () => {
      await context.close();
      await site.stop();
    });

    /** Ticks until now, in the last half hour of which a burst went out. */
    async function record(): Promise<void> {
      const worker = { ...TYPES[0]!, queues: [EVIL, ...TYPES[0]!.queues] };
      const from = NOW - TICKS * TICK_MS;
      const options = { from, ticks: TICKS, types: [worker, ...TYPES.slice(1)], burstEveryMs: 1_800_000 };
      const entries = [...journalDay(options)];
      await site.record(entries.map((entry) => ({ ...entry, beliefs: [BELIEF] })));
    }

    async function open(options: { width?: number; dark?: boolean } = {}): Promise<void> {
      const { width = 1280, dark = false } = options;
      context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: dark ? 'dark' : 'light',
        locale: 'en-GB',
      });
      page = await context.newPage();
      page.setDefaultTimeout(PATIENCE_MS);
      await page.clock.setFixedTime(NOW);
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.goto(`${site.url}/login?wrong`);
      await page.getByLabel('Token').fill(TOKEN);
      await page.keyboard.press('Enter');
      await page.waitForURL(`${site.url}/`);
    }

    async function charts(): Promise<void> {
      await page.locator('.u-over').nth(2).waitFor();
    }

    async function violations(): Promise<string[]> {
      await page.evaluate(axe.source);
      const { violations: found, passes } = await page.evaluate(
        async () =>
          await (
            globalThis as unknown as {
              axe: {
                run(): Promise<{
                  violations: { id: string; nodes: { html: string }[] }[];
                  passes: unknown[];
                }>;
              };
            }
          ).axe.run(),
      );
      expect(passes.length).toBeGreaterThan(10);
      return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
    }

    test('shows what the clock last saw, each type in its tab, and every name as it is', async () => {
      await record();
      await open();
      await charts();
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url().slice(site.url.length)));
      await page.reload();
      await charts();
      // What a page waits for besides its own files is one span of the history and the first status.
      expect(asked.filter((path) => !path.startsWith('/assets/')).toSorted()).toEqual([
        '/',
        '/events',
        '/history?range=hour',
      ]);
      expect(await page.getByRole('tab').allTextContents()).toEqual([
        expect.stringContaining('worker'),
        expect.stringContaining('mailer'),
        expect.stringContaining('reports'),
      ]);
      await expect
        .poll(async () => await page.getByRole('region', { name: 'Queues' }).textContent())
        .toContain(EVIL);
      expect(await page.title()).toBe('my-app – Drover');
      expect(await page.locator('.steps li').count()).toBe(7);
      expect(await page.getByRole('region', { name: 'Believed' }).textContent()).toContain(BELIEF.words);
      expect(await page.locator('.tiles').textContent()).toMatch(
        /Waiting.*Oldest job waits.*Dynos.*up.*Cost today\$.*Saved today\$/,
      );
      expect(await page.getByRole('region', { name: 'Bursts' }).textContent()).toContain('2 → 20');
      expect(await page.locator('.changes li').first().textContent()).toMatch(/\d+ → \d+.*ask/);
      expect(complaints).toEqual([]);
    });

    test('marks decisions, and tells their reason under the pointer and by the keyboard', async () => {
      await record();
      await open();
      await charts();
      const tip = page.locator('.tip');
      await page.getByRole('group', { name: /Charts/ }).focus();
      await page.keyboard.press('Shift+ArrowLeft');
      expect(await tip.textContent()).toMatch(/dynos? set.*\d+ → \d+ at .*ask/);
      const box = (await page.locator('.u-over').nth(2).boundingBox())!;
      const cursor = (await page.locator('.u-cursor-x').nth(2).boundingBox())!;
      await page.keyboard.press('Escape');
      expect(await tip.isVisible()).toBe(false);
      await page.mouse.move(cursor.x - 3, box.y + 40);
      await page.mouse.move(cursor.x, box.y + 40);
      await expect.poll(async () => await tip.textContent()).toMatch(/\d+ → \d+ at .*ask/);
    });

    test('the arrow keys change the tab, a click the time shown', async () => {
      await record();
      await open();
      await charts();
      await page.getByRole('tab', { selected: true }).focus();
      await page.keyboard.press('ArrowRight');
      await expect
        .poll(async () => await page.getByRole('region', { name: 'Queues' }).textContent())
        .toContain('mail-high');
      expect(page.url()).toContain('#mailer');
      expect(await page.locator('[role=tab]:focus').textContent()).toContain('mailer');
      for (const [name, range] of [
        ['Week', 'week'],
        ['Day', 'day'],
      ] as const) {
        const asked = page.waitForResponse((response) => response.url().endsWith(`range=${range}`));
        await page.locator('.segments label', { hasText: name }).click();
        expect((await asked).status()).toBe(200);
        await charts();
      }
      expect(complaints).toEqual([]);
    });

    test('pauses and resumes', async () => {
      await record();
      await open();
      await page.getByRole('button', { name: 'Pause…' }).click();
      await page.getByLabel('2 hours').check();
      expect(await violations()).toEqual([]);
      await page.getByRole('button', { name: 'Pause', exact: true }).click();
      await expect
        .poll(async () => await page.locator('#banners').textContent())
        .toContain('Paused by the dashboard until');
      expect(site.pause?.until).toBe(site.at + 7_200_000);
      await page.getByRole('button', { name: 'Resume' }).click();
      await expect.poll(async () => await page.locator('#banners').textContent()).toBe('');
      expect(site.pause).toBeUndefined();
      await page.getByRole('button', { name: 'Pause…' }).click();
      await page.keyboard.press('Escape');
      expect(site.pause).toBeUndefined();
      expect(complaints).toEqual([]);
    });

    test.each([
      { width: 1280, dark: false },
      { width: 1280, dark: true },
      { width: 390, dark: false },
      { width: 390, dark: true },
    ])('has nothing that axe complains of, and nothing to scroll sideways: %o', async (options) => {
      await record();
      site.pause = { by: 'the command line' };
      await open(options);
      await charts();
      expect(await violations()).toEqual([]);
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      expect(wide).toBe(0);
    });

    test('behind a proxy that ends TLS: in, live, a change, and out for good', async () => {
      await record();
      const proxy = await startTlsProxy(site.url);
      try {
        context = await browser.newContext({ ignoreHTTPSErrors: true });
        page = await context.newPage();
        page.setDefaultTimeout(PATIENCE_MS);
        await page.clock.setFixedTime(NOW);
        page.on('pageerror', (error) => complaints.push(error.message));
        await page.goto(`${proxy.url}/login?wrong`);
        await page.getByLabel('Token').fill(TOKEN);
        await page.keyboard.press('Enter');
        await page.waitForURL(`${proxy.url}/`);
        await charts();
        const [cookie] = await context.cookies();
        expect(cookie).toMatchObject({
          name: '__Host-drover_session',
          secure: true,
          httpOnly: true,
          path: '/',
        });
        expect(await page.locator('#pulse').textContent()).toContain('live');
        await page.getByRole('button', { name: 'Pause…' }).click();
        await page.getByRole('button', { name: 'Pause', exact: true }).click();
        await expect.poll(() => site.pause?.by).toBe('the dashboard');

        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.waitForURL(`${proxy.url}/login`);
        expect(await context.cookies()).toEqual([]);
        await context.addCookies([cookie!]);
        await page.goto(proxy.url);
        await page.waitForURL(`${proxy.url}/login`);
        expect(complaints).toEqual([]);
      } finally {
        await proxy.stop();
      }
    });

    test('the form says what was wrong, and axe has nothing against it', async () => {
      await open();
      await context.clearCookies();
      await page.goto(`${site.url}/login?wrong`);
      expect(await page.getByRole('alert').textContent()).toBe('That is not the token.');
      expect(await violations()).toEqual([]);
    });

    test('a signed-in browser that follows a link sees the dashboard', async () => {
      await open();
      await page.goto(`${site.url}/login`);
      await page.waitForURL(`${site.url}/`);
      expect(await page.getByRole('button', { name: 'Sign out' }).isVisible()).toBe(true);
    });

    test.each([
      {
        name: 'empty',
        seed: async () => {},
        words: 'No tick is recorded yet',
        where: '#panel',
        pulse: 'no tick yet',
      },
      {
        name: 'stale',
        seed: async () => {
          await site.record(journalDay({ from: NOW - 700_000, ticks: 10 }));
        },
        words: 'the clock does not run, or cannot write to Redis',
        where: '#banners',
        pulse: 'stale, 10 min',
      },
      {
        name: 'blind',
        seed: async () => {
          const at = NOW - 1000;
          const seen = decidedEntry({ queues: [queueEntry({ ready: 12 })] });
          const blind = [0, 1, 2].map((index) => ({
            at: at + index,
            tookMs: 1,
            tickMs: TICK_MS,
            types: [blindEntry()],
          }));
          await site.record([{ at: at - 1, tookMs: 1, tickMs: TICK_MS, types: [seen] }, ...blind]);
        },
        words: 'worker holds: Redis cannot be reached. Look at it.',
        where: '#banners .bad',
        pulse: 'live',
      },
      {
        name: 'lost',
        seed: async () => {
          site.lost = broken;
        },
        words: 'What the clock wrote cannot be read',
        where: '#panel',
        pulse: 'connecting',
      },
    ])('$name: says so, accessibly', async ({ seed, words, where, pulse }) => {
      await seed();
      await open();
      await expect.poll(async () => await page.locator(where).textContent()).toContain(words);
      expect(await page.locator('#pulse').textContent()).toContain(pulse);
      expect(await violations()).toEqual([]);
    });

    test.each([
      { name: 'a maximum of two hundred millions', figures: { max: 2e8 } },
      {
        name: 'two hundred millions set, none of them wanted',
        figures: { quantity: 2e8, from: 2e8, to: 0, max: 1 },
      },
      { name: 'more than any array holds', figures: { quantity: 1e300, from: 1e300, to: 1e300, max: 1e300 } },
      {
        name: 'two thousand queues',
        figures: {
          queues: Array.from({ length: 2000 }, (_, index) => queueEntry({ name: `queue-${index}` })),
        },
      },
    ])('draws no more than fits, and stays usable: $name', async ({ figures }) => {
      await record();
      const types = [decidedEntry(figures)];
      await site.record([10_000, 20_000].map((ms) => ({ at: NOW + ms, tookMs: 1, tickMs: TICK_MS, types })));
      await open();
      await charts();
      expect(await page.locator('.cells i').count()).toBeLessThanOrEqual(60);
      expect(
        await page.getByRole('region', { name: 'Queues' }).locator('tbody tr').count(),
      ).toBeLessThanOrEqual(101);
      await page.getByRole('button', { name: 'Pause…' }).click();
      await page.getByRole('button', { name: 'Pause', exact: true }).click();
      await expect.poll(() => site.pause?.by).toBe('the dashboard');
      expect(complaints).toEqual([]);
    });

    test('goes on by itself when the server is back', async () => {
      await record();
      await open();
      await charts();
      site.lost = broken;
      await expect
        .poll(async () => await page.locator('#banners').textContent())
        .toContain('The connection is lost');
      site.lost = undefined;
      await site.record([
        { at: NOW + 1, tookMs: 1, tickMs: TICK_MS, types: [decidedEntry({ reason: 'news' })] },
      ]);
      await expect.poll(async () => await page.locator('.reason').textContent()).toBe('news');
      expect(await page.locator('#pulse').textContent()).toContain('live');
    });
  },
);
