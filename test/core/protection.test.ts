import { describe, expect, test } from 'vitest';

import { busyOrdinal, unattributed } from '../../src/core/busy-workers.ts';
import { decide } from '../../src/core/decide.ts';
import { initialMemory } from '../../src/core/memory.ts';
import type { Decision, Observation, Policy } from '../../src/core/types.ts';
import { queue, cedar } from '../support/ports.ts';

const POLICY: Policy = {
  sizing: { kind: 'backlog', jobsPerWorker: 10 },
  min: 1,
  max: 10,
  concurrency: 2,
  bootMs: 30_000,
  tickMs: 10_000,
  scaleDownDelayMs: 0,
  nameVariable: 'DYNO',
};

function decideOn(seen: Partial<Observation>, policy = POLICY): Decision {
  const observation = { at: 1000, quantity: 8, queues: [queue({ active: 6 })], ...seen };
  return decide(policy, initialMemory(policy, 8, 0), observation).decision;
}

describe('from eight dynos with one wanted and six jobs running', () => {
  test.each<{ name: string; seen: Partial<Observation>; to: number; says?: string }>([
    { name: 'nothing known of where: as many as six jobs need at least', seen: {}, to: 3 },
    { name: 'the highest known to be busy is seven', seen: { busyOrdinal: 7 }, to: 7 },
    { name: 'every job has its dyno', seen: { busyOrdinal: 2, unattributed: 0 }, to: 2 },
    { name: 'every job is another process type’s', seen: { unattributed: 0 }, to: 1 },
    {
      name: 'one job may be anywhere',
      seen: { busyOrdinal: 2, unattributed: 1 },
      to: 8,
      says: 'name workers with $DYNO to allow scaling down',
    },
    {
      name: 'all above four are drained, wherever the unnamed jobs are',
      seen: { restingAbove: 4, unattributed: 3 },
      to: 4,
      says: 'number 4 is still draining',
    },
    { name: 'all above the wanted one are drained', seen: { restingAbove: 1, unattributed: 3 }, to: 1 },
    {
      name: 'a job runs on a named worker above the drained ones',
      seen: { restingAbove: 2, busyOrdinal: 5 },
      to: 5,
    },
  ])('$name', ({ seen, to, says = '' }) => {
    const decision = decideOn(seen);
    expect(decision.to).toBe(to);
    expect(decision.reason).toContain(says);
  });

  test('without any running job a quiet moment is there', () => {
    expect(decideOn({ queues: [queue()], unattributed: 0 }).to).toBe(1);
  });
});

describe('the longest wait', () => {
  const bounded = { ...POLICY, drainTimeoutMs: 60_000 };
  const busy = { quantity: 8, queues: [queue({ active: 1 })], busyOrdinal: 8 } as const;

  function to(policy: Policy, ...ats: number[]): number[] {
    let memory = initialMemory(policy, 8, 0);
    return ats.map((at) => {
      const result = decide(policy, memory, { at, ...busy });
      memory = JSON.parse(JSON.stringify(result.memory));
      return result.decision.to;
    });
  }

  test('it holds until then, and goes ahead without the busy dyno', () => {
    expect(to(bounded, 1000, 31_000, 60_999, 61_000, 71_000)).toEqual([8, 8, 8, 1, 1]);
  });

  test('the time in which no clock ran is no part of it: the drain request had expired', () => {
    expect(to(bounded, 1000, 31_000, 125_000, 184_999, 185_000)).toEqual([8, 8, 8, 8, 1]);
  });

  test('the time between ticks that are minutes apart is part of it', () => {
    const seldom = { ...bounded, tickMs: 600_000, drainTimeoutMs: 1_000_000 };
    expect(to(seldom, 1000, 601_000, 1_201_000)).toEqual([8, 8, 1]);
  });

  test('unset, it holds for as long as the job runs', () => {
    expect(to(POLICY, 1000, 10_000_000)).toEqual([8, 8]);
  });

  test('a clock that was set back does not make it longer', () => {
    expect(to(bounded, 500_000, 1000, 61_000)).toEqual([8, 8, 1]);
  });

  test('returning demand restarts it', () => {
    let { memory } = decide(bounded, initialMemory(bounded, 8, 0), { at: 1000, ...busy });
    ({ memory } = decide(bounded, memory, { at: 40_000, ...busy, queues: [queue({ waiting: 80 })] }));
    expect(decide(bounded, memory, { at: 62_000, ...busy }).decision.to).toBe(8);
  });
});

const NAMING = cedar(
  'worker',
  new Map([
    ['web', 1],
    ['mailer', 1],
  ]),
);

test('five jobs under names that only look like those of dynos keep all five dynos', () => {
  const holders = new Map([['email.1', 5]]);
  const jobs = unattributed(holders, true, NAMING);
  expect(decideOn({ quantity: 5, queues: [queue({ active: 5 })], unattributed: jobs }).to).toBe(5);
});

describe('jobs whose dyno is not known', () => {
  test.each<{ name: string; holders: [string | null, number][]; complete?: boolean; jobs: number }>([
    { name: 'none, with all named', holders: [['worker.3', 2]], jobs: 0 },
    { name: 'none of another process type', holders: [['mailer.2', 2]], jobs: 0 },
    {
      name: 'those without a name',
      holders: [
        ['worker.3', 2],
        [null, 4],
      ],
      jobs: 4,
    },
    { name: 'those of a type that is not in the formation', holders: [['email.1', 5]], jobs: 5 },
    { name: 'those of a one-off dyno', holders: [['run.1234', 1]], jobs: 1 },
    {
      name: 'those of a name in two parts after the type, which any process may have',
      holders: [['mailer-frontend-12345', 2]],
      jobs: 2,
    },
    { name: 'those of a name that is no dyno', holders: [['my worker', 3]], jobs: 3 },
    { name: 'those of a dyno without a number', holders: [['worker-12a34bcd56-7efgh', 1]], jobs: 1 },
    { name: 'some, where not all were looked at', holders: [['worker.3', 2]], complete: false, jobs: 1 },
  ])('$name', ({ holders, complete = true, jobs }) => {
    const map = new Map(holders);
    expect(unattributed(map, complete, NAMING)).toBe(jobs);
    expect(busyOrdinal(map.keys(), NAMING)).toBe(map.has('worker.3') ? 3 : undefined);
  });
});

describe('a rise without a reply, which may still come', () => {
  test.each([
    { name: 'a smaller rise is none', quantity: 2, waiting: 40, unansweredRise: 6, to: 6 },
    { name: 'a larger rise is sent', quantity: 2, waiting: 90, unansweredRise: 6, to: 9 },
    { name: 'more than is allowed now is not', quantity: 2, waiting: 40, unansweredRise: 20, to: 10 },
    { name: 'nothing is removed before it', quantity: 4, waiting: 10, unansweredRise: 6, to: 4 },
    { name: 'without a need nothing is sent', quantity: 4, waiting: 40, unansweredRise: 6, to: 4 },
    { name: 'that has come meanwhile changes nothing', quantity: 6, waiting: 40, unansweredRise: 6, to: 4 },
  ])('$name', ({ to, waiting, ...seen }) => {
    const decision = decideOn({ ...seen, queues: [queue({ waiting })] });
    expect(decision.to).toBe(to);
    const kept = decision.to > decision.limited;
    expect(decision.reason.includes('without a reply may still come')).toBe(kept);
  });
});
