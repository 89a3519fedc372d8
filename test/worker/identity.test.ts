import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { identify, type CooperateOptions, type Identity } from '../../src/worker/identity.ts';

let folder: string;
let namespaceFile: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-identity-'));
  namespaceFile = join(folder, 'namespace');
  await writeFile(namespaceFile, 'prod\n');
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const partly = (identity: Partial<Identity>): unknown => expect.objectContaining(identity);
const POD = { HOSTNAME: 'worker-7d9f4b5c6d-x2k4q' };

test.each<{
  name: string;
  env: Record<string, string>;
  mounted?: boolean;
  options?: CooperateOptions;
  is: unknown;
}>([
  {
    name: 'a dyno',
    env: { DYNO: 'worker.3', HOSTNAME: 'a1b2c3d4', HEROKU_APP_NAME: 'my-app' },
    is: partly({ app: 'my-app', processType: 'worker', name: 'worker.3', ordinal: 3 }),
  },
  {
    name: 'a pod of a Deployment',
    env: POD,
    mounted: true,
    is: partly({
      app: 'prod/worker',
      processType: 'worker',
      name: 'worker-7d9f4b5c6d-x2k4q',
      ordinal: undefined,
    }),
  },
  {
    name: 'a pod of a Deployment whose name has dashes and digits',
    env: { HOSTNAME: 'mail-v2-worker-7d9f4b5c6d-x2k4q' },
    mounted: true,
    is: partly({ app: 'prod/mail-v2-worker', processType: 'mail-v2-worker' }),
  },
  {
    name: 'a pod of a StatefulSet, which counts from 0',
    env: { HOSTNAME: 'worker-2' },
    mounted: true,
    is: partly({ app: 'prod/worker', processType: 'worker', name: 'worker-2', ordinal: 3 }),
  },
  {
    name: "a pod without its service account's files",
    env: { ...POD, KUBERNETES_NAMESPACE: 'jobs' },
    is: partly({ app: 'jobs/worker', processType: 'worker' }),
  },
  {
    name: 'a pod of the second of several targets',
    env: { HOSTNAME: 'mail-7d9f4b5c6d-x2k4q' },
    mounted: true,
    options: { app: 'prod/worker', processType: 'mailer' },
    is: partly({ app: 'prod/worker', processType: 'mailer', name: 'mail-7d9f4b5c6d-x2k4q' }),
  },
  { name: 'a pod whose namespace is not known', env: POD, is: undefined },
  { name: 'a laptop with a host name', env: { HOSTNAME: 'laptop' }, is: undefined },
  { name: 'a pod with a host name of its own', env: { HOSTNAME: 'laptop' }, mounted: true, is: undefined },
])('$name', ({ env, mounted = false, options = {}, is }) => {
  const identity = identify(options, env, mounted ? namespaceFile : join(folder, 'none'));
  expect(identity).toEqual(is);
});
