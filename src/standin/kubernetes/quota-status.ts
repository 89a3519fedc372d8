import type { ResourceQuota } from './objects.ts';
import { podsInQuota } from './pod-factory.ts';
import { RESOURCE_QUOTAS } from './resource-types.ts';
import type { Store } from './store.ts';

/** Writes what each quota of pods has used. */
export function syncQuotas(store: Store): void {
  for (const quota of store.list<ResourceQuota>(RESOURCE_QUOTAS, '')) {
    const hard = quota.spec.hard ?? {};
    const used = String(podsInQuota(store, quota.metadata.namespace ?? ''));
    const counted = Object.keys(hard).filter((key) => key === 'pods' || key === 'count/pods');
    store.replace<ResourceQuota>(RESOURCE_QUOTAS, {
      ...quota,
      status: { hard, used: Object.fromEntries(counted.map((key) => [key, used])) },
    });
  }
}
