import { recordEvent } from './events.ts';
import type { PodTemplate, Workload } from './objects.ts';
import { createPod, deletePod, templateHash } from './pod-factory.ts';
import { isActive, isReady } from './pod-state.ts';
import { podsOf } from './replica-set-controller.ts';
import type { ResourceType } from './resource-types.ts';
import {
  revisionOf,
  REVISION_LABEL,
  statefulSetSteps,
  type Revisions,
  type StatefulSetStep,
} from './stateful-set-step.ts';
import { StatusError } from './status-error.ts';
import type { Store } from './store.ts';

/** Keeps the pods of StatefulSets. */
export class StatefulSetController {
  readonly #store: Store;
  readonly #now: () => number;
  /** Templates of revisions that may still be needed, by revision. */
  readonly #templates = new Map<string, PodTemplate>();

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  sync(type: ResourceType, set: Workload): void {
    const update = `${set.metadata.name}-${templateHash(set.spec.template)}`;
    this.#templates.set(update, set.spec.template);
    const revisions = { current: set.status.currentRevision ?? update, update };
    let failure: string | undefined;
    for (const step of statefulSetSteps(set, podsOf(this.#store, set), revisions)) {
      failure ??= this.#carryOut(set, step);
    }
    this.#writeStatus(type, set, revisions);
  }

  /** The message of a failure. */
  #carryOut(set: Workload, step: StatefulSetStep): string | undefined {
    const now = this.#now();
    const component = 'statefulset-controller';
    if (step.kind === 'delete') {
      deletePod(this.#store, step.pod, { at: now, because: step.because });
      const message = `delete Pod ${step.pod.metadata.name} in StatefulSet ${set.metadata.name} successful`;
      recordEvent(this.#store, set, { type: 'Normal', reason: 'SuccessfulDelete', message, component }, now);
      return undefined;
    }
    const name = `${set.metadata.name}-${step.ordinal}`;
    const text = `create Pod ${name} in StatefulSet ${set.metadata.name}`;
    try {
      createPod(this.#store, set, {
        name,
        template: this.#templates.get(step.revision) ?? set.spec.template,
        labels: {
          [REVISION_LABEL]: step.revision,
          'statefulset.kubernetes.io/pod-name': name,
          'apps.kubernetes.io/pod-index': String(step.ordinal),
        },
      });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const message = `${text} failed error: ${error.message}`;
      recordEvent(this.#store, set, { type: 'Warning', reason: 'FailedCreate', message, component }, now);
      return message;
    }
    const message = `${text} successful`;
    recordEvent(this.#store, set, { type: 'Normal', reason: 'SuccessfulCreate', message, component }, now);
    return undefined;
  }

  #writeStatus(type: ResourceType, set: Workload, { current, update }: Revisions): void {
    const pods = podsOf(this.#store, set).filter(({ status }) => status.phase !== 'Failed');
    const ready = pods.filter((pod) => isActive(pod) && isReady(pod)).length;
    const updated = pods.filter((pod) => isActive(pod) && revisionOf(pod) === update).length;
    const complete = updated === set.spec.replicas && ready === set.spec.replicas;
    const now = complete ? update : current;
    this.#store.replace<Workload>(type, {
      ...set,
      status: {
        observedGeneration: set.metadata.generation ?? 1,
        // Pods that are going count until they are gone.
        replicas: pods.length,
        readyReplicas: ready,
        availableReplicas: ready,
        currentReplicas: pods.filter((pod) => isActive(pod) && revisionOf(pod) === now).length,
        updatedReplicas: updated,
        currentRevision: now,
        updateRevision: update,
      },
    });
  }
}
