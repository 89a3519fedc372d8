import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject';
import { TriggerAuthentication } from '@kubernetes-models/keda/keda.sh/v1alpha1/TriggerAuthentication';
import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { Role } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role';
import { RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding';
import { Secret } from 'kubernetes-models/v1/Secret';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { loadSettings } from '../../src/config/load.ts';
import { SPEC } from '../../src/config/spec.ts';
import { FOLLOWS } from '../keda/hpa-model.ts';

const ROOT = resolve(import.meta.dirname, '../../deploy/kubernetes');

type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly rules?: readonly Rule[];
  readonly spec?: Spec;
};
/** Of each kind, what tests here look at. The published schemas check the rest. */
type Spec = {
  readonly template?: { readonly spec: { readonly containers: readonly Container[] } };
  readonly advanced?: {
    readonly horizontalPodAutoscalerConfig: {
      readonly behavior: Readonly<Record<'scaleUp' | 'scaleDown', Readonly<Record<string, unknown>>>>;
    };
  };
};
type Container = {
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly securityContext: unknown;
};
type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
};

/** The published schemas. */
const MODELS: Readonly<Record<string, new (data: never) => { validate(): void }>> = {
  'apps/v1 Deployment': Deployment,
  'v1 Service': Service,
  'v1 Secret': Secret,
  'v1 ServiceAccount': ServiceAccount,
  'rbac.authorization.k8s.io/v1 Role': Role,
  'rbac.authorization.k8s.io/v1 RoleBinding': RoleBinding,
  'monitoring.coreos.com/v1 PodMonitor': PodMonitor,
  'keda.sh/v1alpha1 ScaledObject': ScaledObject,
  'keda.sh/v1alpha1 TriggerAuthentication': TriggerAuthentication,
};

const documentsOf = (text: string): Manifest[] =>
  parseAllDocuments(text).map((document) => document.toJS() as Manifest);

const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.yaml'),
);
const manifests = files
  .flatMap((file) =>
    documentsOf(readFileSync(join(ROOT, file), 'utf8')).map((manifest) => ({ file, manifest })),
  )
  .filter(({ manifest }) => manifest.kind !== 'Kustomization');
const whole = manifests.filter(({ file }) => file !== 'keda/platform.yaml');

const found = (kind: string, file: string): Manifest => {
  const one = manifests.find((candidate) => candidate.file === file && candidate.manifest.kind === kind);
  if (one === undefined) throw new Error(`no ${kind} in ${file}`);
  return one.manifest;
};

const containerOf = ({ spec }: Manifest): Container => {
  const [container] = spec?.template?.spec.containers ?? [];
  if (container === undefined) throw new Error('no container');
  return container;
};

test('the manifests are found', () => {
  expect(whole.length).toBeGreaterThan(10);
});

test.each(whole.map(({ file, manifest }) => ({ name: `${manifest.kind} in ${file}`, manifest })))(
  '$name follows its published schema',
  ({ manifest }) => {
    const Model = MODELS[`${manifest.apiVersion} ${manifest.kind}`];
    if (Model === undefined) throw new Error(`no schema of ${manifest.kind}`);
    expect(() => new Model(manifest as never).validate()).not.toThrow();
  },
);

test('a schema refuses a wrong type', () => {
  const wrong: unknown = { metadata: { name: 'x' }, spec: { selector: {}, template: {}, replicas: 'two' } };
  expect(() => new Deployment(wrong as never).validate()).toThrow('replicas');
});

describe("Drover's Deployment", () => {
  const container = containerOf(found('Deployment', 'base/drover.yaml'));
  const values = (env: readonly { name: string; value?: string }[]): Record<string, string> =>
    Object.fromEntries(
      env.map(({ name, value }) => [name, value ?? (name === 'REDIS_URL' ? 'redis://r' : 'x'.repeat(32))]),
    );

  test.each([
    { platform: 'kubernetes', more: [] },
    {
      platform: 'keda',
      more: containerOf(found('Deployment', 'keda/platform.yaml')).env,
    },
  ])('sets what $platform needs, and nothing that is unknown', ({ platform, more }) => {
    const env = { ...values(container.env), ...values(more) };
    expect(Object.keys(env).filter((name) => !(name in SPEC))).toEqual([]);
    const loaded = loadSettings({ ...env, KUBERNETES_SERVICE_HOST: '10.0.0.1' }, () => 'prod');
    expect(loaded).toMatchObject({
      kind: 'settings',
      settings: { platform, appName: 'prod/worker', http: { dashboard: true } },
    });
  });

  test('may not write a file, or become root', () => {
    expect(container.securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
    });
  });
});

test("the ScaledObject's behavior is the one that follows every answer", () => {
  const behavior = found('ScaledObject', 'keda/scaled-object.yaml').spec?.advanced
    ?.horizontalPodAutoscalerConfig.behavior;
  for (const direction of ['scaleUp', 'scaleDown'] as const) {
    const rules = behavior?.[direction];
    expect({ ...rules, tolerance: Number(rules?.['tolerance']) }).toEqual(FOLLOWS[direction]);
  }
});

const kubectl = [
  ...(process.env['PATH'] ?? '').split(delimiter),
  join(process.env['XDG_CACHE_HOME'] ?? join(process.env['HOME'] ?? '', '.cache'), 'drover/kubectl/usr/bin'),
]
  .map((folder) => join(folder, 'kubectl'))
  .find((path) => existsSync(path));

test.skipIf(kubectl === undefined)('kubectl builds the base and the variant with KEDA', () => {
  const build = (folder: string): Manifest[] =>
    documentsOf(execFileSync(kubectl ?? '', ['kustomize', join(ROOT, folder)], { encoding: 'utf8' }));
  expect(
    build('base')
      .map(({ kind }) => kind)
      .toSorted(),
  ).toEqual(['Deployment', 'Deployment', 'Role', 'RoleBinding', 'Service', 'ServiceAccount']);
  const keda = build('keda');
  const drover = keda.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'drover');
  expect(drover && containerOf(drover).env).toContainEqual({ name: 'PLATFORM', value: 'keda' });
  const role = keda.find(({ kind }) => kind === 'Role');
  expect(role?.rules?.[0]?.verbs).toEqual(['get']);
});
