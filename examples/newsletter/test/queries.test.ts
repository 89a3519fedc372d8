import { afterAll, beforeAll, expect, test } from 'vitest';

import { createServer } from '../src/http/server.ts';
import { campaignProgress, type Progress } from '../src/store/campaigns.ts';
import type { Store } from '../src/store/store.ts';
import { frugal } from './support/frugal.ts';
import { openHarness, TIMES, type Harness } from './support/harness.ts';

const CAMPAIGNS = 20;

let harness: Harness;
beforeAll(async () => {
  harness = await openHarness();
  await harness.store.query(
    `insert into campaigns (subject, body, audience) select 'News ' || n, '', 3 from generate_series(1, $1::int) n`,
    [CAMPAIGNS],
  );
  // The first was delivered in full, the second in part.
  await harness.store.query(
    `insert into deliveries (campaign_id, subscriber_id, email, attempts)
     values (1, 1, 'a@example.com', 1), (1, 2, 'b@example.com', 1), (1, 3, 'c@example.com', 1), (2, 1, 'a@example.com', 1)`,
  );
});
afterAll(async () => await harness.close());

test('twenty campaigns are listed without asking for each of them', async () => {
  const server = createServer(
    { ...harness, store: frugal(harness.store, 1) },
    { ...TIMES, requestTimeoutMs: 10_000 },
  );
  const reply = await server.inject('/campaigns');
  await server.close();
  expect(reply.statusCode).toBe(200);
  const campaigns = reply.json<Progress[]>();
  expect(campaigns.map(({ id }) => id)).toEqual(
    Array.from({ length: CAMPAIGNS }, (_, index) => CAMPAIGNS - index),
  );
  expect(campaigns.at(-1)).toMatchObject({ delivered: 3, secondsToDeliver: expect.any(Number) as number });
  expect(campaigns.at(-2)).toMatchObject({ delivered: 1, secondsToDeliver: null });
});

test('and a list that does is caught', async () => {
  const naive = async (store: Store): Promise<unknown> => {
    const rows = await store.query<{ id: string }>('select id from campaigns');
    return await Promise.all(rows.map(async ({ id }) => await campaignProgress(store, Number(id))));
  };
  expect(await naive(harness.store)).toHaveLength(CAMPAIGNS);
  await expect(naive(frugal(harness.store, 1))).rejects.toMatchObject({ name: 'RepeatedQuery' });
});
