import type { FailureCode } from '../../../src/failure.ts';
import type { Fault, PlatformRequest } from '../../../src/standin/fault.ts';
import type { ClusterHarness } from './cluster-harness.ts';

/** Something that goes wrong between Drover and the API server of a cluster, and ends. */
export type ClusterFault = {
  readonly name: string;
  /** The tick cannot read (`blind`), cannot write (`cannot act`), waits, or continues. */
  readonly effect: 'blind' | 'cannot act' | 'waits' | 'goes on';
  /** Of the failure; of a tick that waits the kind of its hold or of what came of its write. Absent: it goes on. */
  readonly shows?: FailureCode | 'overtaken' | 'release';
  /** What its remedy says. */
  readonly remedy?: RegExp;
  start(harness: ClusterHarness): Promise<void> | void;
  end?(harness: ClusterHarness): Promise<void> | void;
  /** Ticks after its end until Drover acts again; default 1. */
  readonly recoversIn?: number;
};

type Met = (request: Pick<PlatformRequest, 'method' | 'path'>) => boolean;

const any: Met = () => true;
const scaleReads: Met = ({ method, path }) => method === 'GET' && path.endsWith('/scale');
const scaleWrites: Met = ({ method, path }) => method === 'PATCH' && path.endsWith('/scale');
const podReads: Met = ({ method, path }) => method === 'GET' && path.includes('/pods?');
const marks: Met = ({ method, path }) => method === 'PATCH' && path.includes('/pods/');

/** As the API server writes a refusal. */
function refused(code: number, reason: string, headers: Readonly<Record<string, string>> = {}): Fault {
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: reason };
  return { status: code, headers, body };
}

function answered(
  name: string,
  { met = any, fault }: { readonly met?: Met; readonly fault: Fault },
  rest: Omit<ClusterFault, 'name' | 'start' | 'end'>,
): ClusterFault {
  return {
    name,
    ...rest,
    start: (harness) => {
      harness.kubernetes.intercept((request) => (met(request) ? fault : 'pass'));
      if (typeof fault === 'object' && ('hang' in fault || 'applyThenHang' in fault))
        harness.unanswered = met;
    },
    end: (harness) => {
      harness.kubernetes.intercept(undefined);
      harness.unanswered = () => false;
    },
  };
}

/** A right that the Role of docs/kubernetes.md has, and now has no more. */
function withoutRight(
  verb: string,
  resource: string,
  { effect, remedy }: { readonly effect: ClusterFault['effect']; readonly remedy: RegExp },
): ClusterFault {
  return {
    name: `403: may not ${verb} ${resource}`,
    effect,
    shows: 'KUBERNETES_FORBIDDEN',
    remedy,
    start: (harness) => harness.revoke(verb, resource),
    end: (harness) => harness.grantAll(),
  };
}

const unavailable = { effect: 'blind', shows: 'KUBERNETES_UNAVAILABLE', remedy: /readyz/ } as const;
const noApiServer = { effect: 'blind', shows: 'KUBERNETES_REPLY', remedy: /proxy/ } as const;
const missing = { effect: 'blind', shows: 'KUBERNETES_TARGET_MISSING', remedy: /KUBERNETES_TARGET/ } as const;
const limited = { shows: 'KUBERNETES_RATE_LIMITED', remedy: /flowcontrol/ } as const;

