import { inspect } from 'node:util';

import { expect, test } from 'vitest';

import type { Environment } from '../../src/config/environment.ts';
import { loadSettings, loadViewSettings } from '../../src/config/load.ts';
import type { ActingSettings } from '../../src/config/settings.ts';

const REQUIRED = { PLATFORM: 'kubernetes', REDIS_URL: 'redis://localhost:6379', QUEUES: 'mail' };
const OUTSIDE = { ...REQUIRED, KUBECONFIG: '/config', KUBERNETES_NAMESPACE: 'prod' };
/** What a pod is given; its namespace is in a file. */
const POD = { ...REQUIRED, KUBERNETES_SERVICE_HOST: '10.0.0.1' };

const load = (env: Environment, namespace?: string) => loadSettings(env, () => namespace);

function settings(env: Environment, namespace?: string): ActingSettings {
  const loaded = load(env, namespace);
  if (loaded.kind === 'wrong') throw new Error(inspect(loaded.problems));
  return loaded.settings;
}

test.each<{ name: string; env: Environment; namespace?: string; is: object }>([
  {
    name: 'outside a cluster',
    env: OUTSIDE,
    is: {
      appName: 'prod/worker',
      access: {
        cluster: { kubeconfig: '/config' },
        clock: { namespace: 'prod', target: 'deployment/drover' },
      },
    },
  },
  {
    name: 'in a pod',
    env: { ...POD, KUBERNETES_SERVICE_PORT: '6443', HOSTNAME: 'autoscaler-7d9f4b5c6d-x2k4q' },
    namespace: 'jobs\n',
    is: {
      appName: 'jobs/worker',
      access: {
        namespace: 'jobs',
        cluster: { server: 'https://10.0.0.1:6443' },
        clock: { namespace: 'jobs', target: 'deployment/autoscaler' },
      },
    },
  },
  {
    name: 'in a pod of a StatefulSet, of another namespace',
    env: { ...POD, HOSTNAME: 'drover-0', KUBERNETES_NAMESPACE: 'prod' },
    namespace: 'tools',
    is: {
      appName: 'prod/worker',
      access: { namespace: 'prod', clock: { namespace: 'tools', target: 'statefulset/drover' } },
    },
  },
  {
    name: 'with an address of IPv6',
    env: { ...POD, KUBERNETES_SERVICE_HOST: 'fd00::1' },
    namespace: 'jobs',
    is: { access: { cluster: { server: 'https://[fd00::1]:443' } } },
  },
  {
    name: 'with a target that names its process type',
    env: { ...OUTSIDE, KUBERNETES_TARGET: 'sts/mailer' },
    is: { appName: 'prod/mailer', processTypes: [{ processType: 'mailer' }] },
  },
  {
    name: 'with several targets',
    env: { ...OUTSIDE, PROCESS_TYPES: 'worker,mailer', MAILER_KUBERNETES_TARGET: 'statefulset/mail' },
    is: {
      access: {
        targets: new Map([
          ['worker', expect.objectContaining({ kind: 'deployment', name: 'worker' })],
          ['mailer', expect.objectContaining({ kind: 'statefulset', name: 'mail' })],
        ]),
      },
    },
  },
])('settings $name', ({ env, namespace, is }) => {
  expect(settings(env, namespace)).toMatchObject(is);
});

test.each<{ name: string; env: Environment; namespace?: string; says: string[] }>([
  {
    name: 'nothing outside a pod',
    env: REQUIRED,
    says: [
      'KUBERNETES_NAMESPACE is required outside a pod: the namespace of what is scaled',
      'KUBECONFIG is required outside a pod: the path of a kubeconfig file',
    ],
  },
  {
    name: 'a target without a resource',
    env: { ...OUTSIDE, KUBERNETES_TARGET: 'worker' },
    says: [
      'KUBERNETES_TARGET must be a resource and a name: deployment/worker, statefulset/worker, or one with a scale subresource such as rollouts.argoproj.io/worker, got "worker"',
    ],
  },
  {
    name: 'a resource that has no scale by the name of its group',
    env: { ...OUTSIDE, KUBERNETES_TARGET: 'daemonset/worker' },
    says: [expect.stringMatching(/^KUBERNETES_TARGET must be .*got "daemonset\/worker"$/)],
  },
  {
    name: 'a target of one process type of several',
    env: { ...OUTSIDE, PROCESS_TYPES: 'worker,mailer', MAILER_KUBERNETES_TARGET: 'Deployment/mailer' },
    says: [expect.stringMatching(/^MAILER_KUBERNETES_TARGET must be /)],
  },
  {
    name: 'one target for two process types',
    env: { ...OUTSIDE, PROCESS_TYPES: 'worker,mailer', MAILER_KUBERNETES_TARGET: 'deploy/worker' },
    says: ['MAILER_KUBERNETES_TARGET is deployment/worker, which the process type "worker" scales already'],
  },
  {
    name: 'a namespace that can be none',
    env: { ...OUTSIDE, KUBERNETES_NAMESPACE: 'Prod/a' },
    says: ['KUBERNETES_NAMESPACE must be a namespace: lower-case letters, digits and dashes, got "Prod/a"'],
  },
  {
    name: 'several kubeconfig files',
    env: { ...OUTSIDE, KUBECONFIG: '/one:/two' },
    says: ['KUBECONFIG must be the path of one file, got "/one:/two"'],
  },
  {
    name: 'its own Deployment',
    env: { ...POD, HOSTNAME: 'worker-7d9f4b5c6d-x2k4q' },
    namespace: 'jobs',
    says: [
      'KUBERNETES_TARGET is deployment/worker, which runs Drover itself: run Drover as a Deployment of its own',
    ],
  },
  {
    name: 'another platform',
    env: { ...OUTSIDE, PLATFORM: 'k8s' },
    says: expect.arrayContaining([
      expect.stringMatching(/^PLATFORM must be one of heroku, kubernetes, keda/),
    ]),
  },
  {
    name: 'KEDA without a token for what it reads',
    env: { ...OUTSIDE, PLATFORM: 'keda' },
    says: [
      'DASHBOARD_TOKEN is required unless HOST is a loopback address (HOST is "0.0.0.0"): openssl rand -hex 32 makes one',
    ],
  },
])('$name is refused', ({ env, namespace, says }) => {
  const loaded = load(env, namespace);
  const found = loaded.kind === 'wrong' ? loaded.problems : [];
  expect(found.map(({ variable, message }) => `${variable} ${message}`)).toEqual(says);
});

test('HEROKU_* is neither needed nor read', () => {
  const heroku = { HEROKU_APP_NAME: 'my app', HEROKU_API_KEY: 'x y', HEROKU_API_URL: 'no url' };
  expect(load({ ...OUTSIDE, ...heroku })).toEqual(load(OUTSIDE));
});

test('commands that never call the cluster need no way to it', () => {
  const { KUBECONFIG: _, ...without } = OUTSIDE;
  expect(loadViewSettings(without)).toMatchObject({ kind: 'settings', settings: { appName: 'prod/worker' } });
});

test('with KEDA the answers are served, and no quantity counts as scaled by hand', () => {
  const env = { ...OUTSIDE, PLATFORM: 'keda', HOST: '127.0.0.1', MANUAL_HOLD_SECONDS: '600' };
  const { http, processTypes } = settings(env);
  expect([http.dashboard, processTypes[0]?.manualHoldMs]).toEqual([true, 0]);
});
