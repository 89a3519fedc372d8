import { DESIRED_REPLICAS, deploymentSizes, MAX_REPLICAS, maxSurge } from './deployment-step.ts';
import { recordEvent } from './events.ts';
import { controllerOf, timestamp, type Condition, type Workload } from './objects.ts';
import { templateHash } from './pod-factory.ts';
import { podsOf } from './replica-set-controller.ts';
import { apiVersionOf, REPLICA_SETS, type ResourceType } from './resource-types.ts';
import type { Store } from './store.ts';

const HASH_LABEL = 'pod-template-hash';
const REVISION = 'deployment.kubernetes.io/revision';

/** Keeps the ReplicaSets of Deployments, and of custom resources that are run like them. */
export class DeploymentController {
  readonly #store: Store;
  readonly #now: () => number;

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  sync(type: ResourceType, deployment: Workload): void {
    const hash = templateHash(deployment.spec.template);
    const owned = this.#setsOf(deployment);
    const fresh =
      owned.find((set) => set.metadata.labels?.[HASH_LABEL] === hash) ??
      (deployment.spec.paused === true ? owned.at(-1) : this.#create(type, deployment, hash));
    if (fresh !== undefined) {
      const old = owned.filter((set) => set.metadata.uid !== fresh.metadata.uid);
      const leftovers = old.reduce((count, set) => count + podsOf(this.#store, set).length, 0);
      const sizes = deploymentSizes(deployment, { fresh, old }, leftovers);
      for (const set of [...old, fresh]) {
        const size = sizes.get(set.metadata.name);
        if (size !== undefined || set.spec.replicas > 0)
          this.#resize(deployment, set, size ?? set.spec.replicas);
      }
    }
    this.#writeStatus(type, deployment, fresh?.metadata.uid);
  }

  /** Oldest first. */
  #setsOf(deployment: Workload): readonly Workload[] {
    return this.#store
      .list<Workload>(REPLICA_SETS, deployment.metadata.namespace ?? '')
      .filter((set) => controllerOf(set)?.uid === deployment.metadata.uid)
      .toSorted((a, b) => revisionOf(a) - revisionOf(b));
  }

  #create(type: ResourceType, deployment: Workload, hash: string): Workload {
    const { metadata, spec } = deployment;
    const template = {
      ...spec.template,
      metadata: {
        ...spec.template.metadata,
        labels: { ...spec.template.metadata?.labels, [HASH_LABEL]: hash },
      },
    };
    const revision = Math.max(0, ...this.#setsOf(deployment).map(revisionOf)) + 1;
    return this.#store.create<Workload>(REPLICA_SETS, {
      apiVersion: apiVersionOf(REPLICA_SETS),
      kind: REPLICA_SETS.kind,
      metadata: {
        name: `${metadata.name}-${hash}`,
        ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
        labels: template.metadata.labels,
        annotations: { ...sizeAnnotations(deployment), [REVISION]: String(revision) },
        ownerReferences: [
          {
            apiVersion: apiVersionOf(type),
            kind: type.kind,
            name: metadata.name,
            uid: metadata.uid,
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: {
        replicas: 0,
        selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [HASH_LABEL]: hash } },
        template,
      },
      status: { replicas: 0 },
    });
  }

  #resize(deployment: Workload, set: Workload, replicas: number): void {
    const before = set.spec.replicas;
    const resized = before !== replicas;
    this.#store.replace<Workload>(REPLICA_SETS, {
      ...set,
      metadata: {
        ...set.metadata,
        generation: (set.metadata.generation ?? 1) + Number(resized),
        annotations: { ...set.metadata.annotations, ...sizeAnnotations(deployment) },
      },
      spec: { ...set.spec, replicas },
    });
    if (!resized) return;
    const message = `Scaled ${replicas > before ? 'up' : 'down'} replica set ${set.metadata.name} from ${before} to ${replicas}`;
    const report = { type: 'Normal', reason: 'ScalingReplicaSet', message } as const;
    recordEvent(this.#store, deployment, { ...report, component: 'deployment-controller' }, this.#now());
  }

  #writeStatus(type: ResourceType, deployment: Workload, freshUid: string | undefined): void {
    const sets = this.#setsOf(deployment);
    const sum = (of: (set: Workload) => number | undefined): number =>
      sets.reduce((total, set) => total + (of(set) ?? 0), 0);
    const available = sum(({ status }) => status.availableReplicas);
    const unavailable = Math.max(0, sum(({ spec }) => spec.replicas) - available);
    const fresh = sets.find(({ metadata }) => metadata.uid === freshUid);
    const updated = fresh?.status.replicas ?? 0;
    const { replicas } = deployment.spec;
    const complete =
      updated === replicas && sum(({ status }) => status.replicas) === replicas && unavailable === 0;
    const failure = sets.flatMap(({ status }) => status.conditions ?? [])[0];
    const conditions = [
      this.#condition(deployment, 'Available', available >= replicas, {
        reason: available >= replicas ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
      }),
      this.#condition(deployment, 'Progressing', true, {
        reason: complete ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated',
      }),
    ];
    this.#store.replace<Workload>(type, {
      ...deployment,
      status: {
        observedGeneration: deployment.metadata.generation ?? 1,
        replicas: sum(({ status }) => status.replicas),
        updatedReplicas: updated,
        readyReplicas: sum(({ status }) => status.readyReplicas),
        availableReplicas: available,
        ...(unavailable === 0 ? {} : { unavailableReplicas: unavailable }),
        conditions: failure === undefined ? conditions : [...conditions, failure],
      },
    });
  }

  #condition(deployment: Workload, type: string, holds: boolean, more: Pick<Condition, 'reason'>): Condition {
    const status = holds ? 'True' : 'False';
    const before = deployment.status.conditions?.find((condition) => condition.type === type);
    const since = before?.status === status ? before.lastTransitionTime : undefined;
    return { type, status, lastTransitionTime: since ?? timestamp(this.#now()), ...more };
  }
}

function sizeAnnotations(deployment: Workload): Record<string, string> {
  const { replicas } = deployment.spec;
  return { [DESIRED_REPLICAS]: String(replicas), [MAX_REPLICAS]: String(replicas + maxSurge(deployment)) };
}

function revisionOf(set: Workload): number {
  return Number(set.metadata.annotations?.[REVISION] ?? 0);
}
