import { beforeEach, describe, expect, test } from 'vitest';

import type { Answer } from '../../../src/adapters/http/answer.ts';
import { kubernetesFormation } from '../../../src/adapters/kubernetes/formation.ts';
import { MARK } from '../../../src/adapters/kubernetes/pods.ts';
import { parseTarget } from '../../../src/config/target.ts';
import { Failure } from '../../../src/failure.ts';
import type { Formation, FormationState, Resize } from '../../../src/ports.ts';
import { FakeClock } from '../heroku/fake-clock.ts';
import { ClusterInMemory, type PodFacts } from './cluster-in-memory.ts';

const NEVER = new AbortController().signal;

let cluster: ClusterInMemory;
let clock: FakeClock;
let formation: Formation;

beforeEach(() => {
  cluster = new ClusterInMemory();
  clock = new FakeClock();
  formation = formationOf('deployment/worker');
});

function formationOf(target: string): Formation {
  const parsed = parseTarget(target);
  if (parsed === undefined) throw new Error('no target');
  return kubernetesFormation({
    credentials: async () => ({ server: 'https://cluster.test', token: 'secret-token' }),
    namespace: 'prod',
    targets: new Map([['worker', parsed]]),
    clock,
    sender: cluster.sender,
  });
}

async function read(): Promise<FormationState> {
  const state = (await formation.read(['worker'], NEVER)).get('worker');
  if (state instanceof Failure) throw state;
  if (state === undefined) throw new Error('no state');
  return state;
}

const resize = (overrides: Partial<Resize> = {}): Resize => ({
  processType: 'worker',
  from: 3,
  to: 2,
  remove: ['worker-7d9f-b'],
  ...overrides,
});

describe('a reading', () => {
  test('takes two requests, with the token', async () => {
    expect(await read()).toMatchObject({ quantity: 3, size: '', naming: { kind: 'listed' } });
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
    expect((await read()).naming).toMatchObject({ workers: [{ name: 'worker-7d9f-x', ...is }] });
  });

  test('pods that have ended are not listed', async () => {
    cluster.pods[0] = { name: 'worker-7d9f-a', phase: 'Failed' };
    expect((await read()).naming).toMatchObject({
      workers: [{ name: 'worker-7d9f-b' }, { name: 'worker-7d9f-c' }],
    });
  });

  test.each([
    { start: undefined, first: 0 },
    { start: 5, first: 5 },
  ])('a StatefulSet numbers its pods from $first', async ({ start, first }) => {
    formation = formationOf('statefulset/worker');
    cluster.object = { spec: start === undefined ? {} : { ordinals: { start } } };
    expect((await read()).naming).toMatchObject({ kind: 'numbered', prefix: 'worker-', base: 0, first });
  });

  test('of another resource asks once which version the cluster prefers', async () => {
    formation = formationOf('rollouts.argoproj.io/worker');
    await read();
    await read();
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
    expect((await read()).limit).toEqual({ count: 2, kind: 'unschedulable', reason: unschedulable.reason });
    cluster.at -= 1000;
    expect((await read()).limit).toBeUndefined();
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
    expect((await read()).limit).toEqual({ count: 3, kind: 'refused', reason: 'exceeded quota: pods=3' });
    cluster.events = [];
    expect((await read()).limit).toBeUndefined();
  });
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

describe('an answer', () => {
  const rows: {
    name: string;
    answer: () => Answer | { code: string; tooLong: boolean };
    code: string;
    says: RegExp;
  }[] = [
    {
      name: '401',
      answer: () => cluster.status(401, 'Unauthorized'),
      code: 'KUBERNETES_UNAUTHORIZED',
      says: /expired/,
    },
    {
      name: '403',
      answer: () => cluster.status(403, 'Forbidden'),
      code: 'KUBERNETES_FORBIDDEN',
      says: /may not get deployments\/scale in the namespace "prod"/,
    },
    {
      name: '404 of the target',
      answer: () => cluster.status(404, 'NotFound'),
      code: 'KUBERNETES_TARGET_MISSING',
      says: /has no deployment\/worker/,
    },
    {
      name: '404 of the path',
      answer: () => ({ status: 404, header: () => undefined, json: undefined }),
      code: 'KUBERNETES_TARGET_MISSING',
      says: /knows no resource deployments\/scale|knows no resource/,
    },
    {
      name: '422',
      answer: () => cluster.status(422, 'Invalid'),
      code: 'KUBERNETES_REJECTED',
      says: /422 \(Invalid\)/,
    },
    {
      name: '429 with a Retry-After of a minute',
      answer: () => cluster.status(429, 'TooManyRequests', 'x', { 'retry-after': '60' }),
      code: 'KUBERNETES_RATE_LIMITED',
      says: /429/,
    },
    {
      name: '503',
      answer: () => cluster.status(503, 'ServiceUnavailable'),
      code: 'KUBERNETES_UNAVAILABLE',
      says: /503/,
    },
    {
      name: 'a page of a proxy',
      answer: () => ({ status: 200, header: () => undefined, json: undefined }),
      code: 'KUBERNETES_REPLY',
      says: /other than JSON/,
    },
    {
      name: 'none in time',
      answer: () => ({ code: 'ETIMEDOUT', tooLong: false }),
      code: 'KUBERNETES_TIMEOUT',
      says: /10 s/,
    },
    {
      name: 'a reset',
      answer: () => ({ code: 'ECONNRESET', tooLong: false }),
      code: 'KUBERNETES_UNREACHABLE',
      says: /ECONNRESET/,
    },
    {
      name: 'a certificate of another authority',
      answer: () => ({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', tooLong: false }),
      code: 'KUBERNETES_CERTIFICATE',
      says: /cannot be verified/,
    },
    { name: '40 MB', answer: () => ({ code: '', tooLong: true }), code: 'KUBERNETES_REPLY', says: /32 MB/ },
  ];

  test.each(rows)('$name is $code, with a remedy and without the token', async ({ answer, code, says }) => {
    cluster.intercept = answer;
    const failure = await read().catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code, message: expect.stringMatching(says) });
    expect((failure as Failure).remedy).not.toBe('');
    expect(JSON.stringify([failure, (failure as Failure).message])).not.toContain('secret-token');
  });

  test('of a failure that passes is not final within the tick', async () => {
    let left = 2;
    cluster.intercept = () => ((left -= 1) >= 0 ? cluster.status(503, 'ServiceUnavailable') : 'pass');
    expect(await read()).toMatchObject({ quantity: 3 });
    expect(clock.slept).toEqual([300, 1_000]);
  });

  test.each([
    { name: 'no replicas', json: { metadata: { resourceVersion: '1' }, status: { selector: 'a=b' } } },
    {
      name: 'half a replica',
      json: { metadata: { resourceVersion: '1' }, spec: { replicas: 1.5 }, status: { selector: 'a' } },
    },
    { name: 'no selector', json: { metadata: { resourceVersion: '1' }, spec: { replicas: 1 }, status: {} } },
    { name: 'no version', json: { metadata: {}, spec: { replicas: 1 }, status: { selector: 'a=b' } } },
    { name: 'a list', json: [] },
  ])('with $name is unknown, not zero', async ({ json }) => {
    cluster.intercept = () => ({ status: 200, header: () => undefined, json });
    await expect(read()).rejects.toMatchObject({ code: 'KUBERNETES_REPLY' });
  });
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

test('marks are taken back', async () => {
  cluster.pods[0] = { name: 'worker-7d9f-a', cost: MARK };
  await formation.unmark('worker', ['worker-7d9f-a'], NEVER);
  expect(cluster.pods[0].cost).toBeUndefined();
});
