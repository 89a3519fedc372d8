import { expect, test } from 'vitest';

import { watchBurst, type BurstWatch } from '../../src/journal/burst.ts';
import type { Burst, DecidedEntry } from '../../src/journal/entry.ts';
import { decidedEntry, queueEntry } from '../support/entries.ts';

type Seen = {
  ready: number;
  active: number;
  added: number;
  wanted: number;
  quantity?: number;
  waitMs?: number;
};

/** Ticks 10 s apart, and the bursts that ended. */
function watch(ticks: readonly Seen[]): { readonly ended: Burst[]; readonly going: BurstWatch | undefined } {
  const ended: Burst[] = [];
  let going: BurstWatch | undefined;
  let before: DecidedEntry | undefined;
  ticks.forEach(({ ready, active, added, wanted, quantity = 1, waitMs }, index) => {
    const now = decidedEntry({
      from: before?.quantity ?? 1,
      quantity,
      queues: [queueEntry({ ready, active, added, waitMs })],
      needed: wanted,
    });
    const result = watchBurst(going, index * 10_000, before, now);
    going = result.watch;
    if (result.ended) ended.push(result.ended);
    before = now;
  });
  return { ended, going };
}

const calm: Seen = { ready: 0, active: 1, added: 100, wanted: 1 };

test('a burst lasts from the tick that saw it until the last of its jobs is done', () => {
  const { ended, going } = watch([
    calm,
    { ready: 995, active: 5, added: 1099, wanted: 8, quantity: 8, waitMs: 4000 },
    { ready: 500, active: 40, added: 1120, wanted: 6, quantity: 8, waitMs: 14_000 },
    // No job waits: the 40 that run are the last of the burst.
    { ready: 0, active: 40, added: 1130, wanted: 1, quantity: 8 },
    // 30 ended, 5 came: not all of the 40 are done yet.
    { ready: 0, active: 15, added: 1135, wanted: 1, quantity: 8 },
    { ready: 0, active: 5, added: 1140, wanted: 1, quantity: 4 },
    calm,
  ]);
  expect(ended).toEqual([
    {
      processType: 'worker',
      startedAt: 10_000,
      endedAt: 50_000,
      jobs: 999 + 21 + 10,
      peak: 1000,
      dynos: { before: 1, most: 8 },
      waitMs: 14_000,
    },
  ]);
  expect(going).toBeUndefined();
});

test('a second burst before the first has ended belongs to it', () => {
  const { ended } = watch([
    calm,
    { ready: 500, active: 5, added: 605, wanted: 5 },
    { ready: 0, active: 20, added: 605, wanted: 1 },
    { ready: 800, active: 20, added: 1405, wanted: 8 },
    { ready: 0, active: 0, added: 1405, wanted: 0 },
  ]);
  expect(ended.map(({ startedAt, endedAt, jobs }) => [startedAt, endedAt, jobs])).toEqual([
    [10_000, 40_000, 1305],
  ]);
});

test.each([
  { name: 'the minimum is enough', wanted: 1 },
  { name: 'no worker is needed', wanted: 0 },
])('there is no burst where $name', ({ wanted }) => {
  expect(watch([calm, { ready: 50, active: 5, added: 160, wanted }])).toEqual({
    ended: [],
    going: undefined,
  });
});

test('a burst ends although a steady load continues', () => {
  const steady = Array.from({ length: 6 }, (_, index) => ({
    ready: 0,
    active: 40,
    added: 1200 + index * 30,
    wanted: 1,
    quantity: 8,
  }));
  const { ended } = watch([
    calm,
    { ready: 1000, active: 40, added: 1140, wanted: 9, quantity: 8 },
    ...steady,
  ]);
  expect(ended.map(({ endedAt }) => endedAt)).toEqual([40_000]);
});
