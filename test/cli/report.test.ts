import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { connectRedis } from '../../src/adapters/redis/connect.ts';
import { redisJournal } from '../../src/adapters/redis/journal.ts';
import { stateKeys } from '../../src/adapters/redis/keys.ts';
import { nothingToReport } from '../../src/cli/views/report.ts';
import { rollUp } from '../../src/journal/minute.ts';
import { summarize } from '../../src/journal/summary.ts';
import { decidedEntry, entry, T0 } from '../support/entries.ts';
import { nextStatus, type Status } from '../../src/journal/status.ts';
import { journalDay } from '../support/journal-day.ts';
import { testEnvironment } from '../support/test-environment-hooks.ts';

const scene = await testEnvironment();

const TICK_MS = 30_000;

type Naming = (processType: string) => string;
const AS_THEY_ARE: Naming = (processType) => processType;

let past: Promise<(readonly [key: string, value: Buffer])[]> | undefined;

/** Three hours until now, as the clock would have left them: it takes a while, so it is done once. */
async function recordPast(nameOf = AS_THEY_ARE): Promise<void> {
  if (nameOf !== AS_THEY_ARE) return await writePast(nameOf, 21);
  past ??= dumped(writePast(AS_THEY_ARE, 361));
  for (const [key, value] of await past) await scene.redis.restore(key, 3_600_000, value, 'REPLACE');
}

async function dumped(written: Promise<void>): Promise<(readonly [key: string, value: Buffer])[]> {
  await written;
  const found = await scene.redis.keys('drover:*');
  return await Promise.all(found.map(async (key) => [key, await scene.redis.dumpBuffer(key)] as const));
}

async function writePast(nameOf: Naming, ticks: number): Promise<void> {
  const connection = connectRedis(scene.redisUrl, { tlsVerify: true });
  const journal = redisJournal(connection, stateKeys(scene.app));
  const { signal } = new AbortController();
  const now = Math.floor(Date.now() / TICK_MS) * TICK_MS;
  let status: Status | undefined;
  const from = now - (ticks - 1) * TICK_MS;
  for (const each of journalDay({ from, ticks, tickMs: TICK_MS, burstEveryMs: 3_600_000 })) {
    const types = each.types.map((type) => ({ ...type, processType: nameOf(type.processType) }));
    const named = { ...each, types };
    const next = nextStatus(status, named, { appName: scene.app, timeZone: 'UTC' });
    status = next.status;
    await journal.record({ ...named, bursts: next.bursts }, { status, alarms: {} }, signal);
  }
  connection.close();
}

function longest(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length));
}

const quantity = (type = 'worker'): number => scene.platform.quantity(scene.app, type);

