import type { Condition, Pod } from './objects.ts';

export function conditionOf(pod: Pod, type: string): Condition | undefined {
  return pod.status.conditions?.find((condition) => condition.type === type);
}

export function isReady(pod: Pod): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True';
}

export function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** Counts towards the replicas of its controller: neither ended nor going. */
export function isActive(pod: Pod): boolean {
  return pod.status.phase !== 'Succeeded' && pod.status.phase !== 'Failed' && !isTerminating(pod);
}

export function isRunningAndReady(pod: Pod): boolean {
  return pod.status.phase === 'Running' && isReady(pod);
}

/** Epoch ms; undefined unless it is ready. */
export function readyAt(pod: Pod): number | undefined {
  const since = isReady(pod) ? conditionOf(pod, 'Ready')?.lastTransitionTime : undefined;
  return since === undefined ? undefined : Date.parse(since);
}

export function restartsOf(pod: Pod): number {
  return Math.max(0, ...(pod.status.containerStatuses ?? []).map(({ restartCount }) => restartCount));
}
