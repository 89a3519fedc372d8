/** A Kubernetes resource whose scale is set. */
export type Target = {
  readonly kind: 'deployment' | 'statefulset' | 'other';
  /** As in the API's paths: `deployments`, `rollouts`. */
  readonly resource: string;
  /** `apps`, `argoproj.io`. */
  readonly group: string;
  /** `v1`; absent: the one that the API prefers. */
  readonly version?: string | undefined;
  readonly name: string;
};

const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const RESOURCE = /^([a-z][a-z0-9]*)(?:\.(v\d+(?:(?:alpha|beta)\d+)?))?\.([a-z0-9][-a-z0-9.]*\.[a-z0-9]+)$/;

const APPS = { group: 'apps', version: 'v1' } as const;
/** By every name that kubectl accepts. */
const BUILT_IN: ReadonlyMap<string, Omit<Target, 'name'>> = new Map<string, Omit<Target, 'name'>>([
  ...['deployment', 'deployments', 'deploy', 'deployments.apps', 'deployment.apps'].map(
    (word) => [word, { kind: 'deployment', resource: 'deployments', ...APPS }] as const,
  ),
  ...['statefulset', 'statefulsets', 'sts', 'statefulsets.apps', 'statefulset.apps'].map(
    (word) => [word, { kind: 'statefulset', resource: 'statefulsets', ...APPS }] as const,
  ),
]);

/** `deployment/worker`, `rollouts.argoproj.io/worker`, `rollouts.v1alpha1.argoproj.io/worker`; undefined for anything else. */
export function parseTarget(text: string): Target | undefined {
  const [word = '', name = '', ...rest] = text.split('/');
  if (rest.length > 0 || !NAME.test(name)) return undefined;
  const builtIn = BUILT_IN.get(word);
  if (builtIn !== undefined) return { ...builtIn, name };
  const [, resource, version, group] = RESOURCE.exec(word) ?? [];
  if (resource === undefined || group === undefined) return undefined;
  return { kind: 'other', resource, group, version, name };
}

export function deploymentNamed(name: string): Target {
  return { kind: 'deployment', resource: 'deployments', ...APPS, name };
}

export function statefulSetNamed(name: string): Target {
  return { kind: 'statefulset', resource: 'statefulsets', ...APPS, name };
}

/** As people write it: `deployment/worker`. */
export function targetText({ kind, resource, group, name }: Target): string {
  return kind === 'other' ? `${resource}.${group}/${name}` : `${kind}/${name}`;
}
