/** A kind of object that the API serves, with its place in the URL. */
export type ResourceType = {
  /** Empty: the core group, below `/api`. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames?: readonly string[];
  /** Whether it has a `scale` subresource, and which controller keeps its pods. */
  readonly scaledAs?: 'Deployment' | 'StatefulSet' | 'ReplicaSet';
};

const APPS = { group: 'apps', version: 'v1', namespaced: true } as const;
const CORE = { group: '', version: 'v1' } as const;

export const DEPLOYMENTS: ResourceType = {
  ...APPS,
  plural: 'deployments',
  kind: 'Deployment',
  shortNames: ['deploy'],
  scaledAs: 'Deployment',
};
export const REPLICA_SETS: ResourceType = {
  ...APPS,
  plural: 'replicasets',
  kind: 'ReplicaSet',
  shortNames: ['rs'],
  scaledAs: 'ReplicaSet',
};
export const STATEFUL_SETS: ResourceType = {
  ...APPS,
  plural: 'statefulsets',
  kind: 'StatefulSet',
  shortNames: ['sts'],
  scaledAs: 'StatefulSet',
};
export const PODS: ResourceType = {
  ...CORE,
  plural: 'pods',
  kind: 'Pod',
  namespaced: true,
  shortNames: ['po'],
};
export const NODES: ResourceType = {
  ...CORE,
  plural: 'nodes',
  kind: 'Node',
  namespaced: false,
  shortNames: ['no'],
};
export const EVENTS: ResourceType = {
  ...CORE,
  plural: 'events',
  kind: 'Event',
  namespaced: true,
  shortNames: ['ev'],
};
export const RESOURCE_QUOTAS: ResourceType = {
  ...CORE,
  plural: 'resourcequotas',
  kind: 'ResourceQuota',
  namespaced: true,
  shortNames: ['quota'],
};
export const NAMESPACES: ResourceType = {
  ...CORE,
  plural: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
  shortNames: ['ns'],
};
const AUTOSCALERS: ResourceType = {
  group: 'autoscaling',
  version: 'v2',
  plural: 'horizontalpodautoscalers',
  kind: 'HorizontalPodAutoscaler',
  namespaced: true,
  shortNames: ['hpa'],
};

export const BUILT_IN: readonly ResourceType[] = [
  PODS,
  NODES,
  EVENTS,
  RESOURCE_QUOTAS,
  NAMESPACES,
  DEPLOYMENTS,
  REPLICA_SETS,
  STATEFUL_SETS,
  AUTOSCALERS,
];

/** `v1`, `apps/v1`. */
export function apiVersionOf({ group, version }: Pick<ResourceType, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}
