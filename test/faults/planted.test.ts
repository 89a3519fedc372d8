import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { assemble, type Assembly } from '../../src/cli/composition.ts';
import { loadSettings } from '../../src/config/load.ts';
import { describe as inWords } from '../../src/reporting/describe.ts';
import { reconcile } from '../../src/control/reconcile.ts';
import type { Tick } from '../../src/control/outcome.ts';
import { TestEnvironment } from '../support/test-environment.ts';

/*
 * Anyone who may write to Drover's keys may plant anything there. It costs at most one hold: the clock that takes over from
 * nothing decides as if what is out of range were not there.
 */

const JOBS = 500;
const { signal } = new AbortController();

let environment: TestEnvironment;
let assembly: Assembly;

beforeAll(async () => {
  environment = await TestEnvironment.start();
});
afterAll(async () => {
  assembly.close();
  await environment.stop();
});
beforeEach(async () => {
  await environment.reset();
  await environment.add('mail', JOBS);
});

/** One tick of a new clock with what is planted. */
async function tick(): Promise<Tick> {
  const loaded = loadSettings({ ...environment.env, MIN_WORKERS: '3' });
  if (loaded.kind === 'wrong') throw new Error('the settings are wrong');
  const { settings } = loaded;
  assembly = await assemble(settings, 'act', () => {});
  const request = { ports: assembly.ports, tickMs: 10_000, signal };
  const { tick: made } = await reconcile(request, settings.processTypes, undefined);
  assembly.close();
  return made;
}

const kept = (scaling: object, memory: object = {}): string =>
  JSON.stringify({
    version: 3,
    token: '1',
    ended: true,
    memory: { version: 1, peaks: [], queues: [], capacity: { quantity: 5, booting: [] }, ...memory },
    scaling: { quantity: 5, ...scaling },
  });

describe('what is planted in the memory changes nothing', () => {
  const rows: { name: string; text: string }[] = [
    {
      name: 'a limit of 0 until the end of time',
      text: kept({ limit: { count: 0, counts: 'type', since: 0, until: 1e15, refusals: 1 } }),
    },
    { name: 'a hold beyond all time', text: kept({ manual: { since: 0, until: 1e300 } }) },
    { name: 'a boot of months', text: kept({ bootMs: { value: 1e10, since: 0, until: 1e10 } }) },
    { name: 'no concurrency', text: kept({ concurrency: { value: 0, since: 0, until: 1e15 } }) },
    {
      name: 'a service time that is no number',
      text: kept(
        {},
        {
          queues: [
            [
              'mail',
              {
                at: 0,
                added: 0,
                inSystem: 0,
                running: 0,
                ready: 0,
                busyMs: 1,
                departures: 3,
                arrivals: 0,
                marks: [],
                runs: { seen: -1e308, tookMs: 1, endedAt: 0 },
              },
            ],
          ],
        },
      ),
    },
    { name: 'a peak of all the dynos there are', text: kept({}, { peaks: [[1e15, 1e9]] }) },
    { name: 'what another version kept', text: kept({}).replace('"version":3', '"version":1') },
    { name: 'no JSON', text: '\u0000' },
  ];
  test.each(rows)('$name', async ({ text }) => {
    environment.platform.setQuantity(environment.app, 'worker', 5);
    await environment.redis.set('drover:{my-app}:memory:worker', text);
    const { outcomes } = await tick();
    expect(outcomes.map(inWords)).toEqual([expect.stringContaining('stay at 5')]);
    expect(outcomes).toMatchObject([{ kind: 'unchanged', decision: { to: 5 } }]);
  });

  test('and what is there without it is another quantity where more is needed', async () => {
    await environment.add('mail', 700);
    await tick();
    expect(environment.platform.quantity(environment.app, 'worker')).toBe(12);
  });
});

test.each([
  { key: 'lease' },
  { key: 'fence' },
  { key: 'memory:worker' },
  { key: 'crew:worker:order' },
  { key: 'crew:worker:reports' },
  { key: 'forget' },
  { key: 'status' },
  { key: 'ticks' },
])('a list where $key has another type holds nothing up', async ({ key }) => {
  await environment.redis.rpush(`drover:{my-app}:${key}`, 'x');
  await environment.add('mail', 400);
  const { standby } = await tick();
  expect([standby, environment.platform.quantity(environment.app, 'worker')]).toEqual([false, 9]);
});

test('a pause that cannot be read holds, and says how to end it', async () => {
  await environment.redis.rpush('drover:{my-app}:pause', 'x');
  const { outcomes } = await tick();
  expect(outcomes.map(inWords)).toEqual([expect.stringContaining('drover resume')]);
});

test('a pause until the end of time is none', async () => {
  await environment.redis.set('drover:{my-app}:pause', JSON.stringify({ until: 1e300, by: 'x' }));
  await environment.add('mail', 400);
  await tick();
  expect(environment.platform.quantity(environment.app, 'worker')).toBe(9);
});
