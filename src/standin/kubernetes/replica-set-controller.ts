import { DESIRED_REPLICAS } from './deployment-step.ts';
import { chooseVictims } from './deletion-order.ts';
import { recordEvent } from './events.ts';
import { controllerOf, timestamp, type Condition, type Pod, type Workload } from './objects.ts';
import { createPod, deletePod, randomSuffix } from './pod-factory.ts';
import { isActive, isReady } from './pod-state.ts';
import { PODS, REPLICA_SETS } from './resource-types.ts';
import { StatusError } from './status-error.ts';
import type { Store } from './store.ts';

/** Creates the pods that a ReplicaSet lacks, or deletes those it has too many. `now` is epoch ms. */
export function syncReplicaSet(store: Store, set: Workload, now: number): void {
  const active = activePods(store, set);
  const missing = set.spec.replicas - active.length;
  const failure = missing > 0 ? createPods(store, set, missing, now) : undefined;
  if (missing < 0) deletePods(store, set, -missing, now);
  writeStatus(store, set, failure, now);
}

export function podsOf(store: Store, owner: Workload): readonly Pod[] {
  return store
    .list<Pod>(PODS, owner.metadata.namespace ?? '')
    .filter((pod) => controllerOf(pod)?.uid === owner.metadata.uid);
}

function activePods(store: Store, set: Workload): readonly Pod[] {
  return podsOf(store, set).filter(isActive);
}

/** The message of the first failure. */
function createPods(store: Store, set: Workload, count: number, now: number): string | undefined {
  const component = 'replicaset-controller';
  for (let created = 0; created < count; created += 1) {
    const name = `${set.metadata.name}-${randomSuffix()}`;
    try {
      createPod(store, set, { name, template: set.spec.template, labels: {} });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      // The API server names a pod after it is admitted, so the message has only the prefix.
      const why = error.message.replace(name, `${set.metadata.name}-`);
      const message = `Error creating: ${why}`;
      recordEvent(store, set, { type: 'Warning', reason: 'FailedCreate', message, component }, now);
      return why;
    }
    const message = `Created pod: ${name}`;
    recordEvent(store, set, { type: 'Normal', reason: 'SuccessfulCreate', message, component }, now);
  }
  return undefined;
}

function deletePods(store: Store, set: Workload, count: number, now: number): void {
  const owner = controllerOf(set);
  const siblings = store
    .list<Workload>(REPLICA_SETS, set.metadata.namespace ?? '')
    .filter((other) => owner !== undefined && controllerOf(other)?.uid === owner.uid);
  const related = owner === undefined ? podsOf(store, set) : siblings.flatMap((each) => podsOf(store, each));
  const because = isReplaced(set, siblings) ? 'rollout' : 'scale-down';
  for (const pod of chooseVictims(activePods(store, set), related, count, now)) {
    deletePod(store, pod, { at: now, because });
    const message = `Deleted pod: ${pod.metadata.name}`;
    const report = { type: 'Normal', reason: 'SuccessfulDelete', message } as const;
    recordEvent(store, set, { ...report, component: 'replicaset-controller' }, now);
  }
}

/** Its owner wants as many pods as before, or runs another ReplicaSet meanwhile. */
function isReplaced(set: Workload, siblings: readonly Workload[]): boolean {
  const wanted = Number(set.metadata.annotations?.[DESIRED_REPLICAS] ?? 0);
  const total = siblings.reduce((sum, { spec }) => sum + spec.replicas, 0);
  return total > set.spec.replicas || wanted > total;
}

function writeStatus(store: Store, set: Workload, failure: string | undefined, now: number): void {
  const active = activePods(store, set);
  const ready = active.filter(isReady).length;
  const before = set.status.conditions?.find(({ type }) => type === 'ReplicaFailure');
  const failing: Condition = {
    type: 'ReplicaFailure',
    status: 'True',
    lastTransitionTime: before?.lastTransitionTime ?? timestamp(now),
    reason: 'FailedCreate',
    message: failure ?? '',
  };
  store.replace<Workload>(REPLICA_SETS, {
    ...set,
    status: {
      observedGeneration: set.metadata.generation ?? 1,
      replicas: active.length,
      fullyLabeledReplicas: active.length,
      readyReplicas: ready,
      availableReplicas: ready,
      ...(failure === undefined ? {} : { conditions: [failing] }),
    },
  });
}
