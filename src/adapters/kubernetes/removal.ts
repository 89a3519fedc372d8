import type { ListedWorker } from '../../core/worker-naming.ts';
import { READY } from './pods.ts';

/** Either the pods that have to be marked, or one that the controller might remove although it may not go. */
export type Removal = { readonly marks: readonly string[] } | { readonly instead: string };

/**
 * Which pods to mark so that a ReplicaSet's controller gets from these to `to` by removing only pods that may go.
 *
 * It takes every pod that is not ready before every pod that is, whatever is marked; among ready ones the marks decide. So
 * each pod that may not go has to be ready. It is not enough that it ranks no lower than one that is to go: that one may
 * become ready before the controller looks. A pod of which no process runs is no loss.
 */
export function removalOf(
  active: readonly Pick<ListedWorker, 'name' | 'rank' | 'running'>[],
  mayGo: readonly string[],
  to: number,
): Removal {
  const count = active.length - to;
  if (count <= 0) return { marks: [] };
  const byName = new Map(active.map((pod) => [pod.name, pod]));
  const chosen = mayGo
    .flatMap((name) => byName.get(name) ?? [])
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, count);
  const marks = new Set(chosen.map(({ name }) => name));
  const others = active.filter(({ name }) => !marks.has(name));
  const atRisk =
    chosen.length < count ? others[0] : others.find(({ rank, running }) => running && rank < READY);
  return atRisk === undefined ? { marks: [...marks] } : { instead: atRisk.name };
}
