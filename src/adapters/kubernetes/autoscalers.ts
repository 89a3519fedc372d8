import type { Target } from '../../config/target.ts';
import { fieldsOf } from '../http/answer.ts';
import type { KubernetesClient } from './client.ts';
import { replicaRules, type ReplicaRules } from './scaled-object.ts';

/** What else sets the replicas of a target. */
export type Autoscaler = {
  readonly kind: 'HorizontalPodAutoscaler' | 'ScaledObject';
  readonly name: string;
  /** Of a ScaledObject. */
  readonly rules?: ReplicaRules;
};

/** Throws a Failure where one of the two kinds may not be listed. */
export type FindAutoscalers = (target: Target, signal: AbortSignal) => Promise<readonly Autoscaler[]>;

/** Another autoscaler is set up seldom, and stays. */
const MAY_AGE_MS = 60_000;

const KINDS = [
  {
    kind: 'HorizontalPodAutoscaler',
    group: 'autoscaling',
    version: 'v2',
    resource: 'horizontalpodautoscalers',
  },
  { kind: 'ScaledObject', group: 'keda.sh', version: 'v1alpha1', resource: 'scaledobjects' },
] as const;

export function autoscalersOf(client: KubernetesClient, namespace: string): FindAutoscalers {
  let read: { readonly atMs: number; readonly found: Promise<readonly Found[]> } | undefined;
  return async (target, signal) => {
    const nowMs = client.clock.monotonicMs();
    if (read === undefined || nowMs - read.atMs >= MAY_AGE_MS) {
      const found = listAll(client, namespace, signal);
      found.catch(() => (read = undefined));
      read = { atMs: nowMs, found };
    }
    return (await read.found).flatMap(({ of, autoscaler }) => (isSame(of, target) ? [autoscaler] : []));
  };
}

type Found = { readonly autoscaler: Autoscaler; readonly of: unknown };

async function listAll(
  client: KubernetesClient,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly Found[]> {
  const lists = await Promise.all(
    KINDS.map(async ({ kind, group, version, resource }) => {
      const about = { verb: 'list', resource: `${resource}.${group}`, namespace } as const;
      const path = `/apis/${group}/${version}/namespaces/${namespace}/${resource}`;
      const { json } = await client.get({ path, about }, signal).catch((thrown: unknown) => {
        // A cluster without KEDA has no such resource.
        if (thrown instanceof Error && 'code' in thrown && thrown.code === 'KUBERNETES_TARGET_MISSING')
          return { json: { items: [] } };
        throw thrown;
      });
      const { items } = fieldsOf(json);
      return (Array.isArray(items) ? items : []).flatMap((item): Found[] => {
        const { metadata, spec } = fieldsOf(item);
        const { name, ownerReferences } = fieldsOf(metadata);
        if (isOfScaledObject(ownerReferences)) return [];
        const autoscaler = {
          kind,
          name: typeof name === 'string' ? name.slice(0, 253) : '',
          ...(kind === 'ScaledObject' ? { rules: replicaRules(spec) } : {}),
        };
        return [{ autoscaler, of: fieldsOf(spec)['scaleTargetRef'] }];
      });
    }),
  );
  return lists.flat();
}

/** KEDA makes a HorizontalPodAutoscaler for each ScaledObject, and owns it: deleted, it would be made again. */
function isOfScaledObject(ownerReferences: unknown): boolean {
  return (
    Array.isArray(ownerReferences) &&
    ownerReferences.some((owner) => fieldsOf(owner)['kind'] === 'ScaledObject')
  );
}

/** References name the kind in the singular: `Deployment`, `Rollout`. A ScaledObject without one means a Deployment. */
function isSame(reference: unknown, { kind, resource, name }: Target): boolean {
  const { kind: referred = 'Deployment', name: of } = fieldsOf(reference);
  if (of !== name || typeof referred !== 'string') return false;
  const singular = referred.toLowerCase();
  return kind === 'other' ? resource === `${singular}s` || resource === singular : singular === kind;
}