/** Each meets the real adapter in test/faults/kubernetes.test.ts. */
export const CLUSTER_FAULTS: readonly ClusterFault[] = [
  {
    name: '401: the token was rotated, and the new one is not read',
    effect: 'blind',
    shows: 'KUBERNETES_UNAUTHORIZED',
    remedy: /kubectl create token/,
    start: ({ kubernetes }) => void kubernetes.rotateToken(),
    end: (harness) => harness.readToken(),
  },
  {
    name: 'the token was rotated, and the new one is read',
    effect: 'goes on',
    start: (harness) => {
      harness.kubernetes.rotateToken();
      harness.readToken();
    },
  },
  withoutRight('get', 'deployments/scale', { effect: 'blind', remedy: /Add get on deployments\/scale/ }),
  withoutRight('list', 'pods', { effect: 'blind', remedy: /Add list on pods/ }),
  withoutRight('patch', 'pods', { effect: 'cannot act', remedy: /Add patch on pods/ }),
  withoutRight('patch', 'deployments/scale', {
    effect: 'cannot act',
    remedy: /Add patch on deployments\/scale/,
  }),
  {
    // So it is of a namespace that does not exist, too.
    name: '403: the namespace has no Role for the account',
    effect: 'blind',
    shows: 'KUBERNETES_FORBIDDEN',
    remedy: /Add get on deployments\/scale/,
    start: (harness) => harness.rewrite('/namespaces/default/', '/namespaces/gone/'),
    end: (harness) => harness.rewrite('', ''),
  },
  {
    name: '404: the target does not exist',
    ...missing,
    start: (harness) => harness.rewrite('/deployments/worker', '/deployments/gone'),
    end: (harness) => harness.rewrite('', ''),
  },
  answered(
    '404: the path is not served',
    { fault: { status: 404, body: '404 page not found\n' }, met: scaleReads },
    missing,
  ),
  {
    name: '404: a pod is gone before it is marked',
    effect: 'goes on',
    start: (harness) => {
      harness.before = async ({ method, url }) => {
        if (!marks({ method, path: url })) return;
        harness.before = async () => {};
        await harness.delete(url);
      };
    },
  },
  {
    name: '409: another client changes the target before each write',
    effect: 'waits',
    shows: 'overtaken',
    start: ({ kubernetes, target }) =>
      kubernetes.intercept((request) => {
        if (scaleWrites(request)) kubernetes.setReplicas(target, kubernetes.replicas(target));
        return 'pass';
      }),
    end: ({ kubernetes }) => kubernetes.intercept(undefined),
  },
  answered(
    '409: the pods change before each mark',
    { fault: refused(409, 'Conflict'), met: marks },
    { effect: 'waits', shows: 'overtaken' },
  ),
  answered(
    '422: an admission webhook refuses',
    { fault: refused(422, 'Invalid'), met: scaleWrites },
    { effect: 'cannot act', shows: 'KUBERNETES_REJECTED', remedy: /admission webhook/ },
  ),
  answered(
    '429 with a Retry-After of a second',
    { fault: refused(429, 'TooManyRequests', { 'retry-after': '1' }) },
    { effect: 'blind', ...limited },
  ),
  answered(
    '429 with a Retry-After of 30 seconds',
    { fault: refused(429, 'TooManyRequests', { 'retry-after': '30' }) },
    { effect: 'blind', ...limited, recoversIn: 3 },
  ),
  answered('429 without one', { fault: refused(429, 'TooManyRequests') }, { effect: 'blind', ...limited }),
  answered(
    '429 to writes',
    { fault: refused(429, 'TooManyRequests', { 'retry-after': '1' }), met: scaleWrites },
    { effect: 'cannot act', ...limited },
  ),
  answered('500', { fault: refused(500, 'InternalError') }, unavailable),
  answered('503', { fault: refused(503, 'ServiceUnavailable') }, unavailable),
  answered(
    '502 with HTML',
    { fault: { status: 502, body: '<html><h1>Bad Gateway</h1></html>' } },
    unavailable,
  ),
  answered('500 to the list of pods', { fault: refused(500, 'InternalError'), met: podReads }, unavailable),
  answered(
    '500 to writes',
    { fault: refused(500, 'InternalError'), met: scaleWrites },
    { ...unavailable, effect: 'cannot act' },
  ),
  answered('an empty 200', { fault: { status: 200, body: '' } }, noApiServer),
  answered(
    '200 with HTML',
    { fault: { status: 200, body: '<!doctype html><title>Log in</title>' } },
    noApiServer,
  ),
  answered('truncated JSON', { fault: { status: 200, body: '{"kind":"Scale","spec":{"repl' } }, noApiServer),
  answered(
    'a list without items',
    { fault: { status: 200, body: { kind: 'PodList' } }, met: podReads },
    noApiServer,
  ),
  answered(
    'a negative number of replicas',
    {
      fault: {
        status: 200,
        body: {
          kind: 'Scale',
          metadata: { resourceVersion: '1' },
          spec: { replicas: -1 },
          status: { selector: 'app=worker' },
        },
      },
      met: scaleReads,
    },
    noApiServer,
  ),
  answered(
    'no answer',
    { fault: { hang: true } },
    { effect: 'blind', shows: 'KUBERNETES_TIMEOUT', remedy: /readyz/ },
  ),
  answered(
    'a reset',
    { fault: { reset: true } },
    { effect: 'blind', shows: 'KUBERNETES_UNREACHABLE', remedy: /NetworkPolicy/ },
  ),
  answered(
    'cut in mid-answer',
    { fault: { cutAfterBytes: 10 } },
    { effect: 'blind', shows: 'KUBERNETES_UNREACHABLE', remedy: /NetworkPolicy/ },
  ),
  answered(
    'writes are done, their answers lost',
    { fault: { applyThenReset: true }, met: scaleWrites },
    { effect: 'goes on' },
  ),
  answered(
    'writes are done, their answers never come',
    { fault: { applyThenHang: true }, met: scaleWrites },
    { effect: 'goes on' },
  ),
  answered('slow by 30 ms', { fault: { delayMs: 30 } }, { effect: 'goes on' }),
  {
    name: 'reads are stale: the quantity has been changed since',
    effect: 'waits',
    shows: 'overtaken',
    start: ({ kubernetes, target }) => {
      kubernetes.setReadsStale(true);
      // Raised and lowered again: the number is the same, the version is not.
      kubernetes.setReplicas(target, 4);
      kubernetes.setReplicas(target, 3);
    },
    end: ({ kubernetes }) => kubernetes.setReadsStale(false),
  },
  {
    name: 'the controllers stand still after a new template',
    effect: 'waits',
    shows: 'release',
    start: ({ kubernetes, target }) => {
      kubernetes.setControllersSuspended(true);
      kubernetes.rollOut(target, 'registry.example/worker:2');
    },
    end: ({ kubernetes }) => kubernetes.setControllersSuspended(false),
  },
];
