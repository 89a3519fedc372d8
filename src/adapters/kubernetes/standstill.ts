import type { Standstill } from '../../ports.ts';
import type { Target } from '../../config/target.ts';
import { fieldsOf } from '../http/answer.ts';
import type { KubernetesClient } from './client.ts';
import type { TargetClient } from './target-client.ts';

/** The answer only delays a change, so the tick does not wait long for it. */
const TIMEOUT_MS = 2_000;
/** Another autoscaler is set up seldom, and stays. */
const AUTOSCALERS_MAY_AGE_MS = 60_000;

const AUTOSCALERS = [
  {
    kind: 'HorizontalPodAutoscaler',
    group: 'autoscaling',
    version: 'v2',
    resource: 'horizontalpodautoscalers',
  },
  { kind: 'ScaledObject', group: 'keda.sh', version: 'v1alpha1', resource: 'scaledobjects' },
] as const;

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
  const { observedGeneration, replicas = 0, updatedReplicas = 0 } = fieldsOf(status);
  if (
    typeof generation === 'number' &&
    typeof observedGeneration === 'number' &&
    observedGeneration < generation
  )
    return true;
  const { type, rollingUpdate } = fieldsOf(fieldsOf(spec)['updateStrategy']);
  if (type === 'OnDelete' || Number(fieldsOf(rollingUpdate)['partition'] ?? 0) > 0) return false;
  return typeof replicas === 'number' && typeof updatedReplicas === 'number' && updatedReplicas < replicas;
}

/** What else scales the target, by its kind and name. Throws a Failure where the lists cannot be read. */
export type FindAutoscaler = (target: Target, signal: AbortSignal) => Promise<string | undefined>;

/** With the lists of the last minute. */
export function autoscalerFinder(client: KubernetesClient, namespace: string): FindAutoscaler {
  let read: { readonly atMs: number; readonly found: Promise<readonly Autoscaler[]> } | undefined;
  return async (target, signal) => {
    const nowMs = client.clock.monotonicMs();
    if (read === undefined || nowMs - read.atMs >= AUTOSCALERS_MAY_AGE_MS)
      read = { atMs: nowMs, found: autoscalers(client, namespace, signal) };
    const { found } = read;
    return (await found).find(({ of }) => isSame(of, target))?.text;
  };
}

type Autoscaler = { readonly of: unknown; readonly text: string };

async function autoscalers(
  client: KubernetesClient,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly Autoscaler[]> {
  const lists = await Promise.all(
    AUTOSCALERS.map(async ({ kind, group, version, resource }) => {
      const about = { verb: 'list', resource: `${resource}.${group}`, namespace } as const;
      const path = `/apis/${group}/${version}/namespaces/${namespace}/${resource}`;
      const { json } = await client.get({ path, about }, signal).catch((thrown: unknown) => {
        // A cluster without KEDA has no such resource.
        if (thrown instanceof Error && 'code' in thrown && thrown.code === 'KUBERNETES_TARGET_MISSING')
          return { json: { items: [] } };
        throw thrown;
      });
      const { items } = fieldsOf(json);
      return (Array.isArray(items) ? items : []).map((item): Autoscaler => {
        const { metadata, spec } = fieldsOf(item);
        const { name } = fieldsOf(metadata);
        const text = `${kind} ${typeof name === 'string' ? name.slice(0, 253) : ''}`;
        return { of: fieldsOf(spec)['scaleTargetRef'], text };
      });
    }),
  );
  return lists.flat();
}

/** References name the kind in the singular: `Deployment`, `Rollout`. A ScaledObject without one means a Deployment. */
function isSame(reference: unknown, { kind, resource, name }: Target): boolean {
  const { kind: referred = 'Deployment', name: of } = fieldsOf(reference);
  if (of !== name || typeof referred !== 'string') return false;
  const singular = referred.toLowerCase();
  return kind === 'other' ? resource === `${singular}s` || resource === singular : singular === kind;
}
