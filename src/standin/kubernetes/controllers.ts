import { DeploymentController } from './deployment-controller.ts';
import { controllerOf, type Pod, type Workload } from './objects.ts';
import { deletePod } from './pod-factory.ts';
import { isTerminating } from './pod-state.ts';
import { syncQuotas } from './quota-status.ts';
import { syncReplicaSet } from './replica-set-controller.ts';
import { PODS, REPLICA_SETS, type ResourceType } from './resource-types.ts';
import { StatefulSetController } from './stateful-set-controller.ts';
import type { Store } from './store.ts';

/** The controllers of the cluster. One round carries out one step of each; `types` are those that are scaled. */
export class Controllers {
  readonly #store: Store;
  readonly #types: readonly ResourceType[];
  readonly #now: () => number;
  readonly #deployments: DeploymentController;
  readonly #statefulSets: StatefulSetController;

  constructor(store: Store, types: readonly ResourceType[], now: () => number) {
    this.#store = store;
    this.#types = types.filter(({ scaledAs }) => scaledAs !== undefined);
    this.#now = now;
    this.#deployments = new DeploymentController(store, now);
    this.#statefulSets = new StatefulSetController(store, now);
  }

  round(): void {
    this.#collectGarbage();
    for (const type of this.#types) {
      for (const workload of this.#store.list<Workload>(type, '')) {
        if (type.scaledAs === 'Deployment') this.#deployments.sync(type, workload);
        else if (type.scaledAs === 'StatefulSet') this.#statefulSets.sync(type, workload);
        else syncReplicaSet(this.#store, workload, this.#now());
      }
    }
    syncQuotas(this.#store);
  }

  /** Deletes what a deleted owner left. */
  #collectGarbage(): void {
    const owners = new Set(
      this.#types.flatMap((type) => this.#store.list(type, '').map(({ metadata }) => metadata.uid)),
    );
    const orphaned = (object: Pod | Workload): boolean => {
      const owner = controllerOf(object);
      return owner !== undefined && !owners.has(owner.uid);
    };
    for (const set of this.#store.list<Workload>(REPLICA_SETS, '').filter(orphaned))
      this.#store.remove(REPLICA_SETS, set);
    for (const pod of this.#store.list<Pod>(PODS, '').filter(orphaned))
      if (!isTerminating(pod)) deletePod(this.#store, pod, { at: this.#now(), because: 'deletion' });
  }
}
