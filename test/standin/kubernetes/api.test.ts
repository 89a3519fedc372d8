import { afterEach, expect, test } from 'vitest';

import type { Kubernetes, KubernetesOptions } from '../../../src/standin/kubernetes/contract.ts';
import { startKubernetes } from '../../../src/standin/kubernetes/kubernetes.ts';

let kubernetes: Kubernetes;
let now = Date.UTC(2026, 0, 1);

afterEach(() => kubernetes.close());

async function start(options: Partial<KubernetesOptions> = {}): Promise<void> {
  now = Date.UTC(2026, 0, 1);
  kubernetes = await startKubernetes({
    workloads: [{ target: 'deployment/worker', replicas: 2 }],
    clock: { now: () => now },
    ...options,
  });
}

const DEPLOYMENT = '/apis/apps/v1/namespaces/default/deployments/worker';
const SCALE = `${DEPLOYMENT}/scale`;
const PODS = '/api/v1/namespaces/default/pods';
const MERGE = 'application/merge-patch+json';

type Sent = { method?: string; path: string; body?: unknown; type?: string; token?: string };

async function call({ method = 'GET', path, body, type = 'application/json', token }: Sent): Promise<{
  status: number;
  body: {
    reason?: string;
    message?: string;
    spec?: unknown;
    status?: unknown;
    items?: { metadata: { name: string } }[];
  } & {
    metadata: { resourceVersion: string; continue?: string };
  };
}> {
  const response = await fetch(kubernetes.url + path, {
    method,
    headers: {
      ...(token === 'none' ? {} : { Authorization: `Bearer ${token ?? kubernetes.token}` }),
      ...(body === undefined ? {} : { 'Content-Type': type }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as never };
}
const patch = (path: string, body: unknown, type = MERGE): ReturnType<typeof call> =>
  call({ method: 'PATCH', path, body, type });

const REFUSALS: readonly { refusal: string; sent: Sent; status: number; reason: string; message: string }[] =
  [
    {
      refusal: 'a token that is not valid',
      sent: { path: SCALE, token: 'other' },
      status: 401,
      reason: 'Unauthorized',
      message: 'Unauthorized',
    },
    {
      refusal: 'a request without a token, which is anonymous',
      sent: { path: SCALE, token: 'none' },
      status: 403,
      reason: 'Forbidden',
      message: 'system:anonymous',
    },
    {
      refusal: 'an object that does not exist',
      sent: { path: SCALE.replace('worker', 'nothing') },
      status: 404,
      reason: 'NotFound',
      message: 'deployments.apps "nothing" not found',
    },
    {
      refusal: 'a group that is not served',
      sent: { path: '/apis/keda.sh/v1alpha1/namespaces/default/scaledobjects' },
      status: 404,
      reason: 'NotFound',
      message: 'the server could not find the requested resource',
    },
    {
      refusal: 'a collection that is to be patched',
      sent: { method: 'PATCH', path: PODS, body: {}, type: MERGE },
      status: 405,
      reason: 'MethodNotAllowed',
      message: 'does not allow this method',
    },
    {
      refusal: 'a patch of an unknown type',
      sent: { method: 'PATCH', path: SCALE, body: { spec: { replicas: 3 } } },
      status: 415,
      reason: 'UnsupportedMediaType',
      message: MERGE,
    },
    {
      refusal: 'a patch with a resource version that is not the latest',
      sent: {
        method: 'PATCH',
        path: SCALE,
        body: { metadata: { resourceVersion: '1' }, spec: { replicas: 3 } },
        type: MERGE,
      },
      status: 409,
      reason: 'Conflict',
      message: 'the object has been modified',
    },
    {
      refusal: 'a negative number of replicas',
      sent: { method: 'PATCH', path: SCALE, body: { spec: { replicas: -1 } }, type: MERGE },
      status: 422,
      reason: 'Invalid',
      message: 'Scale.autoscaling "worker" is invalid: spec.replicas',
    },
    {
      refusal: 'an unknown field selector',
      sent: { path: `${PODS}?fieldSelector=spec.colour=red` },
      status: 400,
      reason: 'BadRequest',
      message: 'field label not supported',
    },
  ];

test.each(REFUSALS)('$refusal is refused with $status', async ({ sent, status, reason, message }) => {
  await start();
  const { status: got, body } = await call(sent);
  expect([got, body.reason]).toEqual([status, reason]);
  expect(body.message).toContain(message);
  expect(kubernetes.replicas('deployment/worker')).toBe(2);
});

test('a Role allows what it lists and nothing else', async () => {
  await start({
    rules: [
      {
        apiGroups: ['apps'],
        resources: ['deployments/scale'],
        verbs: ['get', 'patch'],
        resourceNames: ['worker'],
      },
    ],
  });
  expect((await patch(SCALE, { spec: { replicas: 3 } })).status).toBe(200);
  const refused = await call({ path: PODS });
  expect([refused.status, refused.body.message]).toEqual([
    403,
    'pods is forbidden: User "system:serviceaccount:default:drover" cannot list resource "pods" in API group "" in the namespace "default"',
  ]);
  const elsewhere = await call({ path: SCALE.replace('/default/', '/prod/') });
  expect([elsewhere.status, elsewhere.body.message]).toEqual([
    403,
    expect.stringContaining('in the namespace "prod"'),
  ]);
});

test('the scale names the selector of its pods, and at zero has no replicas', async () => {
  await start();
  await patch(SCALE, { spec: { replicas: 0 } });
  expect((await call({ path: SCALE })).body).toMatchObject({
    kind: 'Scale',
    spec: {},
    status: { replicas: 0, selector: 'app=worker' },
  });
});

test('a write with the latest resource version is carried out once', async () => {
  await start();
  const { resourceVersion } = (await call({ path: SCALE })).body.metadata;
  const body = { metadata: { resourceVersion }, spec: { replicas: 3 } };
  expect((await patch(SCALE, body)).status).toBe(200);
  expect((await patch(SCALE, { ...body, spec: { replicas: 4 } })).status).toBe(409);
  expect(kubernetes.replicas('deployment/worker')).toBe(3);
});

test('a stale read shows an earlier state, and a write by it is a conflict', async () => {
  await start();
  kubernetes.setReadsStale(true);
  kubernetes.setReplicas('deployment/worker', 5);
  const { body } = await call({ path: SCALE });
  expect(body.spec).toEqual({ replicas: 2 });
  const { resourceVersion } = body.metadata;
  expect((await patch(SCALE, { metadata: { resourceVersion }, spec: { replicas: 1 } })).status).toBe(409);
  kubernetes.setReadsStale(false);
  expect((await call({ path: SCALE })).body.spec).toEqual({ replicas: 5 });
});

test('a rotated token replaces the one before', async () => {
  await start();
  const before = kubernetes.token;
  kubernetes.rotateToken();
  expect([(await call({ path: PODS, token: before })).status, (await call({ path: PODS })).status]).toEqual([
    401, 200,
  ]);
});

test('a long list comes in pages', async () => {
  await start({
    workloads: [{ target: 'statefulset/web', replicas: 3, spec: { podManagementPolicy: 'Parallel' } }],
  });
  const first = (await call({ path: `${PODS}?limit=2` })).body;
  const second = (await call({ path: `${PODS}?limit=2&continue=${first.metadata.continue}` })).body;
  const names = [first, second].map(({ items = [] }) => items.map(({ metadata }) => metadata.name));
  expect(names).toEqual([['web-0', 'web-1'], ['web-2']]);
  expect(second.metadata.continue).toBeUndefined();
});

test('a deletion cost that is not a 32-bit integer is refused', async () => {
  await start();
  const [pod] = kubernetes.pods();
  const annotated = (cost: string): ReturnType<typeof call> =>
    patch(`${PODS}/${pod?.name}`, {
      metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } },
    });
  expect((await annotated('low')).status).toBe(422);
  expect((await annotated('-10')).status).toBe(200);
  expect(kubernetes.pods()[0]?.annotations).toEqual({ 'controller.kubernetes.io/pod-deletion-cost': '-10' });
});

test('a quota shows as a FailedCreate event and as missing pods', async () => {
  await start();
  kubernetes.create({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'small' },
    ...{ spec: { hard: { pods: '3' } } },
  });
  kubernetes.setReplicas('deployment/worker', 5);
  expect(kubernetes.pods()).toHaveLength(3);
  const { items = [] } = (
    await call({ path: '/api/v1/namespaces/default/events?fieldSelector=reason=FailedCreate' })
  ).body;
  expect(items).toMatchObject([
    {
      message: expect.stringMatching(
        /^Error creating: pods "worker-\w+-" is forbidden: exceeded quota: small, requested: pods=1, used: pods=3, limited: pods=3$/,
      ),
    },
  ]);
  expect((await call({ path: DEPLOYMENT })).body.status).toMatchObject({
    replicas: 3,
    unavailableReplicas: 2,
  });
});

