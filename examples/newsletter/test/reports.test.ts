import { once } from 'node:events';
import { get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import type { Job } from 'bullmq';
import { parse } from 'csv-parse/sync';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { headerLine } from '../src/reports/lines.ts';
import { makeReport, type Made } from '../src/reports/make.ts';
import { startRouter, type Router } from '../src/router/router.ts';
import { poll } from '../src/local/poll.ts';
import { runTask } from '../src/tasks/run-task.ts';
import { createServer } from '../src/http/server.ts';
import { openHarness, TIMES, type Harness } from './support/harness.ts';
import { PATIENCE_MS } from './support/patience.ts';

/** How long the router waits for a byte: many beats of a report. */
const ROUTER = { firstByteMs: 2_500, silenceMs: 2_500 };
/** Longer than that, and a matter of fewer beats than a line has letters. */
const SLOW_MS = 3_000;
const PATH = '/reports/1.csv';

let harness: Harness;
let router: Router;

beforeAll(async () => {
  harness = await openHarness();
  await harness.store.query(`insert into campaigns (subject, body, audience) values ('News', '', 2500)`);
  await harness.store.query(
    `insert into deliveries (campaign_id, subscriber_id, email, attempts)
     select 1, n, 'reader' || n || '@example.com', 1 from generate_series(1, 2500) n`,
  );
});

beforeEach(async () => {
  const server = createServer(harness, { ...TIMES, requestTimeoutMs: 20_000 });
  // What one writes first: it has the whole answer before it sends any of it.
  server.get('/naive.csv', { handlerTimeout: PATIENCE_MS }, async () => {
    await delay(PATIENCE_MS, null, { ref: false });
    return headerLine();
  });
  router = await startRouter({ to: await harness.listen(server), ...ROUTER });
});

afterEach(async () => {
  await router.close();
  await harness.clear();
});

afterAll(async () => await harness.close());

function rowsOf(text: string): Record<string, string>[] {
  return parse(text, { columns: true }) as Record<string, string>[];
}

/** Workers whose reports come from elsewhere; what the run came to, once it is over. */
async function workWith(
  source: (signal: AbortSignal) => AsyncIterable<string>,
): Promise<{ made: Made | undefined; error: unknown }> {
  const seen: { made: Made | undefined; error: unknown } = { made: undefined, error: undefined };
  await harness.work(async ({ data }: Job<{ run: string }>) => {
    try {
      seen.made = await makeReport(harness.redis, data.run, source);
    } catch (error) {
      seen.error = error;
      throw error;
    }
  });
  return seen;
}

describe('behind a router that waits 30 s for the first byte and 55 s for the next (less here)', () => {
  test('the naive way dies of H12', async () => {
    const reply = await fetch(`${router.url}/naive.csv`);
    expect(reply.status).toBe(503);
    expect(router.log).toEqual([{ method: 'GET', path: '/naive.csv', status: 503, code: 'H12' }]);
  });

  test('a report that is slow to begin and slow in the middle arrives whole', async () => {
    await workWith(async function* () {
      await delay(SLOW_MS);
      yield '1,1,ada@example.com,1,2026-01-01T00:00:00.000Z\n';
      await delay(SLOW_MS);
      yield '2,2,bob@example.com,1,2026-01-01T00:00:00.000Z\n';
    });
    const startedAt = performance.now();
    const reply = await fetch(router.url + PATH);
    expect(reply.status).toBe(200);
    const text = await reply.text();
    expect(performance.now() - startedAt).toBeGreaterThan(2 * SLOW_MS);
    expect(text.startsWith(headerLine())).toBe(true);
    expect(rowsOf(text).map(({ email }) => email)).toEqual(['ada@example.com', 'bob@example.com']);
    expect(router.log).toEqual([{ method: 'GET', path: PATH, status: 200 }]);
  });

  test('the real one has every row of the table, over several pages', async () => {
    await harness.work(async (job) => await runTask(job, harness.tools));
    const text = await (await fetch(router.url + PATH)).text();
    const rows = rowsOf(text);
    expect(rows).toHaveLength(2500);
    expect(new Set(rows.map(({ email }) => email)).size).toBe(2500);
    expect(rows.at(-1)).toMatchObject({ email: 'reader2500@example.com' });
  });

  test('while no worker has begun, the header goes out letter by letter', async () => {
    const leaving = new AbortController();
    const reply = await fetch(router.url + PATH, { signal: leaving.signal });
    const first = await reply.body?.getReader().read();
    expect(reply.status).toBe(200);
    expect(new TextDecoder().decode(first?.value)).toBe('i');
    leaving.abort();
  });
});

describe('a client that goes away', () => {
  test('ends the work', async () => {
    let aborted = false;
    let rows = 0;
    const seen = await workWith(async function* (signal) {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      for (; rows < 100_000; rows += 1) {
        yield 'x\n';
        await delay(20);
      }
    });
    const leaving = new AbortController();
    const reply = await fetch(router.url + PATH, { signal: leaving.signal });
    await reply.body?.getReader().read();
    leaving.abort();
    const made = await poll('the task to end', PATIENCE_MS, () => seen.made);
    expect(made.outcome).toBe('cancelled');
    expect(aborted || rows < 500).toBe(true);
    expect(router.log[0]?.code).toBe('H27');
    expect(await harness.redis.keys('newsletter:*chunks')).toEqual([]);
  });

  test('that went before any worker was there costs none of them anything', async () => {
    const leaving = new AbortController();
    const reply = await fetch(router.url + PATH, { signal: leaving.signal });
    await reply.body?.getReader().read();
    leaving.abort();
    await poll('the reader to be gone', PATIENCE_MS, async () =>
      (await harness.redis.keys('newsletter:*reader')).length === 0 ? true : undefined,
    );
    const seen = await workWith(async function* () {
      yield 'x\n';
    });
    const made = await poll('the task to end', PATIENCE_MS, () => seen.made);
    expect(made).toEqual({ outcome: 'cancelled', chunks: 0 });
  });

  test('or that stops reading makes the worker wait, with little in Redis', async () => {
    let rows = 0;
    await workWith(async function* () {
      for (; rows < 10_000; rows += 1) yield `${'x'.repeat(50_000)}\n`;
    });
    const client = get(router.url + PATH);
    await once(client, 'response');
    await poll('the window to be full', PATIENCE_MS, async () => {
      const [key = ''] = await harness.redis.keys('newsletter:*chunks');
      const before = rows;
      await delay(300);
      return rows === before && (await harness.redis.xlen(key)) === 16 ? true : undefined;
    });
    expect(rows).toBeLessThan(2000);
    client.destroy();
  });
});

describe('a failure', () => {
  test('before the first byte is an ordinary reply', async () => {
    await workWith(async function* () {
      yield* [];
      throw new Error('no such table');
    });
    const url = await harness.listen(
      createServer(harness, { ...TIMES, requestTimeoutMs: 20_000, reportBeatMs: 10_000 }),
    );
    const reply = await fetch(url + PATH);
    expect(reply.status).toBe(503);
    expect(await reply.json()).toMatchObject({ error: 'TASK_FAILED' });
  });

  test('in the middle breaks the connection off, so that half a file is not taken for a whole', async () => {
    const seen = await workWith(async function* () {
      yield '1,1,ada@example.com,1,2026-01-01T00:00:00.000Z\n';
      await delay(SLOW_MS);
      throw new Error('the connection was lost');
    });
    const reply = await fetch(router.url + PATH);
    expect(reply.status).toBe(200);
    await expect(reply.text()).rejects.toThrow(TypeError);
    expect(seen.error).toBeInstanceOf(Error);
    expect(router.log[0]?.code).toBe('H18');
  });

  test('of a worker that was lost is one too: its successor does not begin again in the middle', async () => {
    let runs = 0;
    let successor: Made | undefined;
    await harness.work(async ({ data }: Job<{ run: string }>) => {
      runs += 1;
      await makeReport(harness.redis, data.run, async function* () {
        yield '1,1,ada@example.com,1,2026-01-01T00:00:00.000Z\n';
        await delay(SLOW_MS);
        // What happens to a worker that is killed: the queue gives its task to another.
        if (runs === 1) {
          successor = await makeReport(harness.redis, data.run, async function* () {
            yield 'again\n';
          });
        }
        await delay(SLOW_MS);
      });
    });
    const reply = await fetch(router.url + PATH);
    await expect(reply.text()).rejects.toThrow(TypeError);
    expect(successor).toEqual({ outcome: 'overtaken', chunks: 0 });
  });
});

test('there is no report of a campaign that does not exist', async () => {
  expect((await fetch(`${router.url}/reports/99.csv`)).status).toBe(404);
  expect((await fetch(`${router.url}/reports/one.csv`)).status).toBe(404);
});
