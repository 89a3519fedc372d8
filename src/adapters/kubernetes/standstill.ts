import type { Standstill } from '../../ports/platform.ts';
import { fieldsOf, isQuantity } from '../http/answer.ts';
import type { TargetClient } from './target-client.ts';

/** The answer only delays a change, so the tick does not wait long for it. */
const TIMEOUT_MS = 2_000;

/** Whether a rollout of the target is in progress. Never throws. */
export async function rolloutOf(target: TargetClient, signal: AbortSignal): Promise<Standstill | undefined> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    return target.kind !== 'other' && isRollingOut(await target.object(bounded))
      ? { kind: 'release', mayGrow: true }
      : undefined;
  } catch {
    // A failed reading is no reason to leave jobs waiting; a scale-down looks at the pods' owners before it is sent.
    return undefined;
  }
}

/** Not yet seen by its controller, or with pods of an earlier template. One that is partitioned stays so on purpose. */
export function isRollingOut(object: unknown): boolean {
  const { metadata, spec, status } = fieldsOf(object);
  const { generation } = fieldsOf(metadata);
  const { observedGeneration, replicas = 0, updatedReplicas = 0, updateRevision } = fieldsOf(status);
  if (
    typeof generation === 'number' &&
    typeof observedGeneration === 'number' &&
    observedGeneration < generation
  )
    return true;
  const { type, rollingUpdate } = fieldsOf(fieldsOf(spec)['updateStrategy']);
  if (type === 'OnDelete' || Number(fieldsOf(rollingUpdate)['partition'] ?? 0) > 0) return false;
  if (typeof replicas !== 'number' || typeof updatedReplicas !== 'number') return false;
  // Of a StatefulSet, `replicas` counts pods that a scale-down has removed until they have ended; `updatedReplicas` does not.
  const { replicas: wanted } = fieldsOf(spec);
  const staying = updateRevision !== undefined && isQuantity(wanted) ? Math.min(replicas, wanted) : replicas;
  return updatedReplicas < staying;
}
