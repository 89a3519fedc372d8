import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { POLICY_FLAGS } from '../../src/cli/simulate/policy-flags.ts';
import { WORKLOAD_NAMES } from '../../src/sim/workloads/generate.ts';
import { drover } from '../support/drover.ts';

const SHORT = ['--workload', 'daily', '--hours', '2', '--min', '0', '--max', '20'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulate-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

test('prints a row a policy within 80 columns, and needs no setting', async () => {
  const { code, stdout, stderr } = await drover(['simulate', ...SHORT]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.split('\n');
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  for (const name of ['Drover', 'origin rule', 'KEDA + HPA', 'Judoscale', 'guv', 'smallest fixed']) {
    expect(lines.some((line) => new RegExp(`^${name.replace('+', '\\+')} .*\\d %`).test(line))).toBe(true);
  }
});

test('says where no wait is considered', async () => {
  const rule = 'Drover sizes by JOBS_PER_WORKER=100, whatever the wait.';
  expect((await drover(['simulate', ...SHORT])).stdout).toContain(rule);
  expect((await drover(['simulate', ...SHORT, '--max-wait', '60'])).stdout).not.toContain('JOBS_PER_WORKER');
});

test('prints JSON of the same figures for the same seed', async () => {
  const run = async (seed: string): Promise<unknown> => {
    const { stdout } = await drover(['simulate', ...SHORT, '--seed', seed, '--json']);
    return JSON.parse(stdout) as unknown;
  };
  const first = await run('7');
  expect(first).toMatchObject({
    workload: { name: 'daily', hours: 2, concurrency: 2 },
    maxWaitSeconds: 60,
    policies: expect.arrayContaining([expect.objectContaining({ name: 'Drover', kills: 0 })]) as unknown,
  });
  expect(await run('7')).toEqual(first);
  expect(await run('8')).not.toEqual(first);
});

test('takes the policy from the environment, and from flags before it', async () => {
  const env = { MAX_WAIT_SECONDS: '90', BOOT_SECONDS: '45', WORKER_CONCURRENCY: '4', MIN_WORKERS: '20' };
  const { stdout } = await drover(['simulate', ...SHORT, '--boot', '20', '--json'], { env });
  expect(JSON.parse(stdout)).toMatchObject({
    maxWaitSeconds: 90,
    bootSeconds: 20,
    workload: { concurrency: 4 },
  });
});

test('boots vary by a third around the boot time of the policy, or as the flags say', async () => {
  const boots = async (...flags: string[]): Promise<unknown> => {
    const { stdout } = await drover(['simulate', ...SHORT, ...flags, '--json']);
    return (JSON.parse(stdout) as { boots: unknown }).boots;
  };
  expect(await boots()).toEqual({ fromSeconds: 20, toSeconds: 40, failedShare: 0, slowStart: 1 });
  expect(await boots('--boots', '25-90', '--failed-boots', '2.5', '--slow-start', '3')).toEqual({
    fromSeconds: 25,
    toSeconds: 90,
    failedShare: 0.025,
    slowStart: 3,
  });
});

test('simulate --trace writes a self-contained page', async () => {
  const trace = join(folder, '<b>.csv');
  const page = join(folder, 'page.html');
  await writeFile(
    trace,
    `t_s,service_s\n${Array.from({ length: 200 }, (_, at) => `${at * 10},12`).join('\n')}\n`,
  );
  const { code, stdout } = await drover(['simulate', '--trace', trace, '--html', page]);
  expect(code).toBe(0);
  expect(stdout).toContain('<b>.csv: 200 jobs');
  const html = await readFile(page, 'utf8');
  expect(html).toContain('<h1>&lt;b&gt;.csv: simulation</h1>');
  expect(html).not.toMatch(/(?:src|href)\s*=\s*["']?(?:https?:)?\/\//);
  expect(html).toContain('uPlot');
  const data = /<script type="application\/json" id="runs">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
  const runs = JSON.parse(data) as { name: string; dynos: number[] }[];
  expect(runs.map(({ name }) => name)).toContain('Drover');
  expect(runs.every(({ dynos }) => dynos.length > 100)).toBe(true);
});

describe('a wrong argument exits with 2', () => {
  const rows = [
    { name: 'an unknown workload', args: ['--workload', 'none'], words: 'Allowed choices are' },
    {
      name: 'a missing trace',
      args: ['--trace', '/nowhere/trace.csv'],
      words: 'cannot read /nowhere/trace.csv (ENOENT)',
    },
    {
      name: 'a trace beside a workload',
      args: ['--trace', 'x', '--workload', 'daily'],
      words: 'cannot be used with',
    },
    { name: 'a flag out of range', args: ['--max', '0'], words: 'MAX_WORKERS must be a whole number' },
    {
      name: 'boots from more to less',
      args: ['--boots', '40-20'],
      words: 'a range of seconds such as 20-40',
    },
    { name: 'too many failed boots', args: ['--failed-boots', '95'], words: 'a number from 0 to 90' },
    { name: 'hours out of range', args: ['--hours', '0'], words: 'It must be a whole number from 1 to 744.' },
  ];
  test.each(rows)('$name', async ({ args, words }) => {
    const { code, stdout, stderr } = await drover(['simulate', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(words);
  });

  test('every flag of the policy at once, by its setting', async () => {
    const flags = Object.values(POLICY_FLAGS);
    const args = flags.flatMap(([flag]) => [flag.split(' ')[0] ?? '', 'x']);
    const { code, stderr } = await drover(['simulate', ...args]);
    expect(code).toBe(2);
    for (const [, variable] of flags) expect(stderr).toContain(`  ${variable} must be `);
    expect(flags.length).toBe(7);
  });

  test('a line of a trace', async () => {
    const trace = join(folder, 'bad.csv');
    await writeFile(trace, '1,2\n1;2\n');
    const { code, stderr } = await drover(['simulate', '--trace', trace]);
    expect(code).toBe(2);
    expect(stderr).toContain('line 2 of the trace is not a job');
  });
});

test('offers every workload there is', async () => {
  const { stdout } = await drover(['simulate', '--help']);
  expect(WORKLOAD_NAMES.length).toBeGreaterThan(5);
  for (const name of WORKLOAD_NAMES) expect(stdout).toContain(`"${name}"`);
});
