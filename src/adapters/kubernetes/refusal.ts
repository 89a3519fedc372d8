import { quote } from '../../config/mask.ts';
import { instant } from '../../core/words.ts';
import { Failure } from '../../failure.ts';
import { fieldsOf, type Answer } from '../http/answer.ts';

/** What a request is about, for messages: `patch` on `deployments/scale` in a namespace. */
export type RequestContext = {
  readonly verb: 'get' | 'list' | 'patch' | 'create';
  /** As RBAC rules name it: `deployments/scale`, `pods`. */
  readonly resource: string;
  readonly namespace: string;
  /** Such as `deployment/worker`; absent where the request concerns no target. */
  readonly target?: string | undefined;
};

/** The failure of an answer that is neither a success nor a 429, by its status: messages change. */
export function refusal(answer: Answer, context: RequestContext): Failure {
  const { status } = answer;
  const { verb, resource, namespace } = context;
  if (status === 401) {
    return new Failure(
      'KUBERNETES_UNAUTHORIZED',
      'the API server rejected the token: it is expired, or of another cluster',
      'In a pod, restart it if this lasts; elsewhere renew the token in KUBECONFIG: `kubectl create token drover --duration=24h`.',
    );
  }
  if (status === 403) {
    return new Failure(
      'KUBERNETES_FORBIDDEN',
      `the service account may not ${verb} ${resource} in the namespace ${quote(namespace)}`,
      `Add ${verb} on ${resource} to its Role; docs/kubernetes.md has the complete one. See also \`kubectl auth can-i ${verb} ${resource} -n ${namespace} --as system:serviceaccount:${namespace}:drover\`.`,
    );
  }
  if (status === 404) return missing(answer, context);
  if (status >= 500) {
    return new Failure(
      'KUBERNETES_UNAVAILABLE',
      `the API server answered ${status}`,
      'Check it with `kubectl get --raw /readyz`. Drover holds and retries on the next tick.',
    );
  }
  return rejected(answer, context);
}

export function rateLimited(until: number): Failure {
  return new Failure(
    'KUBERNETES_RATE_LIMITED',
    `the API server limits requests (429); requests paused until ${instant(until)}`,
    'Drover retries by itself. Find what else loads the API server: `kubectl get --raw /metrics | grep apiserver_flowcontrol_rejected`.',
  );
}

/** The failure of an answer that reports success but has the wrong content. */
export function malformed(content: string): Failure {
  return new Failure(
    'KUBERNETES_REPLY',
    `the API server answered ${content}`,
    'Check that KUBECONFIG or the service account leads to a Kubernetes API server, without a proxy between. Drover holds and retries on the next tick.',
  );
}

/** The failure of a request without an answer, by the error code of the system or of got. */
export function noAnswer(code: string, server: string, timeoutMs: number): Failure {
  const { host } = new URL(server);
  if (code === 'ETIMEDOUT') {
    return new Failure(
      'KUBERNETES_TIMEOUT',
      `the API server at ${host} did not answer within ${timeoutMs / 1000} s`,
      'Check it with `kubectl get --raw /readyz`. Drover holds and retries on the next tick.',
    );
  }
  const shown = /^\w{1,60}$/.test(code) ? ` (${code})` : '';
  if (/CERT|SELF_SIGNED|ISSUER|SIGNATURE|ALTNAME|^ERR_TLS|^ERR_SSL|EPROTO/.test(code)) {
    return new Failure(
      'KUBERNETES_CERTIFICATE',
      `the certificate of the API server at ${host} cannot be verified${shown}`,
      "Compare certificate-authority in KUBECONFIG with the cluster's, or its server with the names in the certificate.",
    );
  }
  return new Failure(
    'KUBERNETES_UNREACHABLE',
    `cannot reach the API server at ${host}${shown}`,
    'Check the server in KUBECONFIG, the network and, in a pod, a NetworkPolicy that blocks it. Drover holds and retries on the next tick.',
  );
}

function missing(answer: Answer, { namespace, target, resource }: RequestContext): Failure {
  const what = target ?? resource;
  // An answer that is no Status comes of a path that the server does not know.
  const known =
    fieldsOf(answer.json)['kind'] === 'Status' &&
    fieldsOf(fieldsOf(answer.json)['details'])['name'] !== undefined;
  return new Failure(
    'KUBERNETES_TARGET_MISSING',
    known
      ? `the namespace ${quote(namespace)} has no ${what}`
      : `the cluster knows no resource ${resource}, or it has no scale`,
    `Compare KUBERNETES_TARGET and KUBERNETES_NAMESPACE with \`kubectl get deployments,statefulsets -n ${namespace}\`.`,
  );
}

function rejected({ status, json }: Answer, { verb, resource }: RequestContext): Failure {
  const { reason, message } = fieldsOf(json);
  const why = typeof message === 'string' ? `: ${quote(message)}` : '';
  const named = typeof reason === 'string' && /^\w{1,60}$/.test(reason) ? ` (${reason})` : '';
  return new Failure(
    'KUBERNETES_REJECTED',
    `the API server rejected a ${verb} of ${resource} with status ${status}${named}${why}`,
    'An admission webhook or a validation refuses it: change that, or MIN_WORKERS and MAX_WORKERS.',
  );
}
