import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { kubeconfig, serviceAccount } from '../../../src/adapters/kubernetes/credentials.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-credentials-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function config(user: string, cluster = 'server: https://cluster.test/'): Promise<string> {
  const path = join(folder, 'config');
  const lines = [
    'current-context: here',
    'contexts: [{ name: here, context: { cluster: c, user: u } }]',
    `clusters: [{ name: c, cluster: { ${cluster} } }]`,
    `users: [{ name: u, user: { ${user} } }]`,
  ];
  await writeFile(path, lines.join('\n'));
  return path;
}

test("a pod's token is read again for each request, as the cluster replaces it", async () => {
  await writeFile(join(folder, 'ca.crt'), 'CA');
  await writeFile(join(folder, 'token'), 'first\n');
  const read = serviceAccount('https://10.0.0.1:443', folder);
  expect(await read()).toEqual({ server: 'https://10.0.0.1:443', token: 'first', ca: 'CA' });
  await writeFile(join(folder, 'token'), 'second\n');
  expect(await read()).toMatchObject({ token: 'second' });
});

test.each([
  { name: 'a token', user: 'token: t', is: { server: 'https://cluster.test', token: 't' } },
  { name: 'a token in a file beside it', user: 'tokenFile: token', is: { token: 'from a file' } },
  {
    name: 'a client certificate',
    user: `client-certificate-data: ${btoa('C')}, client-key-data: ${btoa('K')}`,
    is: { certificate: 'C', key: 'K' },
  },
])('a kubeconfig with $name', async ({ user, is }) => {
  await writeFile(join(folder, 'token'), 'from a file\n');
  expect(await kubeconfig(await config(user))()).toMatchObject(is);
});

test.each([
  { name: 'a plugin', user: 'exec: { command: aws }', says: /has exec, which Drover does not run/ },
  { name: 'a password', user: 'username: u, password: hidden-password', says: /has username/ },
  { name: 'a token file that is gone', user: 'tokenFile: gone', says: /cannot read .*gone \(ENOENT\)/ },
  { name: 'no server', user: 'token: t', cluster: 'server: nowhere', says: /no current context/ },
  { name: 'other text than YAML', user: '{', says: /is not YAML/ },
])('a kubeconfig with $name is refused with a remedy', async ({ user, cluster, says }) => {
  const failure = await kubeconfig(await config(user, cluster))().catch((thrown: unknown) => thrown);
  expect(failure).toMatchObject({
    code: 'KUBERNETES_CREDENTIALS',
    message: expect.stringMatching(says),
    remedy: expect.stringMatching(/./),
  });
  expect(String(failure)).not.toContain('hidden-password');
});
