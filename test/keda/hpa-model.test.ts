import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { SEED } from '../support/fixed-seed.ts';
import { ActivationModel, DEFAULTS, FOLLOWS, HpaModel } from './hpa-model.ts';

const SYNC_SECONDS = 15;
const RANGE = { minReplicas: 1, maxReplicas: 1000, targetValue: 1 };

describe('an HPA with the ScaledObject of deploy/kubernetes/keda', () => {
  test('sets exactly what is wanted, at its first sync', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 1000 }),
        (wanted, start) => {
          const hpa = new HpaModel({ ...RANGE, ...FOLLOWS });
          let replicas = start;
          for (const [index, count] of wanted.entries()) {
            replicas = hpa.sync(index * SYNC_SECONDS, replicas, count);
            expect(replicas).toBe(count);
          }
        },
      ),
      { seed: SEED, numRuns: 200 },
    );
  });
});

describe('an HPA without a behavior', () => {
  test.each([
    { name: 'one more of ten is within the tolerance', from: 10, wanted: 11, after: 10 },
    { name: 'two more of ten are not', from: 10, wanted: 12, after: 12 },
    { name: 'one fewer of ten is within the tolerance', from: 10, wanted: 9, after: 10 },
    { name: 'at most twice as many in a sync', from: 10, wanted: 100, after: 20 },
    { name: 'or four more', from: 1, wanted: 100, after: 5 },
    { name: 'never below its minimum', from: 1, wanted: 0, after: 1 },
  ])('$name', ({ from, wanted, after }) => {
    expect(new HpaModel({ ...RANGE, ...DEFAULTS }).sync(0, from, wanted)).toBe(after);
  });

  test('scales down to the most that was wanted in 300 s', () => {
    const hpa = new HpaModel({ ...RANGE, ...DEFAULTS });
    const seen = [20, 5, 5].map((wanted, index) => hpa.sync(index * 150, 20, wanted));
    expect([...seen, hpa.sync(450, 20, 5)]).toEqual([20, 20, 5, 5]);
  });
});

test('a metric that cannot be read changes nothing', () => {
  expect(new HpaModel({ ...RANGE, ...FOLLOWS }).sync(0, 7, undefined)).toBe(7);
  expect(new ActivationModel({ cooldownSeconds: 0 }).poll(0, 7, undefined)).toBe(7);
});

test('KEDA starts the first pod at a poll, and removes the last one after the cooldown', () => {
  const keda = new ActivationModel({ cooldownSeconds: 60 });
  expect([
    keda.poll(0, 0, 0),
    keda.poll(30, 0, 3),
    keda.poll(60, 1, 0),
    keda.poll(90, 1, 0),
    keda.poll(120, 1, 0),
  ]).toEqual([0, 1, 1, 1, 0]);
});
