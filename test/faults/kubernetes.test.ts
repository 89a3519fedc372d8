import { afterEach, beforeEach, expect, test } from 'vitest';

import { decidedOf, failureIn, type Outcome } from '../../src/control/outcome.ts';
import { CLUSTER_FAULTS, type ClusterFault } from '../support/faults/cluster-faults.ts';
import { ClusterHarness } from '../support/faults/cluster-harness.ts';

let harness: ClusterHarness;

beforeEach(async () => {
  harness = await ClusterHarness.start();
});
afterEach(async () => {
  await harness.kubernetes.close();
});

async function outcome(): Promise<Outcome | undefined> {
  return (await harness.tick()).outcomes[0];
}

type Struck = {
  /** What came of the tick under the fault, and the pods after it. */
  readonly during: Outcome | undefined;
  readonly after: number;
  /** Pods in the tick in which Drover acts again, and once fewer are needed. */
  readonly recovered: readonly number[];
};

/** Three pods are right. While the fault lasts two would do; after it five are needed, and then two. */
async function strike(fault: ClusterFault): Promise<Struck> {
  harness.need(3);
  expect(await outcome()).toMatchObject({ kind: 'unchanged' });
  harness.need(2);
  await fault.start(harness);
  const during = await outcome();
  const after = harness.replicas;
  await fault.end?.(harness);
  const recovered: number[] = [];
  for (const pods of [5, 2]) {
    harness.need(pods);
    for (let tick = 0; tick < (fault.recoversIn ?? 1); tick += 1) await outcome();
    recovered.push(harness.replicas);
  }
  return { during, after, recovered };
}

const of = (effect: ClusterFault['effect']): readonly ClusterFault[] =>
  CLUSTER_FAULTS.filter((fault) => fault.effect === effect);

test.each([...of('blind'), ...of('cannot act')])(
  '$name: $effect, $shows with a remedy; nothing is scaled down, and the tick after it acts',
  async (fault) => {
    const { during, after, recovered } = await strike(fault);
    const decided = during === undefined ? undefined : decidedOf(during);
    expect(decided === undefined).toBe(fault.effect === 'blind');
    expect(during && failureIn(during)).toMatchObject({
      code: fault.shows,
      remedy: expect.stringMatching(fault.remedy ?? /^$/),
    });
    expect(JSON.stringify(during)).not.toContain(harness.kubernetes.token);
    expect([after, ...recovered]).toEqual([3, 5, 2]);
  },
);

test.each(of('waits'))('$name: $shows; nothing is scaled down, and the tick after it acts', async (fault) => {
  const { during, after, recovered } = await strike(fault);
  const { shows: kind } = fault;
  expect(during).toMatchObject(
    during?.kind === 'held' ? { hold: { kind } } : { kind: 'resized', resized: { kind } },
  );
  expect([after, ...recovered]).toEqual([3, 5, 2]);
});

test.each(of('goes on'))('$name: goes on', async (fault) => {
  const { during, after, recovered } = await strike(fault);
  expect(during).toMatchObject({ kind: 'resized', resized: { kind: 'resized', quantity: 2 } });
  expect([after, ...recovered]).toEqual([2, 5, 2]);
});

test('there are faults of each kind', () => {
  expect(of('blind').length).toBeGreaterThan(15);
  for (const effect of ['cannot act', 'waits', 'goes on'] as const)
    expect(of(effect).length).toBeGreaterThan(2);
});
