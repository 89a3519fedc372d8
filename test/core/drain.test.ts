import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  BOOT_WATCH_MS,
  bootTimesOf,
  concurrencyOf,
  drainStep,
  drainedAbove,
  type DrainRequest,
  type WorkerReport,
  type DrainStep,
} from '../../src/core/drain.ts';

const BOOT_MS = 30_000;

function report(ordinal: number | undefined, overrides: Partial<WorkerReport> = {}): WorkerReport {
  return { ordinal, ageMs: 500, concurrency: 5, bootedAt: 1000, readyAt: 3000, ...overrides };
}

function drained(ordinal: number, epoch = 'e1'): WorkerReport {
  return report(ordinal, { resting: epoch });
}

function request(limit: number, overrides: Partial<DrainRequest> = {}): DrainRequest {
  return { epoch: 'e1', limit, ageMs: 5000, ...overrides };
}

describe('all are drained above', () => {
  const old = { ageMs: 200_000 };
  test.each<{
    name: string;
    request?: DrainRequest;
    reports: readonly WorkerReport[];
    silentMayGo?: boolean;
    above: number;
  }>([
    { name: 'the quantity, without a drain request', reports: [drained(3), drained(4)], above: 4 },
    {
      name: 'the limit, if all above it are drained',
      request: request(2),
      reports: [drained(3), drained(4)],
      above: 2,
    },
    {
      name: 'the highest that works on',
      request: request(1),
      reports: [drained(2), report(3), drained(4)],
      above: 3,
    },
    {
      name: 'a worker drained under an earlier request',
      request: request(2),
      reports: [drained(3, 'e0'), drained(4)],
      above: 3,
    },
    { name: 'a worker that never reported', request: request(2), reports: [drained(3)], above: 4 },
    {
      name: 'a dyno whose last report is too old',
      request: request(2),
      reports: [drained(3), { ...drained(4), ageMs: 11_000 }],
      above: 4,
    },
    {
      name: 'two dynos of one number, one of which works',
      request: request(3),
      reports: [drained(4), report(4)],
      above: 4,
    },
    {
      name: 'the limit, where the other of the same number is long gone',
      request: request(3),
      reports: [drained(4), report(4, { ageMs: 30_000 })],
      above: 3,
    },
    {
      name: 'a dyno that has been silent for less than a boot and a minute',
      request: request(3, { ageMs: 80_000 }),
      reports: [],
      above: 4,
    },
    { name: 'the limit, if a worker never reports', request: request(3, old), reports: [], above: 3 },
    {
      name: 'a dyno that never says anything, while some job might be its',
      request: request(3, old),
      reports: [],
      silentMayGo: false,
      above: 4,
    },
    {
      name: 'a dyno that fell silent while it worked',
      request: request(3, old),
      reports: [report(4, { ageMs: 60_000 })],
      above: 4,
    },
    {
      name: 'a number without reports between two that are drained',
      request: request(1),
      reports: [drained(2), drained(4)],
      above: 3,
    },
    {
      name: 'the limit at least, even if workers below it are drained',
      request: request(3),
      reports: [drained(2), drained(3), drained(4)],
      above: 3,
    },
  ])('$name', ({ request: asked, reports, silentMayGo = true, above }) => {
    expect(drainedAbove({ request: asked, reports }, { quantity: 4, bootMs: BOOT_MS, silentMayGo })).toBe(
      above,
    );
  });

  test.each<{ name: string; reports: readonly WorkerReport[]; silentMayGo: boolean; above: number }>([
    { name: 'no report, and silent workers may go', reports: [], silentMayGo: true, above: 2 },
    { name: 'no report, and silent workers hold', reports: [], silentMayGo: false, above: 9e15 },
    { name: 'one worker is not drained', reports: [drained(5), report(3)], silentMayGo: true, above: 3 },
  ])('a formation of 9e15 dynos is answered at once: $name', ({ reports, silentMayGo, above }) => {
    expect(
      drainedAbove({ request: request(2, old), reports }, { quantity: 9e15, bootMs: BOOT_MS, silentMayGo }),
    ).toBe(above);
  });

  test('a law: a dyno that a fresh report says to work is never above', () => {
    const ordinals = fc.integer({ min: 1, max: 8 });
    fc.assert(
      fc.property(
        fc.array(fc.record({ ordinal: ordinals, epoch: fc.constantFrom('e0', 'e1', undefined) })),
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: 0, max: 500_000 }),
        (said, limit, quantity, ageMs) => {
          const reports = said.map(({ ordinal, epoch }) => report(ordinal, { resting: epoch }));
          const above = drainedAbove(
            { request: request(limit, { ageMs }), reports },
            { quantity, bootMs: BOOT_MS, silentMayGo: true },
          );
          const working = said.filter(({ ordinal, epoch }) => ordinal <= quantity && epoch !== 'e1');
          for (const { ordinal } of working) expect(above).toBeGreaterThanOrEqual(ordinal);
          expect(above).toBeLessThanOrEqual(quantity);
          expect(above).toBeGreaterThanOrEqual(Math.min(limit, quantity));
        },
      ),
    );
  });
});