test('a pod that fits on no node stays pending, with the reason', async () => {
  await start({ nodes: { small: 1 } });
  const { items } = (await call({ path: `${PODS}?fieldSelector=status.phase=Pending` })).body;
  expect(items).toMatchObject([
    {
      status: {
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: expect.stringContaining('Too many pods'),
          },
        ],
      },
    },
  ]);
});

test('while controllers are suspended the observed generation stays behind', async () => {
  await start();
  kubernetes.setControllersSuspended(true);
  await patch(SCALE, { spec: { replicas: 4 } });
  expect((await call({ path: DEPLOYMENT })).body).toMatchObject({
    metadata: { generation: 2 },
    status: { observedGeneration: 1, replicas: 2 },
  });
  kubernetes.setControllersSuspended(false);
  expect((await call({ path: DEPLOYMENT })).body).toMatchObject({
    status: { observedGeneration: 2, replicas: 4 },
  });
});

test('a rollout has pods of two ReplicaSets until the new ones are ready', async () => {
  await start({ bootMs: 1_000 });
  now += 1_000;
  kubernetes.rollOut('deployment/worker', 'registry.example/worker:2');
  expect(
    kubernetes
      .pods()
      .map(({ ready }) => ready)
      .toSorted(),
  ).toEqual([false, true, true]);
  expect((await call({ path: DEPLOYMENT })).body.status).toMatchObject({ replicas: 3, updatedReplicas: 1 });
  for (let step = 0; step < 4; step += 1) {
    now += 1_000;
    kubernetes.pods();
  }
  expect((await call({ path: DEPLOYMENT })).body.status).toMatchObject({ replicas: 2, updatedReplicas: 2 });
});

test('a custom resource of the shape of a Deployment has a scale, and no strategic merge patch', async () => {
  const rollouts = {
    ...{ group: 'argoproj.io', version: 'v1alpha1', plural: 'rollouts', kind: 'Rollout', namespaced: true },
    scaledAs: 'Deployment',
  } as const;
  await start({
    customTypes: [rollouts],
    workloads: [{ target: 'rollouts.argoproj.io/worker', replicas: 1 }],
  });
  const path = '/apis/argoproj.io/v1alpha1/namespaces/default/rollouts/worker/scale';
  expect((await patch(path, { spec: { replicas: 2 } })).status).toBe(200);
  expect(kubernetes.pods().map(({ workload }) => workload)).toEqual(['worker', 'worker']);
  expect((await patch(path, {}, 'application/strategic-merge-patch+json')).status).toBe(415);
});