describe('status and report', () => {
  test('before the first tick status and report say so, and status exits with 1', async () => {
    const status = await scene.drover(['status']);
    expect([status.code, status.stdout]).toEqual([1, expect.stringContaining('No tick recorded yet')]);
    const report = await scene.drover(['report']);
    expect([report.code, report.stdout]).toEqual([0, expect.stringContaining('No tick recorded yet')]);
  });

  test('after a single tick report says when it has something to show', async () => {
    await scene.add('mail', 1);
    expect((await scene.drover(['run', '--once'])).code).toBe(0);
    const { code, stdout } = await scene.drover(['report']);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^The last tick was \d+ s ago\. The report begins/),
    ]);
    expect(longest(stdout)).toBeLessThanOrEqual(80);
  });

  test('a minute whose only tick has no successor has the maximum of that tick', () => {
    const tick = (at: number) => ({ ...entry(0, [decidedEntry()]), at });
    const history = rollUp([tick(T0), tick(T0 + 60_000)]);
    expect(history.minutes.map(({ types }) => types.map(({ maxDynoMs }) => maxDynoMs))).toEqual([[0]]);
    const { types } = summarize(history, { from: T0, to: T0 + 120_000 }, undefined);
    expect(types.map(({ fixedMax }) => fixedMax.dynos)).toEqual([decidedEntry().max]);
  });

  test('a period after the last tick is reported as such', () => {
    const [from, now] = [1_000_000, 2_000_000];
    expect(nothingToReport(from - 1000, from, now)).toMatch(
      /^The last tick was 16 min 41 s ago, before this/,
    );
    expect(nothingToReport(from, from, now)).toContain('first whole minute');
  });

  test('status shows the last tick of every process type', async () => {
    await scene.add('mail', 700);
    await scene.add('bulk', 20);
    const env = { PROCESS_TYPES: 'worker,mailer', MAILER_QUEUES: 'bulk', MIN_WORKERS: '0' };
    expect((await scene.drover(['run', '--once'], env)).code).toBe(0);
    const { code, stdout } = await scene.drover(['status'], env);
    expect(code).toBe(0);
    expect(stdout).toMatch(/my-app: last tick \d+ s ago/);
    expect(stdout).toMatch(/worker: 7 dynos \(4 starting\) of Standard-1X, limits 0 to 50; target 7/);
    expect(stdout).toMatch(/mail +700 +0 /);
    expect(stdout).toMatch(/mailer: 1 dyno of Standard-1X, limits 0 to 50/);
    expect(stdout).toMatch(/bulk +20 +0 /);
    expect(stdout).toMatch(/Heroku: 4,\d+ API requests left/);
    const json = JSON.parse((await scene.drover(['status', '--json'], env)).stdout) as {
      status: { types: unknown[] };
      health: unknown;
    };
    expect(json.health).toEqual({ ok: true, words: 'ok' });
    expect(json.status.types).toHaveLength(2);
  });

  test('a process type that cannot be read does not stop the other', async () => {
    await scene.add('mail', 700);
    const env = { PROCESS_TYPES: 'worker,typo', TYPO_QUEUES: 'mail', MIN_WORKERS: '0' };
    expect((await scene.drover(['run', '--once'], env)).code).toBe(1);
    expect(quantity()).toBe(7);
    const { stdout } = await scene.drover(['status'], env);
    expect(stdout).toContain('worker: 7 dynos');
    expect(stdout).toContain('typo: unreadable for 1 tick:');
  });

  test('report shows cost, savings and each burst, in 80 columns', async () => {
    await recordPast();
    const { code, stdout } = await scene.drover(['report', '--since', '3h']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/worker \(Standard-1X\): [\d,]+ jobs added/);
    expect(stdout).toMatch(/fixed maximum +20 +\d+\.\d +\$\d+\.\d\d +\$\d+\.\d\d/);
    expect(stdout).toMatch(/best fixed +\d+ /);
    expect(stdout).toMatch(/median .* p95 .* p99 .* max /);
    expect(stdout).toMatch(/\d{4}-\d\d-\d\d \d\d:\d\d +8,\d{3} +[78],\d{3} +2 → 20 .* 2 min(?: 10 s)?$/m);
    expect(longest(stdout)).toBeLessThanOrEqual(80);
    expect(longest((await scene.drover(['status'])).stdout)).toBeLessThanOrEqual(80);
  });

  test('report as JSON and as a page', async () => {
    await recordPast();
    const folder = await mkdtemp(join(tmpdir(), 'drover-'));
    const file = join(folder, 'report.html');
    const { stdout } = await scene.drover(['report', '--since', '2h', '--json', '--html', file]);
    const json = JSON.parse(stdout) as {
      types: { processType: string; bursts: unknown[]; fixedMax: { savedUsd: number } }[];
    };
    expect(json.types.map(({ processType }) => processType).toSorted()).toEqual([
      'mailer',
      'reports',
      'worker',
    ]);
    expect(json.types.every(({ fixedMax }) => fixedMax.savedUsd > 0)).toBe(true);
    expect(await readFile(file, 'utf8')).toContain('<td>fixed maximum</td>');
    const refused = await scene.drover(['report', '--html', join(folder, 'none', 'report.html')]);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/^error: cannot write .*report\.html \(ENOENT\)\n$/),
    ]);
    await rm(folder, { recursive: true });
  });

  test('simulate plays what was recorded, under the settings of its process type', async () => {
    const nothing = await scene.drover(['simulate', '--history']);
    expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('no history of that period')]);
    await recordPast();
    const several = await scene.drover(['simulate', '--history', '--since', '3h']);
    expect([several.code, several.stderr]).toEqual([
      1,
      expect.stringContaining('--process-type worker or mailer'),
    ]);
    const args = ['simulate', '--history', '--since', '3h', '--process-type', 'mailer'];
    const env = { MAX_WAIT_SECONDS: '90', MAILER_MAX_WAIT_SECONDS: '45' };
    const { code, stdout } = await scene.drover(args, env);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^mailer as recorded: [\d,]+ jobs in [\w ]+, concurrency\s+10,\s+boots\s+of\s+20\s+to\s+40\s+s,\s+late\s+after\s+45\s+s$/m,
    );
    expect(stdout).toMatch(/^Actual usage: \d+\.\d dyno-hours\. Rebuilt from counts/m);
    expect(stdout).toMatch(/^Drover .*\d %/m);
    expect(longest(stdout)).toBeLessThanOrEqual(80);
  });

  test('hostile names in the journal neither control the terminal nor forge a line', async () => {
    await recordPast((processType) => `\u001B[2J${processType}\ndrover: all is well`);
    for (const args of [['simulate', '--history'], ['status'], ['report']]) {
      const { stdout, stderr } = await scene.drover(args);
      expect(`${stdout}${stderr}`).toContain(String.raw`\u001b[2J`);
      expect(`${stdout}${stderr}`).not.toContain('\u001B');
      expect(`${stdout}${stderr}`).not.toMatch(/^drover: all is well/m);
    }
  });

  test.each(['7', '31d', 'week', '-1h'])('report --since %s is refused', async (since) => {
    expect((await scene.drover(['report', `--since=${since}`])).code).toBe(2);
  });
});
