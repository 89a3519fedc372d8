import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import type {
  Kubernetes,
  KubernetesOptions,
  KubernetesPod,
} from '../../../src/standin/kubernetes/contract.ts';
import { startKubernetes } from '../../../src/standin/kubernetes/kubernetes.ts';

const POLITE =
  'trap \'echo "$HOSTNAME" >> "$ENDED"; exit 0\' TERM; echo up >> "$ENDED.$HOSTNAME"; while :; do sleep 0.02; done';
const STUBBORN = 'trap "" TERM; echo up >> "$ENDED.$HOSTNAME"; while :; do sleep 0.02; done';

let folder: string;
let kubernetes: Kubernetes | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-pods-'));
});
afterEach(async () => {
  await kubernetes?.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(script: string, options: Partial<KubernetesOptions>): Promise<Kubernetes> {
  kubernetes = await startKubernetes({
    workloads: [{ target: 'statefulset/web', replicas: 3, spec: { podManagementPolicy: 'Parallel' } }],
    processes: {
      spawn: ({ env }) =>
        spawn('sh', ['-c', script], {
          env: { ...process.env, ...env, ENDED: join(folder, 'ended') },
          detached: true,
          stdio: 'ignore',
        }),
    },
    ...options,
  });
  return kubernetes;
}

const read = (file: string): Promise<string[]> =>
  readFile(join(folder, file), 'utf8').then(
    (text) => text.trim().split('\n'),
    () => [],
  );
const up = (name: string, times = 1): Promise<void> =>
  expect.poll(() => read(`ended.${name}`)).toHaveLength(times);

test('a pod knows its name, gets SIGTERM, and is gone when its process is', async () => {
  const on = await start(POLITE, {});
  await Promise.all(['web-0', 'web-1', 'web-2'].map((name) => up(name)));
  on.setReplicas('statefulset/web', 1);
  expect(on.pods().map(({ terminating }) => terminating)).toEqual([false, true, true]);
  await expect.poll(() => on.pods().map(({ name }) => name)).toEqual(['web-0']);
  expect((await read('ended')).toSorted()).toEqual(['web-1', 'web-2']);
  expect(on.kills).toBe(0);
  const ends = on.stopped.map(({ name, type, because, sigkillAt }) => ({ name, type, because, sigkillAt }));
  expect(ends.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual(
    ['web-1', 'web-2'].map((name) => ({ name, type: 'web', because: 'scale-down', sigkillAt: undefined })),
  );
});

test('a pod that ignores SIGTERM is killed after its grace time', async () => {
  const on = await start(STUBBORN, { workloads: [{ target: 'deployment/web', replicas: 1 }], secondMs: 5 });
  await expect.poll(() => on.pods().map(({ ready }) => ready)).toEqual([true]);
  const [pod] = on.pods();
  await up(pod?.name ?? '');
  on.setReplicas('deployment/web', 0);
  await expect.poll(() => on.pods()).toEqual([]);
  expect(on.kills).toBe(1);
  expect(on.stopped).toMatchObject([{ name: pod?.name, pid: pod?.pid, because: 'scale-down' }]);
  const [{ sigtermAt, sigkillAt = 0, endedAt } = { sigtermAt: 0, endedAt: 0 }] = on.stopped;
  // 30 s of 5 ms, less what a timer may be early.
  expect(sigkillAt - sigtermAt).toBeGreaterThanOrEqual(148);
  expect(endedAt).toBeGreaterThanOrEqual(sigkillAt);
});

test('a container that crashes starts again at once under its name, and the next time only later', async () => {
  const on = await start('echo up >> "$ENDED.$HOSTNAME"; exit 1', {
    workloads: [{ target: 'statefulset/web', replicas: 1 }],
  });
  await up('web-0', 2);
  await expect.poll(() => on.pods().map(({ restarts, ready }) => [restarts, ready])).toEqual([[2, false]]);
  expect(await read('ended.web-0')).toHaveLength(2);
});

test('a pod that still boots is removed without a process', async () => {
  const on = await start(POLITE, { bootMs: 60_000 });
  expect(on.pods().map(({ phase }) => phase)).toEqual(['Pending', 'Pending', 'Pending']);
  on.setReplicas('statefulset/web', 0);
  expect(on.pods()).toEqual([]);
  expect(await read('ended')).toEqual([]);
  expect(on.stopped).toEqual([]);
});

test('a drained node ends its pods, which are created again on another', async () => {
  const on = await start(POLITE, {
    workloads: [{ target: 'deployment/web', replicas: 2 }],
    nodes: { 'node-1': 5, 'node-2': 5 },
  });
  await expect.poll(() => on.pods().map(({ ready }) => ready)).toEqual([true, true]);
  await Promise.all(on.pods().map(({ name }) => up(name)));
  on.drainNode('node-1');
  await expect
    .poll(() => on.pods().map(({ node, ready }) => [node, ready]))
    .toEqual([
      ['node-2', true],
      ['node-2', true],
    ]);
  on.setReplicas('deployment/web', 1);
  await expect.poll(() => on.stopped.map(({ because }) => because)).toEqual(['eviction', 'scale-down']);
});

test.for([
  { target: 'deployment/web', spec: {} },
  { target: 'deployment/web', spec: { strategy: { type: 'Recreate' } } },
  { target: 'statefulset/web', spec: {} },
])(
  'pods of $target $spec that a rollout replaces or a client deletes are recorded as such',
  async ({ target, spec }) => {
    const on = await start(POLITE, { workloads: [{ target, replicas: 1, spec }] });
    const nextPod = async (before: string | undefined): Promise<KubernetesPod | undefined> => {
      await expect
        .poll(() => on.pods().map(({ pid, ready }) => ready && pid !== undefined && String(pid) !== before))
        .toEqual([true]);
      const [pod] = on.pods();
      await up(
        pod?.name ?? '',
        pod === undefined ? 0 : on.stopped.filter(({ name }) => name === pod.name).length + 1,
      );
      return pod;
    };
    const first = await nextPod(undefined);
    on.rollOut(target, 'web:2');
    const second = await nextPod(String(first?.pid));
    await fetch(`${on.url}/api/v1/namespaces/default/pods/${second?.name}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${on.token}` },
    });
    await nextPod(String(second?.pid));
    expect(on.stopped.map(({ pid, because }) => [pid, because])).toEqual([
      [first?.pid, 'rollout'],
      [second?.pid, 'deletion'],
    ]);
  },
);
