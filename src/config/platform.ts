import { readFileSync } from 'node:fs';

import { parseWorkerName, type ParsedName } from '../worker-names.ts';
import type { Environment, Reader } from './environment.ts';
import { quote } from './mask.ts';
import type { Access, KubernetesAccess, PlatformName } from './settings.ts';
import { deploymentNamed, targetText, type Target } from './target.ts';

/** What the environment says of the platform, whether or not the command may act on it. */
export type PlatformScope = {
  readonly platform: PlatformName;
  /** The name under which Drover keeps its state, and that texts have. */
  readonly appName: string;
  readonly processTypes: readonly string[];
  /** PROCESS_TYPES, where it is set. */
  readonly several: readonly string[] | undefined;
  /** With the credentials, for commands that call the platform. */
  readonly access: (reader: Reader) => Access;
};

/** Where every pod finds its namespace. */
const NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/** The text of a file; undefined where it cannot be read. */
export type ReadText = (path: string) => string | undefined;

export const readText: ReadText = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

export function platformScope(
  reader: Reader,
  env: Environment,
  { read, app }: { readonly read: ReadText; readonly app: string | undefined },
): PlatformScope {
  const single = reader.precedent('PROCESS_TYPES', 'PROCESS_TYPE') === 'PROCESS_TYPE';
  const several = single ? undefined : reader.get('PROCESS_TYPES');
  const platform = reader.withDefault('PLATFORM');
  const scope =
    platform === 'heroku'
      ? heroku(reader, { env, several, app })
      : kubernetes(reader, { platform, env, several, podNamespace: read(NAMESPACE_FILE)?.trim() });
  if (scope.platform !== 'heroku' && app !== undefined)
    reader.wrong(
      'TARGET_APPS',
      'is for PLATFORM=heroku: on Kubernetes, PROCESS_TYPES lists the targets of a namespace, and each namespace has a clock',
    );
  if (new Set(scope.processTypes).size < scope.processTypes.length)
    reader.wrong(reader.nameOf('PROCESS_TYPES'), 'lists a process type twice');
  return scope;
}

function heroku(
  reader: Reader,
  {
    env,
    several,
    app,
  }: {
    readonly env: Environment;
    readonly several: readonly string[] | undefined;
    readonly app: string | undefined;
  },
): PlatformScope {
  const appName = app ?? reader.get('TARGET_APP_NAME') ?? reader.require('HEROKU_APP_NAME');
  const processTypes = several ?? [reader.withDefault('PROCESS_TYPE')];
  const ownType = parseWorkerName(env['DYNO'] ?? '')?.owner;
  const ownApp = env['HEROKU_APP_NAME'];
  if (ownApp === undefined || ownApp === appName)
    for (const name of processTypes) if (name === ownType) refuseOwn(reader, several, name);
  return {
    platform: 'heroku',
    appName,
    processTypes,
    several,
    access: (of) => ({
      platform: 'heroku',
      appName,
      token: of.require('HEROKU_API_KEY'),
      apiUrl: of.withDefault('HEROKU_API_URL').replace(/\/+$/, ''),
    }),
  };
}

function kubernetes(
  reader: Reader,
  {
    platform,
    env,
    several,
    podNamespace,
  }: {
    readonly platform: KubernetesAccess['platform'];
    readonly env: Environment;
    readonly several: readonly string[] | undefined;
    readonly podNamespace: string | undefined;
  },
): PlatformScope {
  const namespace = reader.get('KUBERNETES_NAMESPACE') ?? podNamespace ?? '';
  if (namespace === '')
    reader.wrong('KUBERNETES_NAMESPACE', 'is required outside a pod: the namespace of what is scaled');
  // Workers know their workload's name alone, so that is what their process type is called unless it is set.
  const single = several === undefined ? reader.get('KUBERNETES_TARGET') : undefined;
  const processTypes = several ?? [reader.get('PROCESS_TYPE') ?? single?.name ?? 'worker'];
  const targets = new Map(
    processTypes.map((name) => {
      const of = reader.forType(several === undefined ? undefined : name);
      return [name, of.get('KUBERNETES_TARGET') ?? deploymentNamed(name)] as const;
    }),
  );
  refuseSameTargets(reader, targets);
  const own = podNamespace === undefined ? undefined : parseWorkerName(env['HOSTNAME'] ?? '');
  for (const [name, target] of targets)
    if (own?.owner === target.name && podNamespace === namespace)
      reader.wrong(
        reader.forType(several === undefined ? undefined : name).nameOf('KUBERNETES_TARGET'),
        `is ${targetText(target)}, which runs Drover itself: run Drover as a Deployment of its own`,
      );
  const [first] = targets.values();
  return {
    platform,
    appName: `${namespace}/${first?.name ?? ''}`,
    processTypes,
    several,
    access: (of) => ({
      platform,
      namespace,
      targets,
      cluster: clusterOf(of, env),
      clock: { namespace: podNamespace ?? namespace, target: clockTarget(own) },
    }),
  };
}

/** Two process types would set the replicas of one target in turn. */
function refuseSameTargets(reader: Reader, targets: ReadonlyMap<string, Target>): void {
  const first = new Map<string, string>();
  for (const [processType, target] of targets) {
    const text = targetText(target);
    const other = first.get(text);
    if (other === undefined) first.set(text, processType);
    else
      reader.wrong(
        reader.forType(processType).nameOf('KUBERNETES_TARGET'),
        `is ${text}, which the process type ${quote(other)} scales already`,
      );
  }
}

/** By the name of the pod that Drover runs in. */
function clockTarget(own: ParsedName | undefined): string {
  if (own === undefined) return 'deployment/drover';
  return `${own.ordinal === undefined ? 'deployment' : 'statefulset'}/${own.owner}`;
}

/** The cluster that the pod runs in, unless a kubeconfig is given. */
function clusterOf(reader: Reader, env: Environment): KubernetesAccess['cluster'] {
  const kubeconfig = reader.get('KUBECONFIG');
  if (kubeconfig !== undefined) return { kubeconfig };
  const host = env['KUBERNETES_SERVICE_HOST'];
  if (host === undefined)
    reader.wrong('KUBECONFIG', 'is required outside a pod: the path of a kubeconfig file');
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  return { server: `https://${host?.includes(':') === true ? `[${host}]` : host}:${port}` };
}

/** Scaling its own process type, Drover would stop itself and never start again. */
function refuseOwn(reader: Reader, several: readonly string[] | undefined, processType: string): void {
  reader.wrong(
    reader.nameOf(several === undefined ? 'PROCESS_TYPE' : 'PROCESS_TYPES'),
    `is ${quote(processType)}, the process type that Drover itself runs as: run it as another, such as clock`,
  );
}
