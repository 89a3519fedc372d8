import { beforeEach, describe, expect, test } from 'vitest';

import type { Formation } from '../../../src/ports/platform.ts';
import type { ClusterInMemory } from './cluster-in-memory.ts';
import { NEVER, onCluster } from './on-cluster.ts';

let cluster: ClusterInMemory;
let formation: Formation;

beforeEach(() => {
  ({ cluster, formation } = onCluster('deployment/worker'));
});

describe('a standstill', () => {
  const rollout = {
    metadata: { generation: 2 },
    status: { observedGeneration: 2, replicas: 3, updatedReplicas: 1 },
  };
  test.each<{ name: string; object: Record<string, unknown>; is: unknown }>([
    {
      name: 'no rollout',
      object: { metadata: {}, status: { replicas: 3, updatedReplicas: 3 } },
      is: undefined,
    },
    { name: 'pods of two templates', object: rollout, is: { kind: 'release', mayGrow: true } },
    {
      name: 'pods of two templates, the last of the earlier one beside all of the new',
      object: { metadata: {}, spec: { replicas: 3 }, status: { replicas: 4, updatedReplicas: 3 } },
      is: { kind: 'release', mayGrow: true },
    },
    {
      name: 'no rollout of a StatefulSet whose removed pods have yet to end',
      object: {
        metadata: {},
        spec: { replicas: 3 },
        status: { replicas: 5, updatedReplicas: 3, currentRevision: 'a', updateRevision: 'a' },
      },
      is: undefined,
    },
    {
      name: 'a StatefulSet that goes back to its earlier template while removed pods have yet to end',
      object: {
        metadata: {},
        spec: { replicas: 3 },
        status: { replicas: 5, updatedReplicas: 2, currentRevision: 'a', updateRevision: 'a' },
      },
      is: { kind: 'release', mayGrow: true },
    },
    {
      name: 'a template that its controller has not seen',
      object: { metadata: { generation: 2 }, status: { observedGeneration: 1 } },
      is: { kind: 'release', mayGrow: true },
    },
    {
      name: 'a partition, which stays',
      object: {
        ...rollout,
        spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } },
      },
      is: undefined,
    },
  ])('$name', async ({ object, is }) => {
    cluster.object = object;
    expect(await formation.standstill('worker', NEVER)).toEqual(is);
  });

  test.each<{ name: string; of: Record<string, unknown>; found: boolean }>([
    { name: 'the target', of: { kind: 'Deployment', name: 'worker' }, found: true },
    { name: 'another target', of: { kind: 'Deployment', name: 'web' }, found: false },
    { name: 'a target of the same name', of: { kind: 'StatefulSet', name: 'worker' }, found: false },
  ])('a HorizontalPodAutoscaler of $name', async ({ of, found }) => {
    cluster.autoscalers = [{ metadata: { name: 'cpu' }, spec: { scaleTargetRef: of } }];
    cluster.scaledObjects = undefined;
    const expected = found ? { kind: 'autoscaler', name: 'HorizontalPodAutoscaler cpu' } : undefined;
    expect(await formation.standstill('worker', NEVER)).toEqual(expected);
  });

  test('a ScaledObject without a kind means a Deployment', async () => {
    cluster.scaledObjects = [{ metadata: { name: 'bull' }, spec: { scaleTargetRef: { name: 'worker' } } }];
    expect(await formation.standstill('worker', NEVER)).toEqual({
      kind: 'autoscaler',
      name: 'ScaledObject bull',
    });
  });

  test('what may not be listed is no standstill', async () => {
    cluster.intercept = () => cluster.status(403, 'Forbidden');
    expect(await formation.standstill('worker', NEVER)).toBeUndefined();
  });
});
