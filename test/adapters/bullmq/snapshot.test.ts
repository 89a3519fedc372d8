import { expect, test } from 'vitest';

import { observe, type Snapshot } from '../../../src/adapters/bullmq/snapshot.ts';

const EMPTY: Snapshot = {
  wait: 0,
  pausedJobs: 0,
  prioritized: 0,
  due: 0,
  dueSoon: 0,
  delayed: 0,
  active: 0,
  waitingChildren: 0,
  added: 0,
  paused: false,
  concurrency: null,
  limiterMax: null,
  limiterDurationMs: null,
  limiterCount: null,
  limiterTtlMs: -2,
  oldestReadyAt: null,
  lastRun: null,
  sample: { looked: 0, complete: true, orphaned: 0, holders: new Map() },
  exists: true,
};

test.each([
  { name: 'no limiter', seen: { wait: 5 }, closedMs: undefined },
  {
    name: 'the queue’s own, not reached',
    seen: { wait: 5, limiterMax: 10, limiterCount: 9, limiterTtlMs: 400 },
    closedMs: undefined,
  },
  {
    name: 'the queue’s own, reached',
    seen: { wait: 5, limiterMax: 10, limiterCount: 10, limiterTtlMs: 400 },
    closedMs: 400,
  },
  {
    name: 'reached, but expired',
    seen: { wait: 5, limiterMax: 10, limiterCount: 10, limiterTtlMs: -2 },
    closedMs: undefined,
  },
  {
    name: 'closed by hand',
    seen: { wait: 5, active: 3, limiterCount: Number.MAX_SAFE_INTEGER, limiterTtlMs: 400 },
    closedMs: 400,
  },
  {
    name: 'the workers’, jobs wait and none is active',
    seen: { wait: 5, limiterCount: 3, limiterTtlMs: 400 },
    closedMs: 400,
  },
  {
    name: 'the workers’, some are active',
    seen: { wait: 5, active: 1, limiterCount: 3, limiterTtlMs: 400 },
    closedMs: undefined,
  },
  { name: 'the workers’, nothing waits', seen: { limiterCount: 3, limiterTtlMs: 400 }, closedMs: undefined },
])('rate limiter: $name', ({ seen, closedMs }) => {
  expect(observe('mail', { ...EMPTY, ...seen })?.rateLimitedMs).toBe(closedMs);
});

const reached = { limiterCount: 10, limiterTtlMs: 400 };
test.each([
  { name: 'none', seen: {}, limiter: undefined },
  {
    name: 'the queue’s own, its window open',
    seen: { ...reached, limiterMax: 10, limiterDurationMs: 1000 },
    limiter: { begun: 10, leftMs: 400, max: 10, durationMs: 1000 },
  },
  {
    name: 'the queue’s own, with no window',
    seen: { limiterMax: 10, limiterDurationMs: 1000 },
    limiter: { begun: 0, leftMs: 0, max: 10, durationMs: 1000 },
  },
  {
    name: 'the queue’s own, closed by hand',
    seen: { limiterMax: 10, limiterDurationMs: 1000, limiterCount: Number.MAX_SAFE_INTEGER, limiterTtlMs: 9 },
    limiter: { begun: 10, leftMs: 9, max: 10, durationMs: 1000 },
  },
  {
    name: 'the queue’s own, with a window of no length',
    seen: { ...reached, limiterMax: 10, limiterDurationMs: 0 },
    limiter: { begun: 10, leftMs: 400 },
  },
  { name: 'the workers’', seen: reached, limiter: { begun: 10, leftMs: 400 } },
  { name: 'the workers’, without an expiry', seen: { ...reached, limiterTtlMs: -1 }, limiter: undefined },
  {
    name: 'closed by hand',
    seen: { limiterCount: Number.MAX_SAFE_INTEGER, limiterTtlMs: 400 },
    limiter: undefined,
  },
  {
    name: 'one that never ends',
    seen: { ...reached, limiterTtlMs: 9e18 },
    limiter: { begun: 10, leftMs: Number.MAX_SAFE_INTEGER },
  },
])('the observed limiter: $name', ({ seen, limiter }) => {
  expect(observe('mail', { ...EMPTY, wait: 5, ...seen })?.limiter).toEqual(limiter);
});

test('jobs in BullMQ 5’s paused list count only while the queue is paused', () => {
  expect(observe('mail', { ...EMPTY, paused: true, wait: 1, pausedJobs: 4 })?.waiting).toBe(5);
  expect(observe('mail', { ...EMPTY, paused: false, wait: 1, pausedJobs: 4 })?.waiting).toBe(1);
});

test('active jobs that could not be inspected are neither held nor orphaned', () => {
  const unseen = { looked: 0, complete: false, orphaned: 0, holders: new Map() };
  expect(observe('mail', { ...EMPTY, active: 3, sample: unseen })).not.toHaveProperty('orphaned');
});

test('a queue without any key does not exist', () => {
  expect(observe('mail', { ...EMPTY, exists: false })).toBeNull();
});
