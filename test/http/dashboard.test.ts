import axe from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { findChromium, MAY_BROWSE } from '../support/chromium.ts';
import { blindEntry, decidedEntry, entry, queueEntry } from '../support/entries.ts';
import { journalDay, TYPES } from '../support/journal-day.ts';
import { broken } from '../support/ports.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { Site, TOKEN } from '../support/site.ts';
import { startTlsProxy } from '../support/tls-proxy.ts';

const TICK_MS = 10_000;
/** The page's clock and the server's stand still, however long a test takes. */
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
const LASTING = {
  ...BELIEF,
  kind: 'boot',
  words: 'boots take 24 to 38 s',
  until: NOW + 604_800_000,
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
      // A missing browser is installed first, which takes a download.
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

    /** Ticks until now, with a burst in the last half hour. */
    async function record(): Promise<void> {
      const worker = { ...TYPES[0]!, queues: [EVIL, ...TYPES[0]!.queues] };
      const from = NOW - TICKS * TICK_MS;
      const options = { from, ticks: TICKS, types: [worker, ...TYPES.slice(1)], burstEveryMs: 1_800_000 };
      const entries = [...journalDay(options)];
      await site.record(entries.map((each) => ({ ...each, beliefs: [BELIEF, LASTING] })));
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

    test('the page shows the last tick, a tab for each process type, and any queue name as text', async () => {
      await record();
      await open();
      await charts();
      const requests: string[] = [];
      page.on('request', (request) => requests.push(request.url().slice(site.url.length)));
      await page.reload();
      await charts();
      // Besides its own files the page waits for one range of the history and the first status.
      expect(requests.filter((path) => !path.startsWith('/assets/')).toSorted()).toEqual([
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
      const beliefs = page.getByRole('region', { name: 'Beliefs' });
      expect(await beliefs.textContent()).toContain(BELIEF.words);
      // A time of another day has its date.
      expect(await beliefs.getByRole('row', { name: LASTING.words }).textContent()).toContain('9 Mar');
      expect(await page.locator('.tiles').textContent()).toMatch(
        /Waiting.*Longest wait.*Dynos.*up.*Cost today\$.*Saved today\$/,
      );
      expect(await page.getByRole('region', { name: 'Bursts' }).textContent()).toContain('2 → 20');
      expect(await page.locator('.changes li').first().textContent()).toMatch(/\d+ → \d+.*jobs/);
      expect(complaints).toEqual([]);
    });

    test('the charts mark changes, and show their reason at the pointer and by keyboard', async () => {
      await record();
      await open();
      await charts();
      const tip = page.locator('.tip');
      await page.getByRole('group', { name: /Charts/ }).focus();
      await page.keyboard.press('Shift+ArrowLeft');
      expect(await tip.textContent()).toMatch(/dynos? set.*\d+ → \d+ at .*jobs/);
      const box = (await page.locator('.u-over').nth(2).boundingBox())!;
      const cursor = (await page.locator('.u-cursor-x').nth(2).boundingBox())!;
      await page.keyboard.press('Escape');
      expect(await tip.isVisible()).toBe(false);
      await page.mouse.move(cursor.x - 3, box.y + 40);
      await page.mouse.move(cursor.x, box.y + 40);
      await expect.poll(async () => await tip.textContent()).toMatch(/\d+ → \d+ at .*jobs/);
    });

    test('the arrow keys select a tab, a click a time range', async () => {
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
        const answered = page.waitForResponse((response) => response.url().endsWith(`range=${range}`));
        await page.locator('.segments label', { hasText: name }).click();
        expect((await answered).status()).toBe(200);
        await charts();
      }
      expect(complaints).toEqual([]);
    });

    test('the buttons pause and resume', async () => {
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

    test('a limit of the platform is a banner, with its reason and remedy', async () => {
      const limit = { kind: 'refused', message: 'a quota allows 2 of 5 pods', remedy: 'Raise it.' } as const;
      await site.record([entry(0, [decidedEntry({ limit })])]);
      await open();
      await expect
        .poll(async () => await page.locator('#banners').textContent())
        .toContain('worker: a quota allows 2 of 5 pods. Raise it.');
    });

    test('a pause that fails is reported, also after the next tick', async () => {
      await record();
      await open();
      await page.route('**/pause', async (route) => await route.abort());
      await page.getByRole('button', { name: 'Pause…' }).click();
      await page.getByRole('button', { name: 'Pause', exact: true }).click();
      const banners = page.locator('#banners');
      await expect.poll(async () => await banners.textContent()).toContain('The request failed');
      const tick = { at: NOW + 1, tookMs: 1, tickMs: TICK_MS, types: [decidedEntry({ reason: 'later' })] };
      await site.record([tick]);
      await expect.poll(async () => await page.locator('.reason').textContent()).toBe('later');
      expect(await banners.textContent()).toContain('The request failed');
    });

    test('a banner says that a shadow changes nothing, until the clock acts', async () => {
      site.shadow = true;
      await site.record([{ at: NOW, tookMs: 1, tickMs: TICK_MS, types: [decidedEntry({ actual: 9 })] }]);
      await open();
      const banners = page.locator('#banners');
      await expect.poll(async () => await banners.textContent()).toContain('Shadow: the quantities below');
      expect(await banners.textContent()).toContain('It changes nothing.');
      const dynos = page.locator('.tile.workers');
      expect(await dynos.textContent()).toContain('2 wanted · limits 1–10 · 9 set on the platform');
      expect(await violations()).toEqual([]);
      site.shadow = false;
      await site.record([{ at: NOW + 1, tookMs: 1, tickMs: TICK_MS, types: [decidedEntry()] }]);
      await expect.poll(async () => await banners.textContent()).toBe('');
      expect(await dynos.textContent()).not.toContain('platform');
    });

    test("the page calls workers by the platform's noun, and shows no cost where no price is known", async () => {
      await site.stop();
      site = new Site(NOW);
      site.noun = 'pod';
      site.prices = undefined;
      await site.start();
      await record();
      await open();
      await charts();
      expect(await page.locator('.tile dt').allTextContents()).toEqual(['Waiting', 'Longest wait', 'Pods']);
      const text = await page.locator('body').innerText();
      expect(text).toMatch(/Pods/);
      // Reasons come from the decision and the prices from Heroku's list: only the page's own texts count.
      const own = ['.tiles', '#tabs', 'figcaption', '#notes', '.number', 'thead'];
      for (const selector of own) {
        const texts = await page.locator(selector).allInnerTexts();
        expect(texts.join(' ')).not.toMatch(/dyno/i);
      }
      expect(await page.getByRole('group', { name: /Charts/ }).getAttribute('aria-label')).toContain('pods');
    });

    test.each([
      { width: 1280, dark: false },
      { width: 1280, dark: true },
      { width: 390, dark: false },
      { width: 390, dark: true },
    ])('the page has no axe violations and does not scroll sideways: %o', async (options) => {
      await record();
      site.pause = { by: 'the command line' };
      await open(options);
      await charts();
      expect(await violations()).toEqual([]);
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      expect(wide).toBe(0);
    });

    test('behind a proxy that ends TLS the page signs in, updates, pauses and signs out', async () => {
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

    test('the form names the problem, and has no axe violations', async () => {
      await open();
      await context.clearCookies();
      await page.goto(`${site.url}/login?wrong`);
      expect(await page.getByRole('alert').textContent()).toBe('Wrong token.');
      expect(await violations()).toEqual([]);
    });

    test('a browser that is signed in is redirected from the form to the dashboard', async () => {
      await open();
      await page.goto(`${site.url}/login`);
      await page.waitForURL(`${site.url}/`);
      expect(await page.getByRole('button', { name: 'Sign out' }).isVisible()).toBe(true);
    });

    test.each([
      {
        name: 'no tick',
        seed: async () => {},
        text: 'No tick recorded yet',
        where: '#panel',
        pulse: 'no tick yet',
      },
      {
        name: 'a stale tick',
        seed: async () => {
          await site.record(journalDay({ from: NOW - 700_000, ticks: 10 }));
        },
        text: 'the clock is not running or cannot write to Redis',
        where: '#banners',
        pulse: 'stale, last tick 10 min',
      },
      {
        name: 'ticks without a reading',
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
        text: 'worker: cannot read state; holding. Redis cannot be reached. Look at it.',
        where: '#banners .bad',
        pulse: 'live',
      },
      {
        name: 'unreadable state',
        seed: async () => {
          site.lost = broken;
        },
        text: "Cannot read the clock's state",
        where: '#panel',
        pulse: 'connecting',
      },
    ])('with $name the page says so, without axe violations', async ({ seed, text, where, pulse }) => {
      await seed();
      await open();
      await expect.poll(async () => await page.locator(where).textContent()).toContain(text);
      expect(await page.locator('#pulse').textContent()).toContain(pulse);
      expect(await violations()).toEqual([]);
    });

    test.each([
      { name: 'a maximum of 200 million', figures: { max: 2e8 } },
      {
        name: '200 million set and none wanted',
        figures: { quantity: 2e8, from: 2e8, to: 0, max: 1 },
      },
      {
        name: 'more than an array can hold',
        figures: { quantity: 1e300, from: 1e300, to: 1e300, max: 1e300 },
      },
      {
        name: 'two thousand queues',
        figures: {
          queues: Array.from({ length: 2000 }, (_, index) => queueEntry({ name: `queue-${index}` })),
        },
      },
    ])('the page bounds what it draws, and stays usable: $name', async ({ figures }) => {
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

    test('the page recovers when the state is readable again', async () => {
      await record();
      await open();
      await charts();
      site.lost = broken;
      await expect
        .poll(async () => await page.locator('#banners').textContent())
        .toContain('Connection lost');
      site.lost = undefined;
      await site.record([
        { at: NOW + 1, tookMs: 1, tickMs: TICK_MS, types: [decidedEntry({ reason: 'recovered' })] },
      ]);
      await expect.poll(async () => await page.locator('.reason').textContent()).toBe('recovered');
      expect(await page.locator('#pulse').textContent()).toContain('live');
    });
  },
);
