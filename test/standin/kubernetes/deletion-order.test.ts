import fc from 'fast-check';
import { expect, test } from 'vitest';

import { chooseVictims, deletionCost } from '../../../src/standin/kubernetes/deletion-order.ts';
import { podOf, type PodShape } from './pods.ts';

const NOW = Date.UTC(2026, 0, 2);
const ago = (seconds: number): number => NOW - seconds * 1000;
/** Every later rule points the other way: the pod that is to stay is newer, on the fuller node, restarted. */
const READY = { readyAt: ago(1000), createdAt: ago(2000) };

const RULES: readonly { rule: string; first: PodShape; last: PodShape }[] = [
  {
    rule: 'a pod without a node goes before one with a node',
    first: { uid: 'z', node: '', phase: 'Pending', ...READY, cost: '9' },
    last: { uid: 'a', phase: 'Pending', readyAt: undefined, cost: '-9' },
  },
  {
    rule: 'a pending pod goes before an unknown one',
    first: { uid: 'z', ...READY, phase: 'Pending', cost: '9' },
    last: { uid: 'a', phase: 'Unknown', readyAt: undefined, cost: '-9' },
  },
  {
    rule: 'an unknown pod goes before a running one',
    first: { uid: 'z', ...READY, phase: 'Unknown', cost: '9' },
    last: { uid: 'a', readyAt: undefined, cost: '-9' },
  },
  {
    rule: 'a pod that is not ready goes before a ready one, whatever its cost',
    first: { uid: 'z', readyAt: undefined, createdAt: ago(2000), cost: '9' },
    last: { uid: 'a', ...READY, cost: '-9', restarts: 5 },
  },
  {
    rule: 'a lower deletion cost goes first',
    first: { uid: 'z', ...READY, cost: '-1' },
    last: { uid: 'a', readyAt: ago(1), createdAt: ago(1), restarts: 5 },
  },
  {
    rule: 'a pod ready for a shorter time goes first, where it is half of the other or less',
    first: { uid: 'z', readyAt: ago(100), createdAt: ago(5000) },
    last: { uid: 'a', readyAt: ago(1000), createdAt: ago(1000), restarts: 5 },
  },
  {
    rule: 'of times ready of one order of magnitude the lower UID goes first',
    first: { uid: 'a', readyAt: ago(1000), createdAt: ago(1000) },
    last: { uid: 'z', readyAt: ago(999), createdAt: ago(999), restarts: 5 },
  },
  {
    rule: 'of pods ready since the same time the one with more restarts goes first',
    first: { uid: 'z', readyAt: ago(10), createdAt: ago(2000), restarts: 2 },
    last: { uid: 'a', readyAt: ago(10), createdAt: ago(20), restarts: 1 },
  },
  {
    rule: 'the newer pod goes first, where all else is equal',
    first: { uid: 'z', readyAt: ago(10), createdAt: ago(20) },
    last: { uid: 'a', readyAt: ago(10), createdAt: ago(2000) },
  },
];

test.each(RULES)('$rule', ({ first, last }) => {
  const pods = [podOf(last), podOf(first)];
  expect(chooseVictims(pods, pods, 1, NOW).map(({ metadata }) => metadata.uid)).toEqual([first.uid]);
});

test('a pod on the node with more active pods of its owner goes first, those of other ReplicaSets counted', () => {
  const alone = podOf({ uid: 'a', node: 'node-1', readyAt: ago(1), createdAt: ago(1), restarts: 5 });
  const crowded = podOf({ uid: 'z', node: 'node-2', ...READY });
  const sibling = podOf({ uid: 's', node: 'node-2' });
  const victims = (related: readonly ReturnType<typeof podOf>[]): string[] =>
    chooseVictims([alone, crowded], related, 1, NOW).map(({ metadata }) => metadata.uid);
  expect(victims([alone, crowded, sibling])).toEqual(['z']);
  expect(victims([alone, crowded, podOf({ uid: 's', node: 'node-2', terminating: true })])).toEqual(['a']);
});

test.each([
  { cost: '-2147483648', is: -2_147_483_648 },
  { cost: '2147483647', is: 2_147_483_647 },
  { cost: '2147483648', is: 0 },
  { cost: '+5', is: 0 },
  { cost: '05', is: 0 },
  { cost: '1.5', is: 0 },
  { cost: '', is: 0 },
])('a deletion cost of "$cost" counts as $is', ({ cost, is }) => {
  expect(deletionCost(podOf({ uid: 'a', cost }))).toBe(is);
});

const shapes = fc.uniqueArray(
  fc.record({
    uid: fc.string({ minLength: 1, maxLength: 3 }),
    node: fc.constantFrom('', 'node-1', 'node-2'),
    phase: fc.constantFrom('Pending', 'Running', 'Unknown'),
    readyAt: fc.option(fc.integer({ min: 0, max: 200 }).map(ago), { nil: undefined }),
    createdAt: fc.integer({ min: 0, max: 200 }).map(ago),
    cost: fc.constantFrom('-1', '0', '1'),
    restarts: fc.integer({ min: 0, max: 1 }),
  }),
  { selector: ({ uid }) => uid, minLength: 2, maxLength: 8 },
);

test('the same set of pods has the same victims, in whatever order it is listed', () => {
  fc.assert(
    fc.property(
      shapes,
      fc.integer({ min: 0, max: 8 }),
      fc.infiniteStream(fc.nat()),
      (list, count, random) => {
        const pods = list.map(podOf);
        const keys = new Map(pods.map((pod) => [pod, random.next().value]));
        const shuffled = pods.toSorted((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
        expect(chooseVictims(shuffled, shuffled, count, NOW)).toEqual(chooseVictims(pods, pods, count, NOW));
      },
    ),
  );
});

test('a pod that is not ready never outlives a ready one with a lower cost', () => {
  fc.assert(
    fc.property(shapes, fc.integer({ min: 1, max: 7 }), (list, count) => {
      const running = list.map((shape) => podOf({ ...shape, phase: 'Running', node: 'node-1' }));
      const victims = chooseVictims(running, running, count, NOW);
      const unready = running.filter((pod) => pod.status.conditions?.[0]?.status === 'False');
      const readyVictim = victims.some((pod) => !unready.includes(pod));
      expect(!readyVictim || unready.every((pod) => victims.includes(pod))).toBe(true);
    }),
  );
});
