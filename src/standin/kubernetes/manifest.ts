import { apiVersionOf, BUILT_IN, NODES, type ResourceType } from './resource-types.ts';

/** A workload as the stand-in starts with it: its pods have the label `app` of its name. */
export type WorkloadSpec = {
  /** `deployment/worker`, `statefulset/worker`, or `rollouts.argoproj.io/worker` of a custom resource. */
  readonly target: string;
  readonly replicas: number;
  /** Default 30. */
  readonly graceSeconds?: number;
  /** Further fields of its `spec`, such as `podManagementPolicy` or `strategy`. */
  readonly spec?: Readonly<Record<string, unknown>>;
};

export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
};

/** The type and name that `target` names. Throws if the cluster has no such type: that is the caller's mistake. */
export function parseTarget(
  types: readonly ResourceType[],
  target: string,
): { readonly type: ResourceType; readonly name: string } {
  const [resource = '', name = ''] = target.split('/');
  const [plural = '', ...rest] = resource.toLowerCase().split('.');
  const group = rest.join('.');
  const type = types.find(
    (each) =>
      [each.plural, each.kind.toLowerCase(), ...(each.shortNames ?? [])].includes(plural) &&
      (group === '' || each.group === group),
  );
  if (type === undefined || name === '') throw new Error(`the cluster has nothing like ${target}`);
  return { type, name };
}

export function workloadManifest(types: readonly ResourceType[], workload: WorkloadSpec): Manifest {
  const { type, name } = parseTarget(types, workload.target);
  const labels = { app: name };
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: { name },
    ...{
      spec: {
        replicas: workload.replicas,
        selector: { matchLabels: labels },
        ...(type.scaledAs === 'StatefulSet' ? { serviceName: name } : {}),
        template: {
          metadata: { labels },
          spec: {
            terminationGracePeriodSeconds: workload.graceSeconds ?? 30,
            containers: [{ name, image: `registry.example/${name}:1` }],
          },
        },
        ...workload.spec,
      },
    },
  };
}

export function nodeManifest(name: string, pods: number): Manifest {
  return {
    apiVersion: 'v1',
    kind: NODES.kind,
    metadata: { name },
    ...{ spec: {}, status: { capacity: { pods: String(pods) }, allocatable: { pods: String(pods) } } },
  };
}

/** The type of a document. Throws if the cluster has none: that is the caller's mistake. */
export function typeOf(types: readonly ResourceType[], { apiVersion, kind }: Manifest): ResourceType {
  const type = [...types, ...BUILT_IN].find(
    (each) => each.kind === kind && apiVersionOf(each) === apiVersion,
  );
  if (type === undefined) throw new Error(`the cluster has no ${kind} in ${apiVersion}`);
  return type;
}
