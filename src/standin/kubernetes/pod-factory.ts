import { createHash, randomInt } from 'node:crypto';

import type { StopReason } from '../stopped.ts';
import {
  DELETED_BECAUSE,
  timestamp,
  type Pod,
  type PodTemplate,
  type ResourceQuota,
  type Texts,
  type Workload,
} from './objects.ts';
import { isTerminating } from './pod-state.ts';
import { PODS, RESOURCE_QUOTAS } from './resource-types.ts';
import { forbidden } from './status-error.ts';
import type { Store } from './store.ts';

/** The letters of generated names: no vowels, so that no words come about. */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

export function randomSuffix(length = 5): string {
  return Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

/** The same for equal templates. */
export function templateHash(template: PodTemplate): string {
  const digest = createHash('sha256').update(JSON.stringify(template)).digest();
  return [...digest.subarray(0, 10)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
}

/** Creates a pod of a controller. Throws a 403 if a quota of the namespace forbids it. */
export function createPod(
  store: Store,
  owner: Workload,
  pod: { readonly name: string; readonly template: PodTemplate; readonly labels: Texts },
): Pod {
  const namespace = owner.metadata.namespace ?? '';
  checkQuota(store, namespace, pod.name);
  return store.create<Pod>(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: pod.name,
      namespace,
      labels: { ...pod.template.metadata?.labels, ...pod.labels },
      annotations: { ...pod.template.metadata?.annotations },
      ownerReferences: [
        {
          apiVersion: owner.apiVersion,
          kind: owner.kind,
          name: owner.metadata.name,
          uid: owner.metadata.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: { ...pod.template.spec },
    status: { phase: 'Pending' },
  });
}

/** `at` is epoch ms; `graceSeconds` defaults to the pod's own. */
export type Deletion = {
  readonly at: number;
  readonly because: StopReason;
  readonly graceSeconds?: number | undefined;
};

/** Marks a pod as going; the kubelet ends it. */
export function deletePod(store: Store, pod: Pod, { at, because, graceSeconds }: Deletion): void {
  const grace = graceSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
  const before = pod.metadata.deletionGracePeriodSeconds ?? Infinity;
  if (isTerminating(pod) && grace >= before) return;
  store.replace<Pod>(PODS, {
    ...pod,
    metadata: {
      ...pod.metadata,
      deletionTimestamp: timestamp(at + grace * 1000),
      deletionGracePeriodSeconds: grace,
      [DELETED_BECAUSE]: pod.metadata[DELETED_BECAUSE] ?? because,
    },
  });
}

/** Pods that count towards a quota: those that have not ended. */
export function podsInQuota(store: Store, namespace: string): number {
  return store
    .list<Pod>(PODS, namespace)
    .filter(({ status }) => status.phase !== 'Failed' && status.phase !== 'Succeeded').length;
}

function checkQuota(store: Store, namespace: string, name: string): void {
  for (const quota of store.list<ResourceQuota>(RESOURCE_QUOTAS, namespace)) {
    for (const key of ['pods', 'count/pods']) {
      const limit = quota.spec.hard?.[key];
      const used = podsInQuota(store, namespace);
      if (limit === undefined || used < Number(limit)) continue;
      const figures = `requested: ${key}=1, used: ${key}=${used}, limited: ${key}=${limit}`;
      throw forbidden(PODS, name, `exceeded quota: ${quota.metadata.name}, ${figures}`);
    }
  }
}
