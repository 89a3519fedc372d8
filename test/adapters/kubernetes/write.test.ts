import { beforeEach, describe, expect, test } from 'vitest';

import { MARK } from '../../../src/adapters/kubernetes/pods.ts';
import { Failure } from '../../../src/failure.ts';
import type { Formation, Resize } from '../../../src/ports/platform.ts';
import type { FakeClock } from '../heroku/fake-clock.ts';
import type { ClusterInMemory, PodFacts } from './cluster-in-memory.ts';
import { NEVER, onCluster } from './on-cluster.ts';

let cluster: ClusterInMemory;
let clock: FakeClock;
let formation: Formation;

beforeEach(() => {
  ({ cluster, clock, formation } = onCluster('deployment/worker'));
});

const resize = (overrides: Partial<Resize> = {}): Resize => ({
  processType: 'worker',
  from: 3,
  to: 2,
  remove: ['worker-7d9f-b'],
  ...overrides,
});

describe('a scale-down', () => {
  test('marks the pods that may go, then sets the replicas of the version that was read', async () => {
    expect(await formation.resize(resize(), NEVER)).toMatchObject({
      kind: 'resized',
      quantity: 2,
      answered: true,
    });
    expect(cluster.requests).toEqual([
      'GET deployments/worker/scale',
      'GET pods',
      'PATCH pods/worker-7d9f-b',
      'PATCH deployments/worker/scale',
    ]);
    expect(cluster.pods.map(({ cost }) => cost)).toEqual([undefined, MARK, undefined]);
  });

  test('takes back marks of pods that are not to go', async () => {
    cluster.pods[0] = { name: 'worker-7d9f-a', cost: MARK };
    await formation.resize(resize(), NEVER);
    expect(cluster.pods.map(({ cost }) => cost)).toEqual([undefined, MARK, undefined]);
  });

  test.each<{ name: string; pods: PodFacts[]; remove?: string[]; instead: string }>([
    {
      name: 'a pod that is not ready would go first',
      pods: [{ name: 'a' }, { name: 'b' }, { name: 'c', ready: false }],
      remove: ['b'],
      instead: 'c',
    },
    {
      name: 'a pod without a node would go first',
      pods: [{ name: 'a' }, { name: 'b' }, { name: 'c', unschedulable: { reason: 'full', since: '' } }],
      remove: ['b'],
      instead: 'c',
    },
    { name: 'none may go', pods: [{ name: 'a' }, { name: 'b' }, { name: 'c' }], remove: [], instead: 'a' },
    {
      name: 'the pods belong to two ReplicaSets',
      pods: [{ name: 'a' }, { name: 'b' }, { name: 'c', owner: 'rs-2' }],
      remove: ['b'],
      instead: 'c',
    },
  ])('is withheld, with nothing marked, if $name', async ({ pods, remove = [], instead }) => {
    cluster.pods = pods;
    expect(await formation.resize(resize({ remove }), NEVER)).toEqual({
      kind: 'withheld',
      answered: true,
      worker: instead,
    });
    expect(cluster.requests.filter((request) => request.startsWith('PATCH'))).toEqual([]);
  });

  test('of pods that were never created needs none to go', async () => {
    cluster.replicas = 5;
    expect(await formation.resize(resize({ from: 5, to: 3, remove: [] }), NEVER)).toMatchObject({
      kind: 'resized',
    });
  });

  test('is decided on again where a pod changed before the write', async () => {
    let once = true;
    cluster.intercept = ({ method, url }) => {
      if (method === 'PATCH' && url.endsWith('/scale') && once) {
        once = false;
        cluster.version += 1;
        cluster.pods[2] = { name: 'worker-7d9f-c', ready: false };
      }
      return 'pass';
    };
    expect(await formation.resize(resize(), NEVER)).toMatchObject({
      kind: 'withheld',
      worker: 'worker-7d9f-c',
    });
    expect(cluster.replicas).toBe(3);
  });

  test('gives way to another client', async () => {
    cluster.replicas = 7;
    expect(await formation.resize(resize(), NEVER)).toMatchObject({ kind: 'overtaken', quantity: 7 });
    expect(cluster.requests).toEqual(['GET deployments/worker/scale']);
  });

  test('gives way to a target that never stays the same', async () => {
    cluster.intercept = ({ method, url }) => {
      if (method === 'PATCH' && url.endsWith('/scale')) cluster.version += 1;
      return 'pass';
    };
    expect(await formation.resize(resize(), NEVER)).toMatchObject({ kind: 'overtaken', quantity: 3 });
  });

  test('is not sent once the reading behind it is too old', async () => {
    await expect(
      formation.resize(resize({ sendBeforeMs: clock.monotonicMs() - 1 }), NEVER),
    ).rejects.toMatchObject({ code: 'TICK_DEADLINE' });
    expect(cluster.replicas).toBe(3);
  });
});

describe('a write whose answer is lost', () => {
  const lost = (applied: boolean): void => {
    let once = true;
    cluster.intercept = ({ method, url }) => {
      if (method !== 'PATCH' || !url.endsWith('/scale') || !once) return 'pass';
      once = false;
      if (applied) [cluster.replicas, cluster.version] = [5, 2];
      return { code: 'ECONNRESET', tooLong: false };
    };
  };

  test('is found done by the next reading', async () => {
    lost(true);
    const up = resize({ to: 5, remove: undefined });
    expect(await formation.resize(up, NEVER)).toMatchObject({
      kind: 'resized',
      quantity: 5,
      answered: false,
    });
  });

  test('is repeated where it was not done', async () => {
    lost(false);
    const up = resize({ to: 5, remove: undefined });
    expect(await formation.resize(up, NEVER)).toMatchObject({
      kind: 'resized',
      quantity: 5,
      answered: false,
    });
  });
});

describe('a write that may still be carried out', () => {
  const down = resize();

  test('stays unknown where the tick ends before its answer', async () => {
    const tick = new AbortController();
    const reason = new Failure('TICK_DEADLINE', 'the tick was not finished', 'Wait for the next tick.');
    cluster.intercept = ({ method, url }) => {
      if (method !== 'PATCH' || !url.endsWith('/scale')) return 'pass';
      tick.abort(reason);
      throw reason;
    };
    expect(await formation.resize(down, tick.signal)).toMatchObject({
      kind: 'unknown',
      answered: false,
      failure: { code: 'TICK_DEADLINE' },
    });
  });

  test.each([
    { name: 'the pods cannot be read', failing: 'GET pods' },
    { name: 'a pod cannot be marked', failing: 'PATCH pods/worker-7d9f-b' },
    { name: 'the write is refused', failing: 'PATCH deployments/worker/scale' },
  ])('stays unknown where $name when it is repeated', async ({ failing }) => {
    let sent = false;
    cluster.intercept = ({ method, url }) => {
      const request = `${method} ${new URL(url).pathname.replace(/^.*\/prod\//, '')}`;
      if (sent && request === failing) return cluster.status(403, 'Forbidden');
      if (request !== 'PATCH deployments/worker/scale') return 'pass';
      sent = true;
      cluster.pods[1] = { name: 'worker-7d9f-b' };
      return { code: 'ECONNRESET', tooLong: false };
    };
    expect(await formation.resize(down, NEVER)).toMatchObject({
      kind: 'unknown',
      answered: false,
      failure: { code: 'KUBERNETES_FORBIDDEN' },
    });
  });
});

test('marks are taken back', async () => {
  cluster.pods[0] = { name: 'worker-7d9f-a', cost: MARK };
  await formation.unmark('worker', ['worker-7d9f-a'], NEVER);
  expect(cluster.pods[0].cost).toBeUndefined();
});
