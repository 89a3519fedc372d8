import type { Pod } from './objects.ts';
import { PODS } from './resource-types.ts';
import type { Store } from './store.ts';

/** How long pods have existed: from their creation to the end of their process. `now` is epoch ms. */
export class PodUsage {
  readonly #now: () => number;
  readonly #lives = new Map<
    string,
    { readonly pod: Pod; readonly fromAt: number; toAt: number | undefined }
  >();

  constructor(store: Store, now: () => number) {
    this.#now = now;
    store.watch(store.version, ({ type, resource, object }) => {
      if (resource !== PODS) return;
      const { uid } = object.metadata;
      if (type === 'ADDED') this.#lives.set(uid, { pod: object as Pod, fromAt: now(), toAt: undefined });
      const life = this.#lives.get(uid);
      if (type === 'DELETED' && life !== undefined) life.toAt = now();
    });
  }

  /** Of the pods that `chosen` accepts. */
  seconds(chosen: (pod: Pod) => boolean): number {
    const lives = [...this.#lives.values()].filter(({ pod }) => chosen(pod));
    return lives.reduce((sum, { fromAt, toAt }) => sum + (toAt ?? this.#now()) - fromAt, 0) / 1000;
  }
}
