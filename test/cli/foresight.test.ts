import { expect, test } from 'vitest';

import { JournalForesight } from '../../src/cli/foresight/foresight.ts';
import { NO_PAYOFF, offBecause } from '../../src/cli/foresight/payoff.ts';
import { expectedAt } from '../../src/core/foreseen.ts';
import type { Minute, TypeMinute } from '../../src/journal/minute.ts';
import type { Clock, Journal } from '../../src/ports.ts';
import { broken, processType } from '../support/ports.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A Monday, midnight UTC. */
const MONDAY = Date.UTC(2026, 0, 5);
const SERVICE_MS = 2000;

function minuteWith(at: number, added: number): Minute {
  const queue = { name: 'mail', ready: 0, active: 1, waitMs: 0, added };
  const type: TypeMinute = {
    ...{ processType: 'mailer', size: 'Standard-1X', ticks: 6, blind: 0, quantity: 1, wanted: 1 },
    ...{ min: 0, max: 50, concurrency: 5, maxWaitMs: 0, dynoMs: 0, maxDynoMs: 0 },
    ...{ activeMs: added * SERVICE_MS, ready: 0, active: 1, waitMs: 0, added, done: added },
    queues: [queue],
  };
  return { at, types: [type] };
}

/** A journal with a trickle, and a newsletter at 9:00 UTC on the first days; only the hours around it are recorded. */
function journalUntil(
  clock: Clock,
  newsletters: number,
): Pick<Journal, 'history'> & { reads: number; broken: boolean } {
  return {
    reads: 0,
    broken: false,
    async history(from, to) {
      this.reads += 1;
      if (this.broken) throw broken;
      const minutes: Minute[] = [];
      const first = Math.max(MONDAY, Math.ceil(from / MINUTE_MS) * MINUTE_MS);
      for (let at = first; at <= Math.min(to, clock.now()); at += MINUTE_MS) {
        const minute = (at % DAY_MS) / MINUTE_MS;
        const goesOut = minute === 540 && at < MONDAY + newsletters * DAY_MS;
        if (minute >= 8 * 60 && minute < 10 * 60) minutes.push(minuteWith(at, goesOut ? 800 : 2));
      }
      return { minutes, changes: [], bursts: [] };
    },
  };
}

function setUp(days: number, newsletters = Infinity) {
  let at = MONDAY + days * DAY_MS;
  const clock: Clock = {
    now: () => at,
    monotonicMs: () => at,
    sleep: async (ms) => {
      at += ms;
    },
  };
  const journal = journalUntil(clock, newsletters);
  const foresight = new JournalForesight({
    journal,
    clock,
    processTypes: [SETTINGS],
    timeZone: 'Europe/Berlin',
    tickMs: 10_000,
  });
  const shown = () => foresight.of('mailer')?.value;
  const advance = (ms: number): void => void (at += ms);
  return { foresight, journal, clock, shown, advance };
}

const SETTINGS = processType({ processType: 'mailer', maxWaitMs: 10_000, concurrency: 5, max: 100 });
const { signal } = new AbortController();

test('what the journal shows of the past is expected in the next day, in local time', async () => {
  const { foresight, clock, shown } = setUp(4);
  expect(shown()).toBeUndefined();
  await foresight.refresh(signal);
  const burst = { queue: 'mail', jobs: 800, time: '10:00', seen: { days: 4, of: 4 } };
  expect(shown()).toEqual({ bursts: [{ ...burst, at: MONDAY + 4 * DAY_MS + 9 * HOUR_MS }], off: undefined });
  const foreseen = foresight.of('mailer');
  expect(expectedAt(foreseen, clock.now())).toHaveLength(1);
  expect(expectedAt(foreseen, clock.now() + 26 * HOUR_MS)).toEqual([]);
});

test('the past is read once, then only what was added', async () => {
  const { foresight, journal, shown, advance } = setUp(4);
  await foresight.refresh(signal);
  const first = journal.reads;
  expect(first).toBeGreaterThan(28 * 4);
  advance(10 * HOUR_MS);
  await foresight.refresh(signal);
  expect(journal.reads - first).toBe(2);
  expect(shown()?.bursts.map(({ at }) => at)).toEqual([MONDAY + 5 * DAY_MS + 9 * HOUR_MS]);
});

test('where a burst was expected that did not come, it has not paid off: it is off, and says so', async () => {
  const { foresight, clock, shown } = setUp(4, 3);
  await foresight.refresh(signal);
  expect(shown()?.bursts).toHaveLength(1);
  expect(shown()?.off).toMatch(
    /^bursts by the clock are not prepared for: in the last 7 days that would have cost \d+ % more around them/,
  );
  expect(expectedAt(foresight.of('mailer'), clock.now())).toEqual([]);
});

test('a journal that cannot be read leaves what was foreseen, until it expires', async () => {
  const { foresight, journal, shown, advance } = setUp(4);
  await foresight.refresh(signal);
  const before = shown();
  journal.broken = true;
  advance(HOUR_MS);
  await expect(foresight.refresh(signal)).rejects.toThrow('Redis cannot be reached');
  expect(shown()).toBe(before);
});

test('runs each hour until the signal aborts, whatever fails', async () => {
  const { foresight, journal, clock } = setUp(0);
  const stop = new AbortController();
  const from = clock.now();
  journal.history = async () => {
    if (clock.now() - from > 3 * HOUR_MS) stop.abort();
    throw broken;
  };
  await foresight.run(stop.signal);
  expect(clock.now() - from).toBeLessThan(5 * HOUR_MS);
});

const payoff = { ...NO_PAYOFF, jobs: 1000 };

test.each([
  { name: 'nothing was replayed', seen: NO_PAYOFF, off: false },
  { name: 'cheaper', seen: { ...payoff, dynoHours: { with: 9, without: 10 } }, off: false },
  {
    name: 'dearer, with fewer jobs late',
    seen: { ...payoff, dynoHours: { with: 12, without: 10 }, late: { with: 10, without: 20 } },
    off: false,
  },
  {
    name: 'dearer, with as good as no fewer late',
    seen: { ...payoff, dynoHours: { with: 12, without: 10 }, late: { with: 11, without: 20 } },
    off: true,
  },
])('paid off: $name', ({ seen, off }) => {
  expect(offBecause(seen) !== undefined).toBe(off);
});
