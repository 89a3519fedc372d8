import type { StopReason } from '../stopped.ts';
import type { Pod, Workload } from './objects.ts';
import { isRunningAndReady, isTerminating } from './pod-state.ts';

/** The label by which a pod names the revision of its template. */
export const REVISION_LABEL = 'controller-revision-hash';

export type StatefulSetStep =
  | { readonly kind: 'create'; readonly ordinal: number; readonly revision: string }
  | { readonly kind: 'delete'; readonly pod: Pod; readonly because: StopReason };

/** Names of the revisions that are replaced and rolled out; the same name while no rollout is under way. */
export type Revisions = { readonly current: string; readonly update: string };

/**
 * What the controller of a StatefulSet does next, in order. The rules are those of Kubernetes's
 * pkg/controller/statefulset/stateful_set_control.go: the highest ordinal goes first; OrderedReady takes one step at a
 * time, and none while a pod that is to stay is not ready; Parallel waits for nothing; a rollout replaces one pod at a
 * time from the highest ordinal down to the partition.
 */
export function statefulSetSteps(
  set: Workload,
  pods: readonly Pod[],
  revisions: Revisions,
): readonly StatefulSetStep[] {
  const { replicas, ordinals, podManagementPolicy } = set.spec;
  const start = ordinals?.start ?? 0;
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod), pod]));
  const wanted = Array.from({ length: replicas }, (_, index) => start + index);
  const condemned = [...byOrdinal]
    .filter(([ordinal]) => ordinal >= 0 && !wanted.includes(ordinal))
    .toSorted(([a], [b]) => b - a)
    .map(([, pod]) => pod);
  const kept = wanted.map((ordinal) => ({ ordinal, pod: byOrdinal.get(ordinal) }));
  const ordered = podManagementPolicy !== 'Parallel';

  const steps: StatefulSetStep[] = [];
  for (const { ordinal, pod } of kept) {
    const step = livingStep(set, { ordinal, pod }, revisions);
    if (step !== undefined) steps.push(step);
    if (ordered && (step !== undefined || pod === undefined || !isSettled(pod))) return steps;
  }
  const going = condemnedSteps(kept, condemned, ordered);
  if (ordered && condemned.length > 0) return [...steps, ...going];
  return [...steps, ...going, ...updateSteps(set, kept, revisions)];
}

/** The number in a pod's name; -1 if it does not have the form of the set's names. */
export function ordinalOf(set: Workload, pod: Pod): number {
  const rest = pod.metadata.name.slice(set.metadata.name.length);
  return pod.metadata.name.startsWith(set.metadata.name) && /^-\d+$/.test(rest) ? Number(rest.slice(1)) : -1;
}

type Place = { readonly ordinal: number; readonly pod: Pod | undefined };

function livingStep(
  set: Workload,
  { ordinal, pod }: Place,
  { current, update }: Revisions,
): StatefulSetStep | undefined {
  if (pod === undefined) {
    const old = ordinal - (set.spec.ordinals?.start ?? 0) < partitionOf(set);
    return { kind: 'create', ordinal, revision: old ? current : update };
  }
  const ended = pod.status.phase === 'Failed' || pod.status.phase === 'Succeeded';
  return ended && !isTerminating(pod) ? { kind: 'delete', pod, because: 'deletion' } : undefined;
}

function condemnedSteps(
  kept: readonly Place[],
  condemned: readonly Pod[],
  ordered: boolean,
): readonly StatefulSetStep[] {
  const remove = (pod: Pod): StatefulSetStep => ({ kind: 'delete', pod, because: 'scale-down' });
  if (!ordered) return condemned.filter((pod) => !isTerminating(pod)).map(remove);
  const [highest] = condemned;
  if (highest === undefined || isTerminating(highest)) return [];
  const unhealthy =
    kept.find(({ pod }) => pod === undefined || !isSettled(pod))?.pod ??
    condemned.findLast((pod) => !isSettled(pod));
  return isSettled(highest) || highest === unhealthy ? [remove(highest)] : [];
}

function updateSteps(
  set: Workload,
  kept: readonly Place[],
  { update }: Revisions,
): readonly StatefulSetStep[] {
  if (set.spec.updateStrategy?.type === 'OnDelete') return [];
  for (const { pod } of kept.slice(partitionOf(set)).toReversed()) {
    if (pod === undefined) return [];
    if (revisionOf(pod) !== update && !isTerminating(pod))
      return [{ kind: 'delete', pod, because: 'rollout' }];
    if (!isSettled(pod)) return [];
  }
  return [];
}

export function revisionOf(pod: Pod): string | undefined {
  return pod.metadata.labels?.[REVISION_LABEL];
}

function partitionOf(set: Workload): number {
  return set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
}

function isSettled(pod: Pod): boolean {
  return isRunningAndReady(pod) && !isTerminating(pod);
}
