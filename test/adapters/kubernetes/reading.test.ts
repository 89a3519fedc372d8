import { beforeEach, describe, expect, test } from 'vitest';

import { MARK } from '../../../src/adapters/kubernetes/pods.ts';
import type { Formation } from '../../../src/ports/platform.ts';
import type { ClusterInMemory, PodFacts } from './cluster-in-memory.ts';
import { onCluster, readOf } from './on-cluster.ts';

let cluster: ClusterInMemory;
let formation: Formation;

beforeEach(() => {
  ({ cluster, formation } = onCluster('deployment/worker'));
});

describe('a reading', () => {
  test('takes two requests, with the token', async () => {
    expect(await readOf(formation)).toMatchObject({ quantity: 3, size: '', naming: { kind: 'listed' } });
    expect(cluster.requests).toEqual(['GET deployments/worker/scale', 'GET pods']);
    expect(cluster.headers[0]).toMatchObject({ authorization: 'Bearer secret-token' });
  });

  test.each<{ name: string; pod: Partial<PodFacts>; is: object }>([
    { name: 'ready', pod: {}, is: { rank: 4, running: true, leaving: false, marked: false } },
    { name: 'not ready', pod: { ready: false }, is: { rank: 3, running: true } },
    {
      name: 'crashed, and waiting to start again',
      pod: { ready: false, started: false },
      is: { rank: 3, running: false },
    },
    { name: 'on a node that does not report', pod: { phase: 'Unknown' }, is: { rank: 2, running: true } },
    { name: 'pending on a node', pod: { phase: 'Pending', started: false }, is: { rank: 1, running: false } },
    { name: 'being deleted', pod: { leaving: true }, is: { leaving: true } },
    { name: 'marked', pod: { cost: MARK }, is: { marked: true } },
    { name: 'marked by another client', pod: { cost: '-5' }, is: { marked: false } },
  ])('a pod that is $name', async ({ pod, is }) => {
    cluster.pods = [{ name: 'worker-7d9f-x', ...pod }];
    expect((await readOf(formation)).naming).toMatchObject({ workers: [{ name: 'worker-7d9f-x', ...is }] });
  });

  test('pods that have ended are not listed', async () => {
    cluster.pods[0] = { name: 'worker-7d9f-a', phase: 'Failed' };
    expect((await readOf(formation)).naming).toMatchObject({
      workers: [{ name: 'worker-7d9f-b' }, { name: 'worker-7d9f-c' }],
    });
  });

  test.each([
    { start: undefined, first: 0 },
    { start: 5, first: 5 },
  ])('a StatefulSet numbers its pods from $first', async ({ start, first }) => {
    ({ cluster, formation } = onCluster('statefulset/worker'));
    cluster.object = { spec: start === undefined ? {} : { ordinals: { start } } };
    expect((await readOf(formation)).naming).toMatchObject({
      kind: 'numbered',
      prefix: 'worker-',
      base: 0,
      first,
    });
  });

  test('of another resource asks once which version the cluster prefers', async () => {
    ({ cluster, formation } = onCluster('rollouts.argoproj.io/worker'));
    await readOf(formation);
    await readOf(formation);
    expect(cluster.requests.filter((request) => request.startsWith('GET /apis'))).toHaveLength(1);
    expect(cluster.requests).toContain('GET rollouts/worker/scale');
  });

  test('pods without a node for a minute are a limit, with the reason', async () => {
    const unschedulable = {
      reason: '0/3 nodes are available: 3 Insufficient cpu.',
      since: '2026-11-23T11:59:00Z',
    };
    cluster.pods[2] = {
      name: 'worker-7d9f-c',
      phase: 'Pending',
      ready: false,
      started: false,
      unschedulable,
    };
    expect((await readOf(formation)).limit).toEqual({
      count: 2,
      kind: 'unschedulable',
      reason: unschedulable.reason,
    });
    cluster.at -= 1000;
    expect((await readOf(formation)).limit).toBeUndefined();
  });

  test('pods that a quota refuses are a limit, with the reason', async () => {
    cluster.replicas = 5;
    cluster.events = [
      {
        reason: 'FailedCreate',
        involvedObject: { name: 'other-1' },
        message: 'no',
        lastTimestamp: '2026-11-23T11:59:00Z',
      },
      {
        reason: 'FailedCreate',
        involvedObject: { name: 'worker-7d9f' },
        message: 'exceeded quota: pods=3',
        lastTimestamp: '2026-11-23T11:58:00Z',
      },
    ];
    expect((await readOf(formation)).limit).toEqual({
      count: 3,
      kind: 'refused',
      reason: 'exceeded quota: pods=3',
    });
    cluster.events = [];
    expect((await readOf(formation)).limit).toBeUndefined();
  });
});
