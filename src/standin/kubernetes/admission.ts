import { DELETION_COST, isDeletionCost } from './deletion-order.ts';
import type { KubeObject, Pod, Workload } from './objects.ts';
import { PODS, type ResourceType } from './resource-types.ts';
import { badRequest, invalid } from './status-error.ts';

type Sent = {
  readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown };
  readonly spec?: unknown;
};

/** An object as it was sent, with the API server's defaults. Throws a 400 or 422. */
export function admit(type: ResourceType, sent: unknown, namespace: string): KubeObject {
  if (typeof sent !== 'object' || sent === null) throw badRequest('the body is not a JSON object');
  const object = sent as Sent;
  const name = object.metadata?.name;
  if (typeof name !== 'string' || !/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(name)) {
    throw invalid(kindOf(type), typeof name === 'string' ? name : '', {
      field: 'metadata.name',
      value: name ?? '',
      message: 'a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters',
    });
  }
  const placed = {
    ...object,
    metadata: { ...object.metadata, name, ...(type.namespaced ? { namespace } : {}) },
  };
  const defaulted = (type.scaledAs === undefined ? placed : withWorkloadDefaults(type, placed)) as KubeObject;
  validate(type, defaulted);
  return defaulted;
}

/** Throws a 422. */
export function validate(type: ResourceType, object: KubeObject): void {
  if (type.scaledAs !== undefined) validateWorkload(type, object as Workload);
  if (type.plural === PODS.plural) validatePod(object as Pod);
}

/** Throws a 422 of the kind that is invalid, such as `Scale.autoscaling`. */
export function validateReplicas(kind: string, name: string, replicas: unknown): void {
  const field = 'spec.replicas';
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas >= 2 ** 31)
    throw invalid(kind, name, { field, value: replicas, message: 'must be an int32' });
  if (replicas < 0)
    throw invalid(kind, name, { field, value: replicas, message: 'must be greater than or equal to 0' });
}

function kindOf({ kind, group }: ResourceType): string {
  return group === '' ? kind : `${kind}.${group}`;
}

function withWorkloadDefaults(type: ResourceType, object: Sent): unknown {
  const spec = (object.spec ?? {}) as Partial<Workload['spec']>;
  const template = spec.template;
  const defaults = {
    Deployment: {
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    },
    StatefulSet: {
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    },
    ReplicaSet: {},
  } as const;
  return {
    ...object,
    spec: {
      ...(type.scaledAs === undefined ? {} : defaults[type.scaledAs]),
      ...spec,
      replicas: spec.replicas ?? 1,
      ...(template === undefined
        ? {}
        : { template: { ...template, spec: { terminationGracePeriodSeconds: 30, ...template.spec } } }),
    },
    status: { replicas: 0 },
  };
}

function validateWorkload(type: ResourceType, { metadata, spec }: Workload): void {
  const kind = kindOf(type);
  validateReplicas(kind, metadata.name, spec.replicas);
  const containers = spec.template?.spec?.containers ?? [];
  if (containers.length === 0) {
    const field = 'spec.template.spec.containers';
    throw invalid(kind, metadata.name, { field, value: null, message: 'Required value' });
  }
  const wanted = Object.entries(spec.selector?.matchLabels ?? {});
  const labels = spec.template.metadata?.labels ?? {};
  if (wanted.length === 0 || wanted.some(([key, value]) => labels[key] !== value)) {
    const message = '`selector` does not match template `labels`';
    throw invalid(kind, metadata.name, { field: 'spec.template.metadata.labels', value: labels, message });
  }
}

function validatePod({ metadata }: Pod): void {
  const cost = metadata.annotations?.[DELETION_COST];
  if (cost === undefined || isDeletionCost(cost)) return;
  const field = `metadata.annotations[${DELETION_COST}]`;
  throw invalid('Pod', metadata.name, { field, value: cost, message: 'must be a 32bit integer' });
}
