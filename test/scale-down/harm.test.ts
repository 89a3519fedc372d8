import { describe, expect, test } from 'vitest';

import { describeHarm, hadWorked, harms, killedIdle, type Cause } from '../../bench/scale-down/harm.ts';
import type { Run, WorkerProcess } from '../../bench/scale-down/record.ts';
import type { Stopped } from '../../src/standin/stopped.ts';

const alive: WorkerProcess = { type: 'mail', name: 'mail.1', pid: 11, startedAt: 0 };
const dead: WorkerProcess = { type: 'mail', name: 'mail.2', pid: 12, startedAt: 0, exitedAt: 500 };
const killed: Stopped = {
  name: 'mail.2',
  type: 'mail',
  because: 'scale-down',
  pid: 12,
  sigtermAt: 400,
  sigkillAt: 490,
  endedAt: 500,
};

function run(process: WorkerProcess, begunAt: number, more: Partial<Run> = {}): Run {
  return { job: 'mail:1', process, begunAt, ...more };
}

test.for<{ name: string; runs: readonly Run[]; causes: readonly Cause[] }>([
  { name: 'ends', runs: [run(dead, 100, { endedAt: 200 })], causes: [] },
  { name: 'still runs', runs: [run(alive, 100)], causes: [] },
  { name: 'runs as its process ends', runs: [run(dead, 100)], causes: ['killed'] },
  {
    name: 'is handed back, runs on until its process ends, and begins again',
    runs: [run(alive, 700, { endedAt: 800 }), run(dead, 100, { handedBackAt: 300, endedAt: 400 })],
    causes: ['handed back'],
  },
  {
    name: 'is handed back and not begun again',
    runs: [run(dead, 100, { handedBackAt: 300 })],
    causes: ['handed back'],
  },
  {
    name: 'begins again after its process has ended',
    runs: [run(dead, 100), run(alive, 700, { endedAt: 800 })],
    causes: ['killed'],
  },
  {
    name: 'begins again while it still runs, in a process that ends later',
    runs: [run(dead, 100), run(alive, 300, { endedAt: 400 })],
    causes: ['lock lapsed'],
  },
  {
    name: 'begins again while it still runs, and ends twice',
    runs: [run(alive, 100, { endedAt: 400 }), run(alive, 300, { endedAt: 450 })],
    causes: ['lock lapsed'],
  },
  {
    name: 'begins again after it has ended',
    runs: [run(dead, 100, { endedAt: 200 }), run(alive, 300, { endedAt: 400 })],
    causes: ['result lost'],
  },
  {
    name: 'is killed twice',
    runs: [run({ ...dead, pid: 13, exitedAt: 900 }, 800), run(dead, 100)],
    causes: ['killed', 'killed'],
  },
])('a job that $name: $causes', ({ runs, causes }) => {
  expect(harms(runs).map((harm) => harm.causes)).toEqual(causes.length === 0 ? [] : [causes]);
});

describe('a process that got SIGKILL', () => {
  test('counts as idle if no job ran in it', () => {
    expect(killedIdle([killed], [run(dead, 100, { endedAt: 200 })])).toBe(1);
    expect(killedIdle([killed], [run(dead, 100)])).toBe(0);
    const { sigkillAt, ...inTime } = killed;
    expect(sigkillAt).toBe(490);
    expect(killedIdle([inTime], [])).toBe(0);
  });

  test('is the one that had its id at that time', () => {
    const later = { ...killed, sigtermAt: 1400, sigkillAt: 1490, endedAt: 1500 };
    const busy = run({ ...dead, startedAt: 600, exitedAt: 1500 }, 700);
    expect(killedIdle([killed, later], [busy])).toBe(1);
  });
});

test('a stopped process had worked if a job began in it, whatever became of it', () => {
  const other = { ...killed, pid: 13 };
  expect(
    hadWorked([killed, other], [run(dead, 100), run(dead, 150, { endedAt: 200 }), run(alive, 100)]),
  ).toBe(1);
});

test('a harmed job is described by where and when it ran, and why its process ended', () => {
  const [harm] = harms([run(dead, 100), run(alive, 700, { endedAt: 800 })]);
  expect(harm && describeHarm(harm, [killed], 0)).toBe(
    'mail:1 killed: begun 0.10 in mail.2 (12), ended –, handed back –, process exited 0.50, scale-down: SIGTERM 0.40, SIGKILL 0.49; begun 0.70 in mail.1 (11), ended 0.80, handed back –, process exited –, not stopped',
  );
});
