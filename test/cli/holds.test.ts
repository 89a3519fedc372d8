import { describe, expect, test } from 'vitest';

import { testEnvironment } from '../support/test-environment-hooks.ts';

const scene = await testEnvironment();

function longest(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length));
}

const quantity = (type = 'worker'): number => scene.platform.quantity(scene.app, type);

describe('beliefs', () => {
  test('status lists a belief, and forget drops it at the next tick', async () => {
    const env = { MIN_WORKERS: '0', SCALE_DOWN_DELAY_SECONDS: '0' };
    await scene.add('mail', 300);
    await scene.drover(['run', '--once'], env);
    scene.platform.setQuantity(scene.app, 'worker', 0);
    await scene.add('mail', 400);
    expect((await scene.drover(['run', '--once'], env)).stdout).toContain('autoscaling suspended');
    const { stdout } = await scene.drover(['status'], env);
    expect(stdout).toMatch(/^beliefs:$/m);
    expect(stdout).toMatch(
      /^ {2}manual: worker: scaled to 0 manually \(began \d+ s ago; ends when it is above 0\)$/m,
    );
    expect(longest(stdout)).toBeLessThanOrEqual(80);
    expect((await scene.drover(['forget', 'manual'])).stdout).toBe(
      'my-app: manual will be forgotten at the next tick\n',
    );
    await scene.drover(['run', '--once'], env);
    expect(quantity()).toBe(7);
    expect((await scene.drover(['status'], env)).stdout).not.toContain('manually');
  });

  test('forget refuses an unknown kind and lists the known ones', async () => {
    const { code, stderr } = await scene.drover(['forget', 'everything']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('manual, limit, boot, concurrency')]);
  });
});

describe('pause and resume', () => {
  test('pause holds the quantity across processes until resume', async () => {
    await scene.add('mail', 700);
    expect((await scene.drover(['resume'])).stdout).toBe('my-app was not paused\n');
    expect((await scene.drover(['pause', '--for', '30m'])).stdout).toContain(
      'my-app: scaling is paused until 20',
    );
    const held = await scene.drover(['run', '--once']);
    expect(held.stdout).toContain('held at 3: paused by the command line until');
    expect(quantity()).toBe(3);
    expect((await scene.drover(['status'])).stdout).toContain('PAUSED by the command line');
    await scene.drover(['resume']);
    await scene.drover(['run', '--once']);
    expect(quantity()).toBe(7);
  });
});

describe('maintenance mode', () => {
  test('holds a real run until it is over, and the plan says so', async () => {
    await scene.add('mail', 700);
    scene.platform.setMaintenance(scene.app, true);
    const held = await scene.drover(['run', '--once']);
    expect([held.code, held.stdout]).toEqual([
      0,
      expect.stringContaining('held at 3: the app is in maintenance mode'),
    ]);
    expect((await scene.drover(['plan'])).stdout).toContain('the app is in maintenance mode');
    scene.platform.setMaintenance(scene.app, false);
    await scene.drover(['run', '--once']);
    expect(quantity()).toBe(7);
  });
});
