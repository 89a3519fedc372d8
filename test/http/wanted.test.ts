import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { DecidedEntry, TypeEntry } from '../../src/journal/entry.ts';
import { blindEntry, decidedEntry, entry, T0 } from '../support/entries.ts';
import { broken } from '../support/ports.ts';
import { Site, TOKEN } from '../support/site.ts';

let site: Site;

beforeEach(async () => {
  site = await new Site(T0).start({ token: TOKEN, publishes: true });
});
afterEach(async () => {
  await site.stop();
});

const LOWER: Partial<DecidedEntry> = { from: 5, quantity: 5, to: 3, result: 'published' };
const HIGHER: Partial<DecidedEntry> = { from: 5, quantity: 5, to: 8, result: 'published' };
const failure = { code: 'KUBERNETES_TIMEOUT', message: 'no answer', remedy: 'Wait.' };

/** The answer so many seconds after the last tick. */
async function answered(types: readonly TypeEntry[], seconds = 1): Promise<[number, unknown]> {
  await site.record(types.map((type, index) => entry(index * 10, [type])));
  site.at = T0 + (types.length - 1) * 10_000 + seconds * 1000;
  const answer = await site.get('/workers/worker');
  return [answer.status, await answer.json()];
}

describe('GET /workers/<process type>', () => {
  test.each<{ name: string; type: Partial<DecidedEntry>; seconds?: number; wanted: number }>([
    { name: 'an unchanged quantity', type: { from: 4, quantity: 4, to: 4 }, wanted: 4 },
    { name: 'more, as decided', type: HIGHER, wanted: 8 },
    { name: 'fewer, once their workers have drained', type: LOWER, wanted: 3 },
    { name: 'fewer, for 30 s', type: { ...LOWER }, seconds: 30, wanted: 3 },
    { name: 'more, for three ticks', type: HIGHER, seconds: 30, wanted: 8 },
    {
      name: 'the quantity while it is held',
      type: { ...LOWER, result: undefined, hold: { kind: 'paused', words: 'paused' } },
      wanted: 5,
    },
    { name: 'the quantity while another worker would go', type: { ...LOWER, result: 'withheld' }, wanted: 5 },
    { name: 'what another client set', type: { ...LOWER, quantity: 6, result: 'overtaken' }, wanted: 6 },
    { name: '0', type: { from: 1, quantity: 1, to: 0, result: 'published' }, wanted: 0 },
  ])('gives $name', async ({ type, seconds, wanted }) => {
    expect(await answered([decidedEntry(type)], seconds)).toEqual([200, { wanted }]);
  });

  test.each<{ name: string; types: readonly TypeEntry[]; seconds?: number; error: string }>([
    { name: 'before the first decision', types: [blindEntry()], error: 'not known: no decision yet' },
    {
      name: 'when the lower number is older than 30 s',
      types: [decidedEntry(LOWER)],
      seconds: 31,
      error: 'not known: the last decision is 31 s old',
    },
    {
      name: 'when the clock has read nothing for three ticks',
      types: [decidedEntry(HIGHER), blindEntry(), blindEntry(), blindEntry()],
      error: 'not known: the last decision is 31 s old',
    },
    {
      name: 'after a failure',
      types: [decidedEntry({ ...LOWER, result: undefined, failure })],
      error: 'not known: the last decision failed: KUBERNETES_TIMEOUT',
    },
    {
      name: 'in a dry run',
      types: [decidedEntry({ ...LOWER, result: 'dry-run' })],
      error: 'not known: DRY_RUN is set',
    },
  ])('answers 503 $name', async ({ types, seconds, error }) => {
    expect(await answered(types, seconds)).toEqual([503, { error }]);
    expect(await (await site.get('/metrics')).text()).not.toContain('drover_workers_wanted{');
  });

  test('answers 503 when the state cannot be read, and 404 for another process type', async () => {
    await site.record([entry(0)]);
    expect((await site.get('/workers/mailer')).status).toBe(404);
    site.lost = broken;
    expect((await site.get('/workers/worker')).status).toBe(503);
  });

  test('requires the token', async () => {
    await site.record([entry(0)]);
    expect((await site.get('/workers/worker', {})).status).toBe(401);
  });
});

test('the metric gives the same number', async () => {
  await answered([decidedEntry(LOWER)]);
  expect(await (await site.get('/metrics')).text()).toContain(
    'drover_workers_wanted{process_type="worker"} 3',
  );
});

test('a clock that sets the quantity itself publishes nothing', async () => {
  await site.stop();
  site = await new Site(T0).start();
  await site.record([entry(0)]);
  expect((await site.get('/workers/worker')).status).toBe(404);
  expect(await (await site.get('/metrics')).text()).not.toContain('drover_workers_wanted');
});
