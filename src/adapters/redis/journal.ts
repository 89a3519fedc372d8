import type { Cluster, Redis } from 'ioredis';
import * as v from 'valibot';

import type { Entry } from '../../journal/entry.ts';
import { HOUR_MS, hourAt, mergeHistory, packHour, unpackHour, within } from '../../journal/hour.ts';
import { MINUTE_MS, minuteAt, NO_HISTORY, rollUp, type History } from '../../journal/minute.ts';
import type { Journal } from '../../ports.ts';
import type { RedisConnection } from './connect.ts';
import { STATE_EXPIRY_MS, type stateKeys } from './keys.ts';
import { ENTRY, HOUR, KEPT } from './journal-shape.ts';
import { compress, decompress, decompressAll } from './compression.ts';

const VERSION = 1;
/** Two hours at a tick every ten seconds. */
const MOST_ENTRIES = 720;
const FEW_ENTRIES = 30;
/** One field whose bytes hold all: names would cost more than they tell. */
const FIELD = 'e';
/** Hours asked for at once: a reply of a megabyte at most. */
const HOURS_A_READ = 100;
const LONGEST_HISTORY_MS = STATE_EXPIRY_MS;

type Client = Redis | Cluster;

const KEPT_ENTRY = v.object({ version: v.literal(VERSION), entry: ENTRY });
const KEPT_STATUS = v.object({ version: v.literal(VERSION), kept: KEPT });

/**
 * The last ticks in a capped stream, where things stand in a string, and the past in one string an hour, which hold its
 * minutes as compressed columns and expire by themselves.
 */
export function redisJournal(connection: RedisConnection, keys: ReturnType<typeof stateKeys>): Journal {
  let lastAt: number | undefined;

  return {
    load: async (signal) =>
      await connection.use(signal, async (client) => {
        const bytes = await client.getBuffer(keys.status);
        return decompress(bytes, KEPT_STATUS)?.kept;
      }),

    record: async (entry, kept, signal) =>
      await connection.use(signal, async (client) => {
        const pipeline = client
          .pipeline()
          .xadd(keys.ticks, 'MAXLEN', '~', MOST_ENTRIES, '*', FIELD, compress({ version: VERSION, entry }))
          .pexpire(keys.ticks, STATE_EXPIRY_MS)
          .set(keys.status, compress({ version: VERSION, kept }), 'PX', STATE_EXPIRY_MS);
        for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
        // A minute is over when a tick of the next one is there; the first tick after a start looks, too.
        if (lastAt === undefined || minuteAt(lastAt) !== minuteAt(entry.at)) {
          const enough = Math.ceil((2 * MINUTE_MS) / entry.tickMs) + 4;
          await keepMinutes(client, keys, rollUp(await readEntries(client, keys.ticks, enough)), entry.at);
        }
        lastAt = entry.at;
      }),

    entries: async (most, signal) =>
      await connection.use(signal, async (client) => await readEntries(client, keys.ticks, most)),

    history: async (from, to, signal) =>
      await connection.use(signal, async (client) => {
        const start = hourAt(Math.max(from, to - LONGEST_HISTORY_MS));
        const hours: number[] = [];
        for (let hour = start; hour <= to; hour += HOUR_MS) hours.push(hour);
        let history = NO_HISTORY;
        for (let i = 0; i < hours.length; i += HOURS_A_READ) {
          history = joined(history, await readHours(client, keys, hours.slice(i, i + HOURS_A_READ)));
        }
        // The minutes that are not over yet are in the stream alone.
        const since = history.minutes.at(-1)?.at ?? 0;
        const latest = rollUp(await entriesSince(client, keys.ticks, since));
        return within(mergeHistory(history, within(latest, since, Infinity)), from, to + 1);
      }),
  };
}

/** Only minutes that are over: the one `now` is in goes on. */
async function keepMinutes(
  client: Client,
  keys: ReturnType<typeof stateKeys>,
  rolled: History,
  now: number,
): Promise<void> {
  const over = within(rolled, 0, minuteAt(now));
  const hours = [...new Set(over.minutes.map(({ at }) => hourAt(at)))];
  for (const hour of hours) {
    const known = await readHours(client, keys, [hour]);
    const merged = mergeHistory(known, within(over, hour, hour + HOUR_MS));
    await client.set(keys.hour(hour), compress(packHour(hour, merged)), 'PX', STATE_EXPIRY_MS);
  }
}

async function readHours(
  client: Client,
  keys: ReturnType<typeof stateKeys>,
  hours: readonly number[],
): Promise<History> {
  const values = await client.mgetBuffer(hours.map((hour) => keys.hour(hour)));
  // Newest first: what is too much is missing at the far end.
  const unpackedHours = decompressAll(values.toReversed(), HOUR).toReversed();
  const histories = hours.flatMap((startsAt, index) => {
    const hour = unpackedHours[index];
    return hour ? [unpackHour(startsAt, hour)] : [];
  });
  return histories.reduce(joined, NO_HISTORY);
}

function joined(a: History, b: History): History {
  return {
    minutes: [...a.minutes, ...b.minutes],
    changes: [...a.changes, ...b.changes],
    bursts: [...a.bursts, ...b.bursts],
  };
}

/** From before that time on: a few are enough as a rule, and all there are where they are not. */
async function entriesSince(client: Client, key: string, since: number): Promise<Entry[]> {
  const few = await readEntries(client, key, FEW_ENTRIES);
  const reach = (few[0]?.at ?? 0) < since || few.length < FEW_ENTRIES;
  return reach ? few : await readEntries(client, key, MOST_ENTRIES);
}

async function readEntries(client: Client, key: string, most: number): Promise<Entry[]> {
  const rows = await client.xrevrangeBuffer(key, '+', '-', 'COUNT', most);
  const kept = decompressAll(
    rows.map(([, fields]) => fields[1]),
    KEPT_ENTRY,
  );
  const entries = kept.flatMap((each) => each?.entry ?? []);
  // By their own time: the stream's is that of Redis, and a clock may be set back.
  return entries.toSorted((a, b) => a.at - b.at);
}
