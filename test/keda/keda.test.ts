import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';

import { KEDA } from '../../src/adapters/kubernetes/platform.ts';
import { wantedOf } from '../../src/http/wanted.ts';
import { nextStatus, type Status } from '../../src/journal/status.ts';
import { SEED } from '../support/fixed-seed.ts';
import { Site, TOKEN } from '../support/site.ts';
import { DEFAULTS, FOLLOWS, readTrigger } from './hpa-model.ts';
import { KedaWorld, type Workload } from './world.ts';

const BOUNDS = { minReplicas: 1, maxReplicas: 20 };

let site: Site | undefined;
afterEach(async () => {
  await site?.stop();
  site = undefined;
});

/** A world whose HPA reads the answers without HTTP. */
function worldOf(workload: Workload, rules: typeof FOLLOWS): KedaWorld {
  let status: Status | undefined;
  return new KedaWorld(
    workload,
    { ...BOUNDS, ...rules },
    {
      read: async (at) => {
        const found = wantedOf(status, 'worker', at);
        return found.kind === 'wanted' ? found.count : undefined;
      },
      record: async (entry) => {
        const context = { appName: 'prod/worker', timeZone: 'UTC', noun: KEDA.noun, platform: KEDA.name };
        ({ status } = nextStatus(status, entry, context));
      },
    },
  );
}

test('KEDA reads the endpoint: a burst is served, and the replicas fall once their workers have drained', async () => {
  const on = await new Site(0).start({ token: TOKEN, publishes: true });
  site = on;
  const world = new KedaWorld(
    { arrivals: [[5, 8]], jobSeconds: 60 },
    { ...BOUNDS, ...FOLLOWS },
    {
      read: async (at) => {
        on.at = at;
        return await readTrigger(`${on.url}/workers/worker`, TOKEN);
      },
      record: async (entry) => await on.record([entry]),
    },
  );
  await world.runUntil(40);
  expect(world.cluster.replicas).toBeGreaterThan(5);
  await world.runUntil(240);
  expect(world).toMatchObject({ waiting: 0, cut: [], cluster: { replicas: 1 } });
  expect(world.cluster.requests.filter((request) => request === 'PATCH deployments/worker/scale')).toEqual(
    [],
  );
});

test.each([
  { name: "with the ScaledObject's behavior", rules: FOLLOWS },
  { name: 'with the defaults of an HPA', rules: DEFAULTS },
])('no job is cut, whatever comes when, $name', async ({ rules }) => {
  let removed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 12 })), {
        minLength: 1,
        maxLength: 12,
      }),
      fc.integer({ min: 2, max: 90 }),
      async (arrivals, jobSeconds) => {
        const world = worldOf({ arrivals, jobSeconds }, rules);
        await world.runUntil(560);
        removed += world.removed;
        expect(world.cut).toEqual([]);
      },
    ),
    { seed: SEED, numRuns: 6 },
  );
  expect(removed).toBeGreaterThan(10);
});

test('no job is cut by an answer that was read before demand came back', async () => {
  let removed = 0;
  for (let second = 52; second < 68; second += 1) {
    const arrivals = [[5, 8] as const, [second, 12] as const];
    const world = worldOf({ arrivals, jobSeconds: 25 }, FOLLOWS);
    await world.runUntil(130);
    removed += world.removed;
    expect(world.cut, `demand at ${second} s`).toEqual([]);
  }
  expect(removed).toBeGreaterThan(10);
});
