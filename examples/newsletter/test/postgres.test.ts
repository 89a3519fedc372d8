import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { openDatabase } from '../src/local/database.ts';
import { Closers } from '../src/local/closers.ts';
import { createCampaign, newestCampaigns, subscribersAfter } from '../src/store/campaigns.ts';
import { deliveriesAfter, isDelivered, recordDelivery } from '../src/store/deliveries.ts';
import {
  findPicture,
  findResized,
  forgetResized,
  hasPicture,
  keepPicture,
  keepResized,
} from '../src/store/pictures.ts';
import { openPostgres } from '../src/store/postgres.ts';
import type { Store } from '../src/store/store.ts';
import { createTables } from '../src/store/tables.ts';

/** A PostgreSQL of yours; without it only the embedded one is tested. */
const REAL = process.env['TEST_DATABASE_URL'];

const databases = [
  { name: 'the embedded database', url: undefined, present: true },
  { name: 'the PostgreSQL at TEST_DATABASE_URL', url: REAL, present: REAL !== undefined },
];

for (const { name, url, present } of databases) {
  describe.skipIf(!present)(`SQL on ${name}`, () => {
    const closers = new Closers();
    let store: Store;
    let address: string;
    beforeAll(async () => {
      address = await openDatabase(url, closers);
      store = openPostgres(address, { timeoutMs: 10_000, connections: 2 });
      await createTables(store);
      await createTables(store);
    });
    afterAll(async () => {
      await store.close();
      await closers.closeAll();
    });

    test('keeps subscribers, campaigns and deliveries', async () => {
      await store.query(
        `insert into subscribers (email, state) values ('a@x.org', 'valid'), ('b@x.org', 'invalid')`,
      );
      const id = await createCampaign(store, 'News', 'text');
      const [subscriber, ...others] = await subscribersAfter(store, 0, 10);
      expect(subscriber).toEqual({ id: 1, email: 'a@x.org' });
      expect(others).toEqual([]);
      const delivery = { campaignId: id, subscriberId: 1, email: 'a@x.org', attempts: 2 };
      expect(await isDelivered(store, id, 1)).toBe(false);
      await recordDelivery(store, delivery);
      await recordDelivery(store, delivery);
      expect(await isDelivered(store, id, 1)).toBe(true);
      expect(await deliveriesAfter(store, id, 0, 10)).toMatchObject([
        { subscriber: 1, email: 'a@x.org', attempts: 2 },
      ]);
      expect(await newestCampaigns(store, 5)).toMatchObject([{ id, audience: 1, delivered: 1 }]);
    });

    test('keeps pictures and forgets their sizes', async () => {
      await keepPicture(store, 'harbour', Buffer.from([0, 255, 1]));
      await keepResized(store, 'harbour', 10, Buffer.from([7]));
      expect(await hasPicture(store, 'harbour')).toBe(true);
      expect(await findPicture(store, 'harbour')).toEqual(Buffer.from([0, 255, 1]));
      expect(await findResized(store, 'harbour', 10)).toEqual(Buffer.from([7]));
      expect(await forgetResized(store, 1)).toBe(0);
    });

    test('is given up on in time, by name', async () => {
      const impatient = openPostgres(address, { timeoutMs: 100, connections: 1 });
      await impatient.query('select 1');
      const late = impatient.query('select pg_sleep(0.4)');
      await expect(late).rejects.toMatchObject({ code: 'DATABASE_TIMEOUT', text: 'select pg_sleep(0.4)' });
      await impatient.close();
    });

    test('tells its own errors with their codes', async () => {
      await expect(store.query('select * from no_such_table')).rejects.toMatchObject({ code: '42P01' });
    });
  });
}

test.skipIf(REAL === undefined)('the schema of a local run is dropped at its end', async () => {
  const closers = new Closers();
  const url = await openDatabase(REAL, closers);
  const schema = /search_path=(\w+)/.exec(new URL(url).searchParams.get('options') ?? '')?.[1];
  await closers.closeAll();
  const store = openPostgres(REAL ?? '', { timeoutMs: 10_000, connections: 1 });
  const rows = await store.query('select 1 from information_schema.schemata where schema_name = $1', [
    schema,
  ]);
  await store.close();
  expect(schema).toMatch(/^newsletter_local_/);
  expect(rows).toEqual([]);
});
