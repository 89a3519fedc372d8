import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { AppsV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Kubernetes } from '../../../src/standin/kubernetes/contract.ts';
import { startKubernetes } from '../../../src/standin/kubernetes/kubernetes.ts';
import { findKubectl } from '../../support/kubectl.ts';
import { selfSigned } from '../../support/self-signed.ts';

const run = promisify(execFile);

let folder: string;
let kubernetes: Kubernetes;
let kubectl: string | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-kubernetes-'));
  const { key, certificate } = selfSigned('localhost');
  kubernetes = await startKubernetes({
    workloads: [
      { target: 'deployment/worker', replicas: 2 },
      { target: 'statefulset/mailer', replicas: 3, spec: { podManagementPolicy: 'Parallel' } },
    ],
    nodes: { 'node-1': 50, 'node-2': 50 },
    tls: { key, cert: certificate },
  });
  await writeFile(join(folder, 'config'), kubernetes.kubeconfig);
  kubectl = await findKubectl();
});
afterAll(async () => {
  await kubernetes.close();
  await rm(folder, { recursive: true, force: true });
});

async function ctl(...args: readonly string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: join(folder, 'config') };
  return await run(kubectl ?? '', args, { env }).then(
    ({ stdout }) => stdout.trim(),
    (error: { stderr: string }) => error.stderr.trim(),
  );
}
const namesOf = (workload: string): string[] =>
  kubernetes.pods().flatMap((pod) => (pod.workload === workload ? [pod.name] : []));

test('kubectl scales, ranks a pod, rolls out and drains a node', async ({ skip }) => {
  if (kubectl === undefined) skip('needs kubectl, or apt-get to download it');
  expect(await ctl('scale', 'deployment/worker', '--replicas=5')).toBe('deployment.apps/worker scaled');
  const [chosen = ''] = namesOf('worker').slice(-1);
  await ctl('annotate', 'pod', chosen, 'controller.kubernetes.io/pod-deletion-cost=-10');
  expect(await ctl('scale', 'deployment/worker', '--current-replicas=5', '--replicas=4')).toBe(
    'deployment.apps/worker scaled',
  );
  expect(namesOf('worker')).toHaveLength(4);
  expect(namesOf('worker')).not.toContain(chosen);
  await ctl('set', 'image', 'deployment/worker', 'worker=registry.example/worker:2');
  expect(await ctl('rollout', 'status', 'deployment/worker')).toContain('successfully rolled out');
  expect(await ctl('drain', 'node-1', '--force')).toMatch(/drained|evicted/);
  expect(new Set(kubernetes.pods().map(({ node }) => node))).toEqual(new Set(['node-2']));
});

test("kubectl reads the stand-in's lists and refusals", async ({ skip }) => {
  if (kubectl === undefined) skip('needs kubectl, or apt-get to download it');
  await ctl('scale', 'statefulset/mailer', '--replicas=2');
  expect(await ctl('get', 'pods', '-l', 'app=mailer', '-o', 'name')).toBe('pod/mailer-0\npod/mailer-1');
  expect(await ctl('patch', 'deployment', 'worker', '-p', '{"spec":{"replicas":-1}}')).toBe(
    'The Deployment "worker" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  );
  expect(await ctl('scale', 'deployment/nothing', '--replicas=1')).toContain(
    'deployments.apps "nothing" not found',
  );
});

test("Kubernetes's own library for Node scales, lists and understands a conflict", async () => {
  const config = new KubeConfig();
  config.loadFromString(kubernetes.kubeconfig);
  const apps = config.makeApiClient(AppsV1Api);
  const name = { name: 'worker', namespace: 'default' };
  const scale = await apps.readNamespacedDeploymentScale(name);
  const scaleTo = async (replicas: number): Promise<unknown> =>
    await apps.replaceNamespacedDeploymentScale({
      ...name,
      body: { metadata: scale.metadata ?? {}, spec: { replicas } },
    });
  await scaleTo(3);
  expect(kubernetes.replicas('deployment/worker')).toBe(3);
  await expect(scaleTo(9)).rejects.toMatchObject({ code: 409 });
  const { items } = await config
    .makeApiClient(CoreV1Api)
    .listNamespacedPod({ namespace: 'default', labelSelector: scale.status?.selector ?? 'none' });
  expect(items.map(({ status }) => status?.phase)).toEqual(['Running', 'Running', 'Running']);
});
