import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { parse } from 'yaml';

import { Failure } from '../../failure.ts';
import { fieldsOf } from '../http/answer.ts';

/** Where the API server is, and how a request proves who sends it. */
export type Credentials = {
  /** Without a slash at the end. */
  readonly server: string;
  readonly token?: string | undefined;
  /** PEM. Absent: the certificate authorities that Node trusts. */
  readonly ca?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  /** The kubeconfig says that the server's certificate is not to be verified. */
  readonly insecure?: boolean | undefined;
};

/** Reads them again for each request: the token of a pod is replaced every hour. Throws KUBERNETES_CREDENTIALS. */
export type ReadCredentials = () => Promise<Credentials>;

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Of the pod's service account. `server`: such as `https://10.0.0.1:443`. */
export function serviceAccount(server: string, folder = SERVICE_ACCOUNT): ReadCredentials {
  return async () => {
    const [token, ca] = await Promise.all([readText(`${folder}/token`), readText(`${folder}/ca.crt`)]);
    return { server, token: token.trim(), ca };
  };
}

/** Of the current context of a kubeconfig file. */
export function kubeconfig(path: string): ReadCredentials {
  return async () => {
    const text = await readText(path);
    let document: unknown;
    try {
      document = parse(text);
    } catch {
      throw unusable(`${path} is not YAML`, 'Write it again with `kubectl config view --raw --minify`.');
    }
    return await fromDocument(document, path);
  };
}

async function fromDocument(document: unknown, path: string): Promise<Credentials> {
  const config = fieldsOf(document);
  const context = named(config['contexts'], config['current-context'], 'context');
  const cluster = named(config['clusters'], context?.['cluster'], 'cluster');
  const user = named(config['users'], context?.['user'], 'user') ?? {};
  const server = cluster?.['server'];
  if (typeof server !== 'string' || !/^https?:\/\/\S+$/.test(server)) {
    throw unusable(
      `${path} has no current context with a cluster and its server`,
      'Choose one with `kubectl config use-context`.',
    );
  }
  refusePlugins(user, path);
  const inline = async (
    fields: Readonly<Record<string, unknown>>,
    name: string,
  ): Promise<string | undefined> => {
    const data = fields[`${name}-data`];
    if (typeof data === 'string') return Buffer.from(data, 'base64').toString('utf8');
    const file = fields[name];
    return typeof file === 'string' ? await readText(resolve(dirname(path), file)) : undefined;
  };
  const [ca, certificate, key] = await Promise.all([
    inline(cluster ?? {}, 'certificate-authority'),
    inline(user, 'client-certificate'),
    inline(user, 'client-key'),
  ]);
  const { tokenFile, token } = user;
  return {
    server: server.replace(/\/+$/, ''),
    token:
      typeof tokenFile === 'string'
        ? (await readText(resolve(dirname(path), tokenFile))).trim()
        : typeof token === 'string'
          ? token
          : undefined,
    ca,
    certificate,
    key,
    insecure: cluster?.['insecure-skip-tls-verify'] === true,
  };
}

/** A plugin is a program of the operator's machine: it need not be where Drover runs, and may ask a person. */
function refusePlugins(user: Readonly<Record<string, unknown>>, path: string): void {
  const plugin = ['exec', 'auth-provider', 'username'].find((name) => user[name] !== undefined);
  if (plugin === undefined) return;
  throw unusable(
    `the user of the current context in ${path} has ${plugin}, which Drover does not run`,
    'Give it a token: `kubectl create token drover --duration=24h`, and set it as users[].user.token.',
  );
}

/** The entry of that name, as kubeconfig files list them: `{name, context: {…}}`. */
function named(list: unknown, name: unknown, kind: string): Readonly<Record<string, unknown>> | undefined {
  if (!Array.isArray(list) || typeof name !== 'string') return undefined;
  const found = list.map(fieldsOf).find((entry) => entry['name'] === name);
  return found === undefined ? undefined : fieldsOf(found[kind]);
}

async function readText(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((thrown: unknown) => {
    const code = thrown instanceof Error && 'code' in thrown ? ` (${String(thrown.code)})` : '';
    throw unusable(
      `cannot read ${path}${code}`,
      'In a pod, leave automountServiceAccountToken on. Elsewhere, set KUBECONFIG to a file that Drover may read.',
    );
  });
}

function unusable(message: string, remedy: string): Failure {
  return new Failure('KUBERNETES_CREDENTIALS', message, remedy);
}
