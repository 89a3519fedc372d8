import { beforeEach, describe, expect, test } from 'vitest';

import { loadViewSettings } from '../../src/config/load.ts';
import { sinceModeChange, packHour, unpackHour, hourAt } from '../../src/journal/hour.ts';
import { MINUTE_MS, type History, type TypeMinute } from '../../src/journal/minute.ts';
import { summarize } from '../../src/journal/summary.ts';
import { compareShadow } from '../../src/cli/report/shadow.ts';
import { reportPage } from '../../src/cli/views/report-page.ts';
import { reportText } from '../../src/cli/views/report.ts';
import { widthOf } from '../../src/cli/views/width.ts';
import { PLATFORM_TEXTS } from '../../src/cli/platforms.ts';
import type { Ran } from '../support/drover.ts';
import { T0 } from '../support/entries.ts';
import { testEnvironment } from '../support/test-environment-hooks.ts';

const scene = await testEnvironment();

const MINUTES = 60;
const DYNOS = 10;

/** An hour of ten dynos that have two to do, but for a burst of ten minutes. */
function past(actual: (minute: number) => number | undefined): History {
  const minutes = Array.from({ length: MINUTES }, (_, minute) => {
    const burst = minute >= 20 && minute < 30;
    const added = burst ? 200 : 20;
    const active = burst ? 40 : 4;
    const quantity = burst ? 12 : 2;
    const real = actual(minute);
    const type: TypeMinute = {
      processType: 'worker',
      size: 'Standard-1X',
      ticks: 6,
      blind: 0,
      quantity,
      wanted: quantity,
      min: 1,
      max: 20,
      concurrency: 4,
      maxWaitMs: 60_000,
      dynoMs: quantity * MINUTE_MS,
      ...(real === undefined ? {} : { actualDynoMs: real * MINUTE_MS }),
      maxDynoMs: 20 * MINUTE_MS,
      activeMs: active * MINUTE_MS,
      ready: 0,
      active,
      waitMs: 500,
      added,
      done: added,
      queues: [{ name: 'mail', ready: 0, active, waitMs: 500, added }],
    };
    return { at: T0 + minute * MINUTE_MS, types: [type] };
  });
  return { minutes, changes: [], bursts: [] };
}

function settingsOf(env: Record<string, string> = {}): Parameters<typeof compareShadow>[1] {
  const loaded = loadViewSettings({
    REDIS_URL: 'redis://127.0.0.1',
    QUEUES: 'mail',
    HEROKU_APP_NAME: 'my-app',
    MIN_WORKERS: '1',
    MAX_WORKERS: '20',
    MAX_WAIT_SECONDS: '60',
    ...env,
  });
  const [type] = loaded.kind === 'settings' ? loaded.settings.processTypes : [];
  if (!type) throw new Error('wrong settings');
  return type;
}

