import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { startPlatform, type Platform, type PlatformOptions } from '../../src/standin/platform.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { call } from './call.ts';

/** Dynos in shell: they start in milliseconds, and write a line to a file on SIGTERM. */
const POLITE =
  'trap \'echo "$DYNO" >> "$ENDED"; exit 0\' TERM; echo up >> "$ENDED.$DYNO"; while :; do sleep 0.02; done';
const STUBBORN =
  'trap \'echo "$DYNO" >> "$ENDED"\' TERM; echo up >> "$ENDED.$DYNO"; while :; do sleep 0.02; done';

let folder: string;
let platform: Platform | undefined;
let spawned: { name: string; env: Record<string, string>; child: ChildProcess }[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-platform-'));
  spawned = [];
});
afterEach(async () => {
  await platform?.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(
  script: (name: string) => string,
  options: Partial<PlatformOptions> & { quantity: number },
): Promise<Platform> {
  const { quantity, ...rest } = options;
  platform = await startPlatform({
    apps: [{ name: 'shop', formation: [{ type: 'worker', quantity }] }],
    graceMs: PATIENCE_MS,
    processes: {
      spawn({ name, env }) {
        const child = spawn('sh', ['-c', script(name)], {
          env: { ...process.env, ...env, ENDED: join(folder, 'ended') },
          detached: true,
          stdio: 'ignore',
        });
        spawned.push({ name, env, child });
        return child;
      },
    },
    ...rest,
  });
  return platform;
}

const read = (file: string): Promise<string[]> =>
  readFile(join(folder, file), 'utf8').then(
    (text) => text.trim().split('\n'),
    () => [],
  );
const ready = (name: string, times = 1): Promise<void> =>
  expect.poll(() => read(`ended.${name}`)).toHaveLength(times);
const states = (on: Platform): string[] => on.dynos('shop').map(({ name, state }) => `${name} ${state}`);
function runs(pid: number | undefined): boolean {
  try {
    return process.kill(pid ?? 0, 0);
  } catch {
    return false;
  }
}

test('a dyno gets the config vars that the app has when it starts', async () => {
  const app = { name: 'shop', config: { QUEUES: 'mail' }, formation: [{ type: 'worker', quantity: 1 }] };
  const running = await start(() => POLITE, { quantity: 1, apps: [app], scopes: ['global'] });
  await ready('worker.1');
  await call(running, 'PATCH', '/apps/shop/config-vars', { QUEUES: 'mail,reports' });
  await ready('worker.1', 2);
  expect(spawned.map(({ env }) => env['QUEUES'])).toEqual(['mail', 'mail,reports']);
});

test('a dyno gets its name and a port', async () => {
  await start(() => POLITE, { quantity: 2 });
  await ready('worker.2');
  expect(spawned.map(({ name, env }) => [name, env['DYNO']])).toEqual([
    ['worker.1', 'worker.1'],
    ['worker.2', 'worker.2'],
  ]);
  expect(Number(spawned[0]?.env['PORT'])).toBeGreaterThanOrEqual(3_000);
});

test('scaling down stops the highest numbers and no others', async () => {
  const on = await start(() => POLITE, { quantity: 4 });
  await Promise.all(['worker.1', 'worker.2', 'worker.3', 'worker.4'].map((name) => ready(name)));
  const kept = on.dynos('shop').slice(0, 2);
  on.setQuantity('shop', 'worker', 2);
  expect(states(on)).toEqual(['worker.1 up', 'worker.2 up', 'worker.3 down', 'worker.4 down']);
  await expect.poll(() => on.dynos('shop')).toEqual(kept);
  expect((await read('ended')).toSorted()).toEqual(['worker.3', 'worker.4']);
  expect(spawned.map(({ child }) => runs(child.pid))).toEqual([true, true, false, false]);
  expect(on.kills).toBe(0);
  const ends = on
    .stopped('shop')
    .map(({ name, type, because, sigkillAt }) => ({ name, type, because, sigkillAt }));
  expect(ends.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual(
    ['worker.3', 'worker.4'].map((name) => ({
      name,
      type: 'worker',
      because: 'scale-down',
      sigkillAt: undefined,
    })),
  );
});

test('a dyno that ignores SIGTERM is killed after its grace time, not before', async () => {
  const on = await start(() => STUBBORN, { quantity: 1, graceMs: 300 });
  await ready('worker.1');
  const stoppedAt = performance.now();
  on.setQuantity('shop', 'worker', 0);
  await expect.poll(() => on.dynos('shop')).toEqual([]);
  expect(performance.now() - stoppedAt).toBeGreaterThanOrEqual(295);
  expect(on.kills).toBe(1);
  expect(on.stopped('shop')).toMatchObject([
    { name: 'worker.1', pid: spawned[0]?.child.pid, because: 'scale-down' },
  ]);
  const [{ sigtermAt, sigkillAt = 0, endedAt } = { sigtermAt: 0, endedAt: 0 }] = on.stopped('shop');
  expect(sigkillAt - sigtermAt).toBeGreaterThanOrEqual(295);
  expect(endedAt).toBeGreaterThanOrEqual(sigkillAt);
  expect(await read('ended')).toContain('worker.1');
  expect(runs(spawned[0]?.child.pid)).toBe(false);
});

test('a dyno that is still booting is cancelled at once and never runs', async () => {
  const on = await start(() => POLITE, { quantity: 2, bootMs: 1_000 });
  expect(states(on)).toEqual(['worker.1 starting', 'worker.2 starting']);
  on.setQuantity('shop', 'worker', 0);
  expect(states(on)).toEqual([]);
  on.setQuantity('shop', 'worker', 1);
  // It boots as long as they would have, so by now they would run.
  await ready('worker.1');
  expect(spawned).toHaveLength(1);
});

test('a crashed dyno is restarted at once, and after the next crash only later', async () => {
  const on = await start(() => 'echo up >> "$ENDED.$DYNO"; exit 1', { quantity: 1 });
  await ready('worker.1', 2);
  await expect.poll(() => states(on)).toEqual(['worker.1 crashed']);
  expect(spawned).toHaveLength(2);
  on.setQuantity('shop', 'worker', 0);
  expect(states(on)).toEqual([]);
});

test('a program that does not exist is a crash', async () => {
  platform = await startPlatform({
    apps: [{ name: 'shop', formation: [{ type: 'worker', quantity: 1 }] }],
    processes: { spawn: () => spawn(join(folder, 'nothing')) },
  });
  const on = platform;
  await expect.poll(() => states(on)).toEqual(['worker.1 crashed']);
});

test('a restart runs the new dyno of the same name beside the old one', async () => {
  const on = await start(() => STUBBORN, { quantity: 1, graceMs: 4_000 });
  await ready('worker.1');
  on.restart('shop', 'worker');
  await ready('worker.1', 2);
  expect(states(on)).toEqual(['worker.1 down', 'worker.1 up']);
  expect(spawned.map(({ child }) => runs(child.pid))).toEqual([true, true]);
  await expect.poll(() => states(on)).toEqual(['worker.1 up']);
  expect(on.kills).toBe(1);
});

// A child that outlives its parent is killed at once, so the parent waits until the child has written its line.
const PATIENT = POLITE.replace("trap '", `trap 'until [ -e "$ENDED" ]; do sleep 0.02; done; `);

test.each([
  {
    name: 'gets the signal',
    trap: 'echo child >> "$ENDED"; exit 0',
    parent: PATIENT,
    lines: ['child', 'worker.1'],
  },
  { name: 'is killed if it ignores the signal', trap: '', parent: POLITE, lines: ['worker.1'] },
])('a child of the process $name, and ends with it', async ({ trap, parent, lines }) => {
  const child = `(trap '${trap}' TERM; sh -c 'echo $PPID' > "$ENDED.pid"; while :; do sleep 0.02; done) &`;
  const on = await start(() => `${child} ${parent}`, { quantity: 1 });
  await expect.poll(() => read('ended.pid')).toEqual([expect.stringMatching(/^\d+$/)]);
  await ready('worker.1');
  const grandchild = Number((await read('ended.pid'))[0]);
  expect(runs(grandchild)).toBe(true);
  on.setQuantity('shop', 'worker', 0);
  await expect.poll(() => runs(grandchild)).toBe(false);
  await expect.poll(() => read('ended')).toEqual(lines);
});

test('the highest number is stopped first', async () => {
  const signals: string[] = [];
  platform = await startPlatform({
    apps: [{ name: 'shop', formation: [{ type: 'worker', quantity: 4 }] }],
    processes: {
      spawn({ name }) {
        const child = spawn('sleep', ['600'], { stdio: 'ignore' });
        const kill = child.kill.bind(child);
        child.kill = (signal) => {
          signals.push(`${name} ${String(signal)}`);
          return kill(signal);
        };
        return child;
      },
    },
  });
  const on = platform;
  await expect.poll(() => states(on).filter((state) => state.endsWith('up'))).toHaveLength(4);
  on.setQuantity('shop', 'worker', 1);
  expect(signals).toEqual(['worker.4 SIGTERM', 'worker.3 SIGTERM', 'worker.2 SIGTERM']);
});

test('close ends every process, even one that ignores SIGTERM, and counts none of them as a kill', async () => {
  const on = await start((name) => (name === 'worker.1' ? STUBBORN : POLITE), { quantity: 3 });
  await Promise.all(['worker.1', 'worker.2', 'worker.3'].map((name) => ready(name)));
  await on.close();
  expect(spawned.map(({ child }) => runs(child.pid))).toEqual([false, false, false]);
  expect(on.kills).toBe(0);
});
