import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

import { parseWorkerName } from '../worker-names.ts';

export type CooperateOptions = {
  /** The ioredis or node-redis client for the exchange with Drover; default: the worker's own. */
  readonly connection?: unknown;
  /**
   * What Drover scales: on Heroku the app, default HEROKU_APP_NAME; on Kubernetes the namespace and the first target, such
   * as `prod/worker`, default the pod's own.
   */
  readonly app?: string | undefined;
  /** This worker's name, such as `worker.3` or the pod's; default DYNO, else HOSTNAME. */
  readonly dyno?: string | undefined;
  /** Default: the name without its number, or without what a Deployment adds. */
  readonly processType?: string | undefined;
  /**
   * Seconds from SIGTERM to SIGKILL: on Kubernetes the pod's terminationGracePeriodSeconds, less what a preStop hook takes of
   * it. Default 30, as on Heroku.
   */
  readonly gracePeriodSeconds?: number | undefined;
};

/** The identity of a worker process. */
export type Identity = {
  readonly app: string;
  readonly processType: string;
  /** A dyno's or a pod's. */
  readonly name: string;
  /** 3 for `worker.3` and `worker-2`; absent where workers have no numbers. */
  readonly ordinal: number | undefined;
  /** Unique for each process: during a deploy two dynos have one name. */
  readonly instance: string;
  /** The container's name, as far as a report can hold it. Absent where there is none. */
  readonly host?: string | undefined;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Where every pod finds its namespace, unless its service account's token is not mounted. */
const NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/** Undefined where the app or the worker's name is unknown: on a laptop, in a test, without dyno metadata. */
export function identify(
  options: CooperateOptions,
  environment: Environment,
  namespaceFile = NAMESPACE_FILE,
): Identity | undefined {
  const name = options.dyno ?? ownName(environment);
  if (!name) return undefined;
  const parsed = parseWorkerName(name);
  const processType = options.processType ?? parsed?.owner;
  const app =
    options.app ?? environment['HEROKU_APP_NAME'] ?? podApp(parsed?.owner, environment, namespaceFile);
  if (!app || processType === undefined) return undefined;
  const instance = `${name}#${randomUUID()}`;
  const host = hostname().slice(0, 255) || undefined;
  return { app, processType, name, ordinal: parsed?.ordinal, instance, host };
}

/** Whether this process runs where Drover could scale it, so that an unknown app is worth a warning. */
export function isOnPlatform(environment: Environment): boolean {
  return environment['DYNO'] !== undefined || environment['KUBERNETES_SERVICE_HOST'] !== undefined;
}

/** A laptop has a host name too, so it counts only together with a namespace. */
function ownName(environment: Environment): string | undefined {
  return environment['DYNO'] ?? environment['HOSTNAME'];
}

function podApp(
  workload: string | undefined,
  environment: Environment,
  namespaceFile: string,
): string | undefined {
  const namespace = environment['KUBERNETES_NAMESPACE'] ?? readNamespace(namespaceFile);
  return workload === undefined || !namespace ? undefined : `${namespace}/${workload}`;
}

function readNamespace(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
