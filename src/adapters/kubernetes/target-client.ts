import { targetText, type Target } from '../../config/target.ts';
import { Failure } from '../../failure.ts';
import { fieldsOf, isQuantity, type Answer } from '../http/answer.ts';
import type { Call, KubernetesClient, Result } from './client.ts';
import { DELETION_COST, MARK, podsOf, textOf, timeOf, type Pod } from './pods.ts';
import { malformed, type RequestContext } from './refusal.ts';

/** The scale of a target as it was read. */
export type Scale = {
  readonly replicas: number;
  /** Of its pods, as the API takes it. */
  readonly selector: string;
  /** The target's version: a write that names it is refused if anything about the target has changed since. */
  readonly resourceVersion: string;
};

/** Requests about one target. All throw a Failure, or the signal's reason. */
export type TargetClient = {
  readonly text: string;
  readonly kind: Target['kind'];
  readonly name: string;
  scale(signal: AbortSignal): Promise<Scale>;
  setReplicas(scale: Scale, replicas: number, signal: AbortSignal): Promise<Result>;
  /** The target itself, of which every kind has its own form. */
  object(signal: AbortSignal): Promise<unknown>;
  /** The pods of a selector, and the API server's time (epoch ms). */
  pods(
    selector: string,
    signal: AbortSignal,
  ): Promise<{ readonly pods: readonly Pod[]; readonly at: number }>;
  mark(pod: string, on: boolean, signal: AbortSignal): Promise<Result>;
  /** Why a pod of the target could not be created lately; undefined where no event says so. */
  creationRefused(at: number, signal: AbortSignal): Promise<string | undefined>;
  /** Whether the account may do something; undefined where the API server does not say. */
  may(about: Pick<RequestContext, 'verb' | 'resource'>, signal: AbortSignal): Promise<boolean | undefined>;
};

/** Controllers repeat a refused creation after at most this time. */
const EVENT_COUNTS_MS = 1_200_000;

export function targetClient(client: KubernetesClient, target: Target, namespace: string): TargetClient {
  const { resource, group, name } = target;
  const text = targetText(target);
  let version = target.version;
  const about = (verb: RequestContext['verb'], of = resource): RequestContext => ({
    verb,
    resource: of === resource && group !== 'apps' ? `${resource}.${group}` : of,
    namespace,
    target: text,
  });
  const path = async (below: string, signal: AbortSignal): Promise<string> => {
    version ??= await preferredVersion(client, group, about('get'), signal);
    return `/apis/${group}/${version}/namespaces/${namespace}/${resource}/${name}${below}`;
  };
  const scaleCall = async (verb: 'get' | 'patch', signal: AbortSignal): Promise<Call> => ({
    path: await path('/scale', signal),
    about: { ...about(verb), resource: `${about(verb).resource}/scale` },
  });
  const podPath = `/api/v1/namespaces/${namespace}/pods`;

  return {
    text,
    kind: target.kind,
    name,
    scale: async (signal) => scaleOf(await client.get(await scaleCall('get', signal), signal)),
    setReplicas: async ({ resourceVersion }, replicas, signal) => {
      const call = await scaleCall('patch', signal);
      return await client.patch(
        { ...call, body: { metadata: { resourceVersion }, spec: { replicas } } },
        signal,
      );
    },
    object: async (signal) =>
      (await client.get({ path: await path('', signal), about: about('get') }, signal)).json,
    pods: async (selector, signal) => {
      const query = new URLSearchParams({ labelSelector: selector });
      const { json, header } = await client.get(
        { path: `${podPath}?${query.toString()}`, about: about('list', 'pods') },
        signal,
      );
      return { pods: podsOf(json), at: timeOf(header('date')) || client.clock.now() };
    },
    mark: async (pod, on, signal) =>
      await client.patch(
        {
          path: `${podPath}/${encodeURIComponent(pod)}`,
          about: about('patch', 'pods'),
          body: { metadata: { annotations: { [DELETION_COST]: on ? MARK : null } } },
        },
        signal,
      ),
    creationRefused: async (at, signal) => {
      const query = new URLSearchParams({ fieldSelector: 'reason=FailedCreate' });
      const { json } = await client.get(
        {
          path: `/api/v1/namespaces/${namespace}/events?${query.toString()}`,
          about: about('list', 'events'),
        },
        signal,
      );
      return refusedCreation(json, name, at);
    },
    may: async ({ verb, resource: of }, signal) => {
      const [whole = '', subresource] = of.split('/');
      const [plural = '', ...groups] = whole.split('.');
      const inApps = whole === 'deployments' || whole === 'statefulsets';
      const { json } = await client.ask(
        {
          path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
          about: { verb: 'create', resource: 'selfsubjectaccessreviews', namespace },
          body: {
            apiVersion: 'authorization.k8s.io/v1',
            kind: 'SelfSubjectAccessReview',
            spec: {
              resourceAttributes: {
                namespace,
                verb,
                group: inApps ? 'apps' : groups.join('.'),
                resource: plural,
                ...(subresource === undefined ? {} : { subresource }),
              },
            },
          },
        },
        signal,
      );
      const { allowed } = fieldsOf(fieldsOf(json)['status']);
      return typeof allowed === 'boolean' ? allowed : undefined;
    },
  };
}

async function preferredVersion(
  client: KubernetesClient,
  group: string,
  about: RequestContext,
  signal: AbortSignal,
): Promise<string> {
  const { json } = await client.get({ path: `/apis/${group}`, about }, signal);
  const { version } = fieldsOf(fieldsOf(json)['preferredVersion']);
  if (typeof version === 'string' && /^v\d\w{0,20}$/.test(version)) return version;
  throw malformed('without a version of the API group');
}

function scaleOf({ json }: Answer): Scale {
  const { metadata, spec, status } = fieldsOf(json);
  // A number that is 0 is left out by some writers of JSON.
  const { replicas = fieldsOf(json)['kind'] === 'Scale' && spec !== undefined ? 0 : undefined } =
    fieldsOf(spec);
  const { resourceVersion } = fieldsOf(metadata);
  const { selector } = fieldsOf(status);
  if (!isQuantity(replicas)) throw malformed('without a number of replicas');
  if (typeof resourceVersion !== 'string' || !/^\w{1,128}$/.test(resourceVersion))
    throw malformed('without a resource version');
  if (typeof selector !== 'string' || selector === '')
    throw new Failure(
      'KUBERNETES_REPLY',
      'the scale has no selector, so its pods cannot be found',
      'Set labelSelectorPath in the scale subresource of the CustomResourceDefinition.',
    );
  return { replicas, selector, resourceVersion };
}

/** Of the target itself (StatefulSet) or of what it made (a ReplicaSet): the newest event that counts still. */
function refusedCreation(json: unknown, name: string, at: number): string | undefined {
  const { items } = fieldsOf(json);
  if (!Array.isArray(items)) return undefined;
  const own = items
    .map(fieldsOf)
    .map((event) => ({
      of: fieldsOf(event['involvedObject'])['name'],
      reason: event['reason'],
      message: event['message'],
      at: timeOf(event['lastTimestamp'] ?? event['eventTime']),
    }))
    .filter(
      ({ of, reason, at: seen }) =>
        reason === 'FailedCreate' &&
        typeof of === 'string' &&
        (of === name || of.startsWith(`${name}-`)) &&
        at - seen < EVENT_COUNTS_MS,
    )
    .toSorted((a, b) => b.at - a.at);
  return own[0] === undefined ? undefined : textOf(own[0].message);
}
