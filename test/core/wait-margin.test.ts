import { expect, test } from 'vitest';

import { decide } from '../../src/core/decide.ts';
import { initialMemory, type Memory } from '../../src/core/memory.ts';
import type { Observation, Policy, QueueObservation } from '../../src/core/types.ts';
import { marginOf, recordStarts, startsOn, type LatenessRecord } from '../../src/core/wait-margin.ts';

const ALLOWED = 0.05;
const HOUR_MS = 3_600_000;
const TICK_MS = 10_000;

const recorded = (started: number, late: number): LatenessRecord => ({ periods: [[0, started, late]] });

test.each([
  { name: 'nothing has started: a small one', record: undefined, margin: 0.2 },
  { name: 'all in time: none', record: recorded(10_000, 0), margin: 0 },
  { name: '2 % late: none', record: recorded(1e6, 0.02e6), margin: 0 },
  { name: '3.25 % late: half', record: recorded(1e6, 0.0325e6), margin: 0.5 },
  { name: '4.5 % late: the whole', record: recorded(1e6, 0.045e6), margin: 1 },
  { name: 'all late: the whole', record: recorded(10_000, 10_000), margin: 1 },
  { name: 'one late of one: the whole', record: recorded(1, 1), margin: 1 },
  { name: 'one late of a hundred: none', record: recorded(100, 1), margin: 0 },
])('the margin follows the day: $name', ({ record, margin }) => {
  expect(marginOf(record, ALLOWED)).toBeCloseTo(margin, 2);
});

test('more late jobs never mean a smaller margin, nor more jobs in time a larger one', () => {
  for (let late = 0; late < 100; late += 1) {
    expect(marginOf(recorded(1000, late + 1), ALLOWED)).toBeGreaterThanOrEqual(
      marginOf(recorded(1000, late), ALLOWED),
    );
    expect(marginOf(recorded(2000, late), ALLOWED)).toBeLessThanOrEqual(
      marginOf(recorded(1000, late), ALLOWED),
    );
  }
});

test('a day is remembered in eight periods at most, and then forgotten', () => {
  let record: LatenessRecord | undefined;
  for (let at = 0; at <= 48 * HOUR_MS; at += HOUR_MS) {
    record = recordStarts(record, { started: 10, late: 1 }, at);
    expect(record.periods.length).toBeLessThanOrEqual(8);
  }
  expect(startsOn(record).started).toBeGreaterThanOrEqual(21 * 10);
  expect(startsOn(record).started).toBeLessThanOrEqual(24 * 10);
  const dayLater = recordStarts(record, { started: 0, late: 0 }, 72 * HOUR_MS);
  expect(dayLater.periods).toEqual([]);
});

test('periods in the future are dropped: the clock was set back', () => {
  expect(recordStarts(recorded(10, 1), { started: 0, late: 0 }, -HOUR_MS).periods).toEqual([]);
});

const policy: Policy = {
  sizing: { kind: 'wait', maxWaitMs: 60_000 },
  min: 0,
  max: 100,
  concurrency: 1,
  bootMs: 30_000,
  tickMs: TICK_MS,
  scaleDownDelayMs: 60_000,
};

type Play = {
  readonly policy?: Partial<Policy>;
  readonly queue?: Partial<QueueObservation>;
  /** Whether decisions are carried out. */
  readonly carriedOut?: boolean;
};

/**
 * Ten jobs a tick of which two workers start four: the backlog grows, whatever is decided, until it is worked off within a
 * tick. Returns what was recorded of it.
 */
function playLate({ policy: changed, queue, carriedOut = true }: Play): LatenessRecord | undefined {
  const played = { ...policy, ...changed };
  let memory: Memory = initialMemory(played, 2, 0);
  let [waiting, added, quantity] = [0, 0, 2];
  const read = (at: number, more: Partial<QueueObservation>): void => {
    const seen: QueueObservation = {
      name: 'mail',
      waiting,
      prioritized: 0,
      due: 0,
      dueSoon: 0,
      active: 2,
      added,
      paused: false,
      ...more,
    };
    const observation: Observation = { at, quantity, queues: [seen] };
    const decided = decide(played, memory, observation);
    memory = decided.memory;
    if (carriedOut) quantity = decided.decision.to;
  };
  for (let tick = 1; tick <= 30; tick += 1) {
    added += 10;
    waiting += 6;
    read(tick * TICK_MS, queue ?? {});
  }
  waiting = 0;
  read(31 * TICK_MS, queue ?? {});
  return memory.lateness?.find(([name]) => name === 'mail')?.[1];
}

test('jobs that start late are recorded', () => {
  const { started, late } = startsOn(playLate({}));
  expect(started).toBeCloseTo(31 * 4 + 180 - 10, -2);
  expect(late).toBeGreaterThan(150);
});

test.each([
  { name: 'the queue is paused', play: { queue: { paused: true } } },
  { name: 'as many jobs run as the queue allows', play: { queue: { concurrencyLimit: 2 } } },
  { name: 'the rate limiter is closed', play: { queue: { rateLimitedMs: 500 } } },
  { name: 'the maximum is reached', play: { policy: { max: 2 } } },
  { name: 'the step limit holds it back', play: { policy: { max: 1000, maxStepUp: 1 } } },
  { name: 'the decision is not carried out', play: { carriedOut: false } },
])('late jobs that no margin would have prevented leave no trace: $name', ({ play }) => {
  expect(startsOn(playLate(play)).late).toBeLessThan(1);
});
