import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { createServer } from '../src/http/server.ts';
import { poll } from '../src/local/poll.ts';
import { keepPicture } from '../src/store/pictures.ts';
import { forgetPictures } from '../src/tasks/forget-pictures.ts';
import { runTask } from '../src/tasks/run-task.ts';
import { delayWithin } from '../src/tasks/window.ts';
import { openHarness, TIMES, type Harness } from './support/harness.ts';
import { PATIENCE_MS } from './support/patience.ts';

const PATIENT = { ...TIMES, requestTimeoutMs: PATIENCE_MS, workerTimeoutMs: PATIENCE_MS / 2 };

let harness: Harness;
beforeAll(async () => {
  harness = await openHarness();
});
afterEach(async () => await harness.clear());
afterAll(async () => await harness.close());

async function post(url: string, body: unknown): Promise<Response> {
  return await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** What the app tells of a task once it has ended. */
async function ended(url: string, reply: Response): Promise<Record<string, unknown>> {
  const { queue, id } = (await reply.json()) as { queue: string; id: string };
  return await poll('the task to end', PATIENCE_MS, async () => {
    const task = (await (await fetch(`${url}/tasks/${queue}/${id}`)).json()) as Record<string, unknown>;
    return ['completed', 'failed'].includes(String(task['state'])) ? task : undefined;
  });
}

describe('a task', () => {
  test('is run by its type, and its result and log are kept', async () => {
    await harness.work();
    const url = await harness.listen(createServer(harness, PATIENT));
    const emails = [' Ada@Example.com', 'bob@example.com', 'no address', 'ada@example.com'];
    const reply = await post(`${url}/tasks`, { type: 'import-subscribers', args: { emails } });
    expect(reply.status).toBe(202);
    expect(await ended(url, reply)).toMatchObject({
      type: 'import-subscribers',
      state: 'completed',
      attempts: 1,
      result: { added: 2, known: 1, refused: 1 },
      log: ['line 3 is not an address'],
    });
  });

  const refused = [
    { name: 'a type that does not exist', body: { type: 'rm-rf', args: {} } },
    { name: 'no arguments', body: { type: 'send-campaign' } },
    { name: 'arguments of a wrong type', body: { type: 'send-campaign', args: { campaignId: '1' } } },
    { name: 'arguments out of range', body: { type: 'forget-pictures', args: { unaskedForDays: 0 } } },
    { name: 'a name of the prototype', body: { type: 'constructor', args: {} } },
    {
      name: 'a window that is over',
      body: {
        type: 'forget-pictures',
        args: { unaskedForDays: 1 },
        window: { from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z' },
      },
    },
  ];
  test.each(refused)('is refused with $name', async ({ body }) => {
    const url = await harness.listen(createServer(harness, PATIENT));
    const reply = await post(`${url}/tasks`, body);
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({ error: 'MALFORMED' });
  });

  test('of an older release, whose arguments do not fit any more, fails for good at once', async () => {
    await harness.work();
    const url = await harness.listen(createServer(harness, PATIENT));
    const job = await harness.tasks.queue('default').add('send-campaign', { campaign: 1 }, { attempts: 5 });
    const task = await ended(url, Response.json({ queue: 'default', id: job.id }));
    expect(task).toMatchObject({ state: 'failed', attempts: 1 });
  });

  test('that fails is tried again', async () => {
    let runs = 0;
    await harness.work(async (job) => {
      runs += 1;
      if (runs === 1) throw new Error('the database was restarted');
      return await runTask(job, harness.tools);
    });
    const url = await harness.listen(createServer(harness, PATIENT));
    const reply = await post(`${url}/tasks`, {
      type: 'import-subscribers',
      args: { emails: ['x@example.com'] },
    });
    expect(await ended(url, reply)).toMatchObject({ state: 'completed', attempts: 2 });
  });

  test('waits for its window', async () => {
    const url = await harness.listen(createServer(harness, PATIENT));
    const window = { from: '2100-01-01T00:00:00Z', to: '2100-01-01T04:00:00Z' };
    const reply = await post(`${url}/tasks`, {
      type: 'forget-pictures',
      args: { unaskedForDays: 1 },
      window,
    });
    const { delayMs } = (await reply.json()) as { delayMs: number };
    expect(Date.now() + delayMs).toBeGreaterThanOrEqual(Date.parse(window.from) - 1000);
    expect(Date.now() + delayMs).toBeLessThanOrEqual(Date.parse(window.to) + PATIENCE_MS);
    expect(await harness.tasks.queue('low').getDelayedCount()).toBe(1);
  });

  const windows = [
    { name: 'at its start', from: 100, to: 200, now: 0, share: 0, delay: 100 },
    { name: 'at its end', from: 100, to: 200, now: 0, share: 1, delay: 200 },
    { name: 'in what is left of it', from: 100, to: 200, now: 150, share: 0.5, delay: 25 },
    { name: 'at its very end', from: 100, to: 200, now: 200, share: 0.7, delay: 0 },
    { name: 'never once it is over', from: 100, to: 200, now: 201, share: 0, delay: undefined },
  ];
  test.each(windows)('runs $name', ({ from, to, now, share, delay }) => {
    expect(delayWithin({ from, to }, now, share)).toBe(delay);
  });
});

test('every ten minutes there is one task of the scheduler, however often a release sets it', async () => {
  for (let release = 0; release < 3; release += 1) {
    await harness.tasks.schedule(forgetPictures, '0 */10 * * * *', { unaskedForDays: 30 });
  }
  const [job, ...others] = await harness.tasks.queue('low').getDelayed();
  expect(others).toEqual([]);
  expect(job?.name).toBe('forget-pictures');
  const due = (job?.timestamp ?? 0) + (job?.delay ?? 0);
  expect(Math.round(due / 1000) % 600).toBe(0);
  expect(due - Date.now()).toBeLessThanOrEqual(600_000);
});

describe('a picture', () => {
  async function photo(width: number): Promise<Buffer> {
    return await sharp({ create: { width, height: width / 2, channels: 3, background: '#369' } })
      .png()
      .toBuffer();
  }

  test('is resized when its size is first asked for, once for all who ask, and served from then on', async () => {
    let resizes = 0;
    await harness.work(async (job) => {
      resizes += 1;
      return await runTask(job, harness.tools);
    });
    const url = await harness.listen(createServer(harness, PATIENT));
    const put = await fetch(`${url}/pictures/lighthouse`, {
      method: 'PUT',
      headers: { 'content-type': 'image/png' },
      body: new Uint8Array(await photo(1000)),
    });
    expect(put.status).toBe(204);

    const replies = await Promise.all(
      [1, 2, 3].map(async () => await fetch(`${url}/pictures/lighthouse?width=320`)),
    );
    for (const reply of replies) {
      expect(reply.headers.get('content-type')).toBe('image/webp');
      const { width, height, format } = await sharp(Buffer.from(await reply.arrayBuffer())).metadata();
      expect({ width, height, format }).toEqual({ width: 320, height: 160, format: 'webp' });
    }
    expect((await fetch(`${url}/pictures/lighthouse?width=320`)).status).toBe(200);
    expect(resizes).toBe(1);

    // Another picture under the same name is not served in the old one's clothes.
    await keepPicture(harness.store, 'lighthouse', await photo(640));
    expect((await fetch(`${url}/pictures/lighthouse?width=320`)).status).toBe(200);
    expect(resizes).toBe(2);
  });

  test('not requested for a month is deleted, and the original is kept', async () => {
    await keepPicture(harness.store, 'harbour', await photo(100));
    for (const [width, days] of [
      [10, 31],
      [20, 29],
    ] as const) {
      await harness.store.query(
        `insert into resized_pictures (name, width, body, asked_at)
         values ('harbour', $1, '', now() - make_interval(days => $2))`,
        [width, days],
      );
    }
    await harness.work();
    const url = await harness.listen(createServer(harness, PATIENT));
    const reply = await post(`${url}/tasks`, { type: 'forget-pictures', args: { unaskedForDays: 30 } });
    expect(await ended(url, reply)).toMatchObject({ result: { forgotten: 1 } });
  });

  const wrong = [
    { name: 'no width', path: 'lighthouse', status: 400 },
    { name: 'a width of 0', path: 'lighthouse?width=0', status: 400 },
    { name: 'more than the widest', path: 'lighthouse?width=2001', status: 400 },
    { name: 'a name with a path', path: '..%2Fetc?width=10', status: 400 },
    { name: 'a picture that is not there', path: 'nothing?width=10', status: 404 },
  ];
  test.each(wrong)('is not made for $name', async ({ path, status }) => {
    const url = await harness.listen(createServer(harness, PATIENT));
    expect((await fetch(`${url}/pictures/${path}`)).status).toBe(status);
  });
});