describe('the comparison', () => {
  test('simulates what was and what Drover would have done on the same jobs', async () => {
    const history = past(() => DYNOS);
    const comparison = await compareShadow(history, settingsOf(), 10_000);
    const { asItWas, withDrover } = comparison ?? {};
    // What is known of the past: ten dynos for an hour, and hardly a wait.
    expect(Math.abs((asItWas?.dynoHours ?? 0) - 10)).toBeLessThan(0.5);
    expect(withDrover?.dynoHours).toBeLessThan(6);
    expect(withDrover?.late).toBeLessThan(0.05);
    const summary = summarize(
      history,
      { from: T0, to: T0 + MINUTES * MINUTE_MS },
      PLATFORM_TEXTS.heroku.prices,
    );
    expect(summary.types[0]?.actual?.dynoHours).toBeCloseTo(10, 5);
    const shadows = new Map(comparison ? [['worker', comparison]] : []);
    const text = reportText('my-app', summary, PLATFORM_TEXTS.heroku, shadows);
    expect(text).toMatch(
      /^ {2}The actual quantities took 10\.0 dyno-hours \(\$0\.35\); Drover would have taken\s+\d+\.\d,\s+with\s+a\s+p95\s+wait\s+of\s+[\w\s]+instead\s+of\s+[\w\s]+\.$/m,
    );
    expect(text).toMatch(/remove\s+DRY_RUN/);
    const page = reportPage('my-app', summary, PLATFORM_TEXTS.heroku, shadows);
    expect(page).toMatch(
      /<p>The actual quantities took 10\.0 dyno-hours \(\$0\.35\); Drover would have taken \d+\.\d, with a p95 wait /,
    );
    expect(page).toMatch(/<tr><td>with Drover<\/td><td>\d+\.\d<\/td>/);
    expect(page).toContain('<td>Drover (shadow)</td>');
    expect(page).toContain('Shadow: nothing was changed.');
    const acting = reportPage('my-app', summary, PLATFORM_TEXTS.heroku, new Map());
    expect(acting).toContain('<td>Drover</td>');
    expect(acting).not.toMatch(/shadow|simulated/i);
    expect(text.split('\n').filter((line) => widthOf(line) > 80)).toEqual([]);
  });

  test('is not made where Drover acted', async () => {
    expect(
      await compareShadow(
        past(() => undefined),
        settingsOf(),
        10_000,
      ),
    ).toBeUndefined();
  });

  test('and what was set are never added up: the latest part of one mode counts', () => {
    const shadowLast = sinceModeChange(past((minute) => (minute < 40 ? undefined : DYNOS)));
    expect(shadowLast.minutes).toHaveLength(20);
    const actingLast = sinceModeChange(past((minute) => (minute < 40 ? DYNOS : undefined)));
    expect(actingLast.minutes).toHaveLength(20);
    const all = past(() => DYNOS);
    expect(sinceModeChange(all)).toBe(all);
  });
});

test('the journal keeps the quantities of the platform, and reads hours without them', () => {
  const start = hourAt(T0);
  const hour = (actual: (minute: number) => number | undefined): History => ({
    ...past(actual),
    minutes: past(actual).minutes.slice(0, 60),
  });
  const mixed = hour((minute) => (minute < 30 ? undefined : DYNOS));
  expect(unpackHour(start, packHour(start, mixed))).toEqual(mixed);
  const acting = hour(() => undefined);
  expect(packHour(start, acting).types[0]).not.toHaveProperty('actualDynoMs');
  expect(unpackHour(start, packHour(start, acting))).toEqual(acting);
});

describe('DRY_RUN=shadow', () => {
  beforeEach(async () => {
    await scene.add('mail', 700);
  });
  const run = async (args: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
    await scene.drover(args, { MIN_WORKERS: '0', ...env });

  test('changes nothing on Heroku, keeps what it would have done, and ends with the setting', async () => {
    const shadow = { DRY_RUN: 'shadow' };
    const before = scene.platform.requests.length;
    expect((await run(['run', '--once'], shadow)).stdout).toContain('worker: would set 7 (shadow): ');
    // The shadow has them already.
    expect((await run(['run', '--once'], shadow)).stdout).not.toContain('would set');
    const methods = scene.platform.requests.slice(before).map(({ method }) => method);
    expect(new Set(methods)).toEqual(new Set(['GET']));
    const { code, stdout } = await run(['status']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^SHADOW: this is what Drover would do; nothing is changed\./m);
    expect(stdout).toMatch(/^worker: 7 dynos .*; target 7; set\s+on\s+the\s+platform:\s+3$/m);
    // What the shadow had is not taken for a quantity that an operator changed.
    expect((await run(['run', '--once'])).stdout).toContain('worker: set to 7 Standard-1X: ');
    expect(scene.platform.quantity(scene.app, 'worker')).toBe(7);
    expect((await run(['status'])).stdout).not.toContain('SHADOW');
  });

  test('is overridden by --dry-run, which writes nothing anywhere', async () => {
    const keys = (await scene.redis.keys('drover:*')).length;
    const { stdout } = await run(['run', '--once', '--dry-run'], { DRY_RUN: 'shadow' });
    expect(stdout).toContain('would set 7 (dry run)');
    expect((await scene.redis.keys('drover:*')).length).toBe(keys);
  });
});
