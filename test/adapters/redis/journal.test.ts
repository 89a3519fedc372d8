import { expect, test } from 'vitest';

import { redisJournal } from '../../../src/adapters/redis/journal.ts';
import { stateKeys } from '../../../src/adapters/redis/keys.ts';
import { compress } from '../../../src/adapters/redis/compression.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { minuteAt, rollUp } from '../../../src/journal/minute.ts';
import { nextStatus, type Status } from '../../../src/journal/status.ts';
import { within } from '../../../src/journal/hour.ts';
import type { Journal, Kept } from '../../../src/ports.ts';
import { T0 } from '../../support/entries.ts';
import { journalDay } from '../../support/journal-day.ts';
import { localRedis } from '../../support/local-redis.ts';

const keys = stateKeys('my-app');
const { signal } = new AbortController();
const DAY_MS = 86_400_000;

const local = localRedis();

async function record(journal: Journal, entries: Iterable<Entry>): Promise<Entry[]> {
  const recorded: Entry[] = [];
  let status: Status | undefined;
  for (const entry of entries) {
    const next = nextStatus(status, entry, { appName: 'my-app', timeZone: 'UTC' });
    status = next.status;
    const whole = { ...entry, bursts: next.bursts };
    await journal.record(whole, { status, alarms: {} }, signal);
    recorded.push(whole);
  }
  return recorded;
}

test('minutes, changes and bursts of more than an hour are read back unchanged', async () => {
  const journal = redisJournal(local.connection, keys);
  const entries = await record(journal, journalDay({ from: T0, ticks: 400, burstEveryMs: 1_500_000 }));
  const history = await journal.history(T0, T0 + DAY_MS, signal);
  const expected = rollUp(entries);
  expect(expected.bursts.length).toBeGreaterThan(1);
  expect(expected.changes.length).toBeGreaterThan(10);
  expect(history).toEqual(expected);
});

test('the history covers the requested span, both ends included', async () => {
  const journal = redisJournal(local.connection, keys);
  const entries = await record(journal, journalDay({ from: T0, ticks: 150 }));
  const [from, to] = [T0 + 600_000, T0 + 1_200_000];
  const history = await journal.history(from, to, signal);
  expect(history.minutes.map(({ at }) => at)).toEqual(
    Array.from({ length: 11 }, (_, index) => from + index * 60_000),
  );
  expect(history).toEqual(within(rollUp(entries), from, to + 1));
});

test('a restart within a minute loses no minute', async () => {
  const all = [...journalDay({ from: T0, ticks: 60 })];
  await record(redisJournal(local.connection, keys), all.slice(0, 33));
  await record(redisJournal(local.connection, keys), all.slice(33));
  const { minutes } = await redisJournal(local.connection, keys).history(T0, T0 + DAY_MS, signal);
  expect(minutes).toEqual(rollUp(all).minutes);
});

test('the minutes of a clock that ticks every ten minutes are saved', async () => {
  const journal = redisJournal(local.connection, keys);
  const entries = await record(journal, journalDay({ from: T0, ticks: 12, tickMs: 600_000 }));
  expect((await journal.history(T0, T0 + DAY_MS, signal)).minutes).toEqual(rollUp(entries).minutes);
});

test('every key expires, has Drover’s prefix, and the stream is capped', async () => {
  const journal = redisJournal(local.connection, keys);
  await record(journal, journalDay({ from: T0, ticks: 1200, types: [] }));
  await local.connection.use(signal, async (client) => {
    const names = await client.keys('*');
    expect(names.length).toBeGreaterThan(2);
    for (const name of names) {
      expect(name).toMatch(/^drover:\{my-app\}:/);
      expect(await client.pttl(name)).toBeGreaterThan(29 * DAY_MS);
    }
    // `~` lets Redis keep the rest of its last node of a hundred entries.
    expect(await client.xlen(keys.ticks)).toBeLessThan(840);
  });
});

test('the last entries come oldest first', async () => {
  const journal = redisJournal(local.connection, keys);
  await record(journal, journalDay({ from: T0, ticks: 20 }));
  expect((await journal.entries(3, signal)).map(({ at }) => (at - T0) / 10_000)).toEqual([17, 18, 19]);
});

test.each([
  {
    name: 'a status of another shape',
    forge: (kept: Kept) => ({ ...kept, status: { ...kept.status, types: 7 } }),
  },
  {
    name: 'a count below zero',
    forge: (kept: Kept) => ({ ...kept, status: { ...kept.status, ticks: { decided: -1 } } }),
  },
  { name: 'an alarm of another type', forge: (kept: Kept) => ({ ...kept, alarms: { blind: 'yes' } }) },
  {
    name: 'a text of a megabyte',
    forge: (kept: Kept) => ({ ...kept, status: { ...kept.status, appName: 'x'.repeat(1_000_000) } }),
  },
])('$name counts as not saved', async ({ forge }) => {
  const journal = redisJournal(local.connection, keys);
  await record(journal, journalDay({ from: T0, ticks: 3 }));
  const kept = await journal.load(signal);
  if (kept === undefined) throw new Error('nothing was saved');
  const forged = compress({ version: 1, kept: forge(kept) });
  await local.connection.use(signal, async (client) => await client.set(keys.status, forged));
  expect(await journal.load(signal)).toBeUndefined();
});

test('missing values and values of another version are ignored', async () => {
  const journal = redisJournal(local.connection, keys);
  expect(await journal.load(signal)).toBeUndefined();
  expect((await journal.history(T0, T0 + DAY_MS, signal)).minutes).toEqual([]);
  await local.connection.use(signal, async (client) => {
    await client.set(keys.status, '{"version":7}');
    await client.set(keys.hour(T0), 'not packed');
    await client.xadd(keys.ticks, '*', 'e', 'nor this');
  });
  expect(await journal.load(signal)).toBeUndefined();
  expect((await journal.history(T0, T0 + DAY_MS, signal)).minutes).toEqual([]);
  const entries = await record(journal, journalDay({ from: T0, ticks: 30 }));
  expect((await journal.history(T0, T0 + DAY_MS, signal)).minutes.at(-1)?.at).toBe(
    minuteAt(entries.at(-1)?.at ?? 0),
  );
});

test('planted text has no control characters, and planted alarms of unknown kinds are dropped', async () => {
  const journal = redisJournal(local.connection, keys);
  await record(journal, journalDay({ from: T0, ticks: 2 }));
  const kept = (await journal.load(signal)) as Kept;
  const [type] = kept.status.types;
  const alarm = { since: T0, seenAt: T0, on: 1, off: 0, reported: true };
  const planted = {
    status: { ...kept.status, types: [{ ...type, processType: 'wor\u001B[2Jker\nweb: set to 50\u202E' }] },
    alarms: { 'blind worker': alarm, 'blind @channel https://example.test': alarm, 'paid worker': alarm },
  };
  const value = compress({ version: 1, kept: planted });
  await local.connection.use(signal, async (client) => await client.set(keys.status, value));
  const read = (await redisJournal(local.connection, keys).load(signal)) as Kept;
  expect(read.status.types[0]?.processType).toBe(String.raw`wor\u001b[2Jker\u000aweb: set to 50\u202e`);
  expect(Object.keys(read.alarms)).toEqual(['blind worker']);
});