describe('the drain request to ten workers', () => {
  test.each<{ name: string; request?: DrainRequest; wanted: number; step: DrainStep }>([
    { name: 'all wanted: nothing', wanted: 10, step: { kind: 'nothing' } },
    { name: 'fewer wanted: the others drain', wanted: 4, step: { kind: 'ask', limit: 4 } },
    {
      name: 'the same again: it is kept alive',
      request: request(4),
      wanted: 4,
      step: { kind: 'keep', limit: 4, epoch: 'e1' },
    },
    {
      name: 'fewer still: drained workers stay drained',
      request: request(4),
      wanted: 2,
      step: { kind: 'keep', limit: 2, epoch: 'e1' },
    },
    {
      name: 'more than before: a new epoch',
      request: request(4),
      wanted: 6,
      step: { kind: 'ask', limit: 6 },
    },
    {
      name: 'all wanted again: everybody works',
      request: request(4),
      wanted: 10,
      step: { kind: 'release', epoch: 'e1' },
    },
    {
      name: 'more than there are: everybody works',
      request: request(4),
      wanted: 12,
      step: { kind: 'release', epoch: 'e1' },
    },
    {
      name: 'the request was carried out: it expires',
      request: request(10),
      wanted: 10,
      step: { kind: 'nothing' },
    },
    {
      name: 'more than there are, just after the request was carried out: the new ones work',
      request: request(10),
      wanted: 12,
      step: { kind: 'release', epoch: 'e1' },
    },
  ])('$name', ({ request: asked, wanted, step }) => {
    expect(drainStep(asked, wanted, 10)).toEqual(step);
  });
});

describe('what is learned', () => {
  /** So many processes of ten jobs each, in one dyno. */
  function processes(
    ordinal: number | undefined,
    count: number,
    overrides: Partial<WorkerReport> = {},
  ): WorkerReport[] {
    return Array.from({ length: count }, (_, index) =>
      report(ordinal, { concurrency: 10, host: `h${ordinal}`, bootedAt: 1000 + index, ...overrides }),
    );
  }
  const crashed = { ageMs: 11_000 };
  const comingUp = { readyMs: 2000 };
  const before = { host: 'before', concurrency: 5 };
  const after = { host: 'after', bootedAt: 90_000 };

  test.each<{ name: string; reports: readonly WorkerReport[]; concurrency: number | undefined }>([
    {
      name: 'one process a dyno: the median of the dynos',
      reports: [5, 20, 5].map((concurrency, index) => report(index + 1, { concurrency })),
      concurrency: 5,
    },
    {
      name: 'four processes a dyno: their sum',
      reports: [...processes(1, 4), ...processes(2, 4), ...processes(3, 4)],
      concurrency: 40,
    },
    {
      name: 'dynos without numbers: by their names',
      reports: ['worker-12a34b56d-e78f9', 'worker-12a34b56d-x78f9'].flatMap((dyno) =>
        processes(undefined, 3, { dyno }),
      ),
      concurrency: 30,
    },
    {
      name: 'two dynos of one number in a deploy: the younger',
      reports: [...processes(1, 4, before), ...processes(1, 4, after)],
      concurrency: 40,
    },
    {
      name: 'a process of the older one that was restarted makes that no younger',
      reports: [
        ...processes(1, 3, before),
        ...processes(1, 1, { ...before, bootedAt: 95_000 }),
        ...processes(1, 4, after),
      ],
      concurrency: 40,
    },
    {
      name: 'the younger one is still coming up: the older',
      reports: [...processes(1, 4, before), ...processes(1, 1, { ...after, ...comingUp })],
      concurrency: 20,
    },
    {
      name: 'all dynos are still coming up: not known',
      reports: processes(1, 2, comingUp),
      concurrency: undefined,
    },
    {
      name: 'no tick read yet: not known',
      reports: processes(1, 1, { readyAt: undefined }),
      concurrency: undefined,
    },
    {
      name: 'a process that crashed no longer counts',
      reports: [...processes(1, 3), ...processes(1, 1, crashed)],
      concurrency: 30,
    },
    {
      name: 'only reports from long ago: not known',
      reports: processes(1, 1, crashed),
      concurrency: undefined,
    },
    {
      name: 'no host in the reports: one dyno',
      reports: processes(1, 4, { host: undefined }),
      concurrency: 40,
    },
    {
      name: 'more than any dyno runs: bounded',
      reports: processes(1, 4, { concurrency: 100_000 }),
      concurrency: 100_000,
    },
  ])('the concurrency, with $name', ({ reports, concurrency }) => {
    expect(concurrencyOf(reports)).toBe(concurrency);
  });

  test('the boot time is that of the dynos which the last PATCH started', () => {
    const reports = [
      report(1, { bootedAt: 500, readyAt: 700 }),
      report(3, { bootedAt: 20_000, readyAt: 22_000 }),
      report(4, { bootedAt: 21_000, readyAt: 25_000 }),
      report(5, { bootedAt: 21_000, readyAt: 31_000 }),
      report(6, { bootedAt: 21_000, readyAt: undefined }),
      report(7, { bootedAt: 9000, readyAt: 9001 }),
    ];
    expect(bootTimesOf(reports, 2, 10_000)).toEqual([
      { worker: '3', ms: 12_000 },
      { worker: '4', ms: 15_000 },
      { worker: '5', ms: 21_000 },
    ]);
    expect(bootTimesOf(reports, 7, 10_000)).toEqual([]);
  });

  test.each([
    {
      name: 'a boot that ended within five minutes counts',
      readyAt: 10_000 + BOOT_WATCH_MS,
      bootMs: 300_000,
    },
    { name: 'a boot of a later deploy does not', readyAt: 310_001, bootMs: undefined },
    { name: 'a boot that ended before the rise does not', readyAt: 9000, bootMs: undefined },
  ])('$name', ({ readyAt, bootMs }) => {
    expect(bootTimesOf([report(3, { bootedAt: 10_000, readyAt })], 2, 10_000)[0]?.ms).toBe(bootMs);
  });
});
