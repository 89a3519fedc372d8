import { Controllers } from './controllers.ts';
import { Kubelet, type KubeletOptions } from './kubelet.ts';
import type { ResourceType } from './resource-types.ts';
import { schedule } from './scheduler.ts';
import { Store } from './store.ts';

/** Far above what any change needs; more would be two controllers working against each other. */
const MOST_ROUNDS = 1_000;

export type ClusterOptions = Omit<KubeletOptions, 'onChange'> & {
  readonly types: readonly ResourceType[];
  /** Whether the cluster wakes itself when something is due: not with a clock of the caller's. */
  readonly wakes: boolean;
};

/** The objects of the cluster and what keeps them as they are specified. */
export class Cluster {
  readonly store: Store;
  readonly kubelet: Kubelet;
  readonly #controllers: Controllers;
  readonly #options: ClusterOptions;
  #timer: NodeJS.Timeout | undefined;
  #suspended = false;
  #closed = false;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.store = new Store(options.now);
    this.kubelet = new Kubelet(this.store, { ...options, onChange: () => this.settle() });
    this.#controllers = new Controllers(this.store, options.types, options.now);
  }

  /** While suspended, nothing follows a change of an object: `observedGeneration` stays behind. */
  set suspended(suspended: boolean) {
    this.#suspended = suspended;
    this.settle();
  }

  /** Lets controllers, scheduler and kubelet work until nothing is left to do now. */
  settle(): void {
    if (this.#closed || this.#suspended) return;
    for (let round = 0, before = -1; before !== this.store.version; round += 1) {
      if (round > MOST_ROUNDS) throw new Error('the controllers of the stand-in do not come to an end');
      before = this.store.version;
      this.#controllers.round();
      schedule(this.store, this.#options.now());
      this.kubelet.advance();
    }
    this.#wakeWhenDue();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.kubelet.close();
  }

  #wakeWhenDue(): void {
    clearTimeout(this.#timer);
    const { dueAt } = this.kubelet;
    if (dueAt === undefined || !this.#options.wakes) return;
    this.#timer = setTimeout(() => this.settle(), Math.max(1, dueAt - this.#options.now()));
  }
}
