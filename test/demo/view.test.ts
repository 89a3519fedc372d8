import { describe, expect, test } from 'vitest';

import { demoSummary, lostJobs, type DemoResult } from '../../src/cli/demo/summary.ts';
import { demoLine, demoScreen, sparkline, type DemoState } from '../../src/cli/demo/screen.ts';

const state: DemoState = {
  elapsedMs: 23_400,
  lengthMs: 60_000,
  queues: [
    { name: 'newsletter', waiting: 2260, active: 40, completed: 700, failed: 0 },
    { name: 'transactional', waiting: 0, active: 3, completed: 64, failed: 1 },
  ],
  noun: 'dyno',
  workers: [
    { name: 'worker.1', state: 'up' },
    { name: 'worker.2', state: 'starting' },
    { name: 'worker.3', state: 'stopping' },
  ],
  samples: Array.from({ length: 200 }, (_, index) => ({
    backlog: index * 10,
    workers: index % 10,
    done: index * 4,
  })),
  max: 10,
  changes: Array.from({ length: 30 }, (_, index) => ({
    atMs: index * 1000,
    words: `set to ${index} Standard-1X: 1,482 jobs need 15 dynos; capped at the maximum of 10: 1 → 10`,
  })),
  now: '970 jobs need 10 dynos: stay at 10',
  dashboardUrl: 'http://127.0.0.1:41234',
};

describe('the screen', () => {
  test.each([
    { width: 80, height: 24 },
    { width: 120, height: 40 },
    { width: 40, height: 12 },
    { width: 20, height: 5 },
  ])('fits $width columns and $height lines', ({ width, height }) => {
    const lines = demoScreen(state, width, height).split('\n');
    expect(lines.length).toBeLessThan(height);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  });

  test('shows the time, the queues, every dyno, the decision and the newest changes', () => {
    const screen = demoScreen(state, 100, 40);
    expect(screen).toContain('00:23 of 01:00');
    expect(screen).toMatch(/^Dashboard +http:\/\/127\.0\.0\.1:41234$/m);
    expect(screen).toMatch(/^newsletter +2,260 +40 +700 +0$/m);
    expect(screen).toMatch(/● worker\.1 up +◌ worker\.2 starting +◍ worker\.3 stopping/);
    expect(screen).toContain('now    970 jobs need 10 dynos: stay at 10');
    expect(screen).toContain('set to 29');
    expect(screen).not.toContain('set to 1 ');
  });

  test('long words go on below where they began', () => {
    expect(demoScreen(state, 80, 40)).toMatch(/^00:29 {2}set to 29 .*\n {7}\S/m);
  });

  test('has room for the names of pods', () => {
    const name = 'worker-6d5f8c7b9d-x2k4p';
    const pods = {
      ...state,
      noun: 'pod',
      workers: Array.from({ length: 3 }, () => ({ name, state: 'up' as const })),
    };
    const screen = demoScreen(pods, 80, 40);
    expect(screen).toMatch(/^pods .* of 10$/m);
    expect(screen).toMatch(/^● worker-6d5f8c7b9d-x2k4p up {2,}● worker-6d5f8c7b9d-x2k4p up$/m);
  });

  test('has no more to show before the first sample', () => {
    const empty = { ...state, queues: [], workers: [], samples: [], changes: [], lengthMs: undefined };
    expect(demoScreen(empty, 80, 24)).toContain('0 of 10');
  });
});

test('bars grow with the value, and something is never nothing', () => {
  expect(sparkline([0, 1, 50, 100, 999], 100, 7)).toBe('   ▁▄██');
});

test('a line for a log', () => {
  expect(demoLine(state)).toBe('00:23  backlog 2,303, dynos 9, done 764');
});

describe('the summary', () => {
  const result: DemoResult = {
    lengthMs: 60_000,
    peakBacklog: 2512,
    noun: 'dyno',
    workers: { least: 1, most: 10 },
    added: 3000,
    done: 2990,
    failed: 1,
    waiting: 7,
    startedTwice: 1,
    kills: 0,
    bursts: [
      { jobs: 2500, drainMs: 21_000 },
      { jobs: 500, drainMs: undefined },
    ],
    workerSeconds: 210,
    max: 10,
  };

  test('counts as lost what is neither done nor failed nor waiting', () => {
    expect(lostJobs(result)).toBe(2);
    expect(demoSummary(result)).toContain('jobs lost     2 (1 started twice, 0 dynos killed)');
  });

  test('says how long each burst took, and what the dynos cost against a fixed number', () => {
    expect(demoSummary(result)).toContain(
      '2,500 e-mails delivered in 21 s; 500 e-mails not all delivered at the end',
    );
    expect(demoSummary(result)).toContain('210 dyno-seconds, 65 % less than 10 dynos running all the time');
    expect(demoSummary({ ...result, noun: 'pod' })).not.toContain('dyno');
  });
});
