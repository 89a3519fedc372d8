import { fieldsOf } from '../http/answer.ts';

/** Which replicas a ScaledObject lets KEDA set. */
export type ReplicaRules = {
  readonly min: number;
  readonly max: number;
  /** What KEDA sets when its trigger fails; undefined: never fewer than run. */
  readonly fallback?: number;
};

/** KEDA's defaults. Source: "ScaledObject specification" in its documentation. */
const DEFAULT_MIN = 0;
const DEFAULT_MAX = 100;

/** Values of `fallback.behavior` that keep the replicas, or raise them. The default, `static`, sets what is given. */
const KEEPS_REPLICAS: ReadonlySet<unknown> = new Set(['currentReplicas', 'currentReplicasIfHigher']);

export function replicaRules(spec: unknown): ReplicaRules {
  const { minReplicaCount, maxReplicaCount, fallback } = fieldsOf(spec);
  const { replicas, behavior } = fieldsOf(fallback);
  return {
    min: countOf(minReplicaCount) ?? DEFAULT_MIN,
    max: countOf(maxReplicaCount) ?? DEFAULT_MAX,
    ...(fallback == null || KEEPS_REPLICAS.has(behavior) ? {} : { fallback: countOf(replicas) ?? 0 }),
  };
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
