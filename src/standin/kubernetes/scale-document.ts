import type { Workload } from './objects.ts';
import { formatSelector } from './selectors.ts';

/** The `scale` subresource. As in autoscaling/v1, `spec` is empty at zero replicas. */
export function scaleDocument({ metadata, spec, status }: Workload): Record<string, unknown> {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: spec.replicas === 0 ? {} : { replicas: spec.replicas },
    status: { replicas: status.replicas, selector: formatSelector(spec.selector) },
  };
}
