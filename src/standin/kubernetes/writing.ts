import type { ApiAnswer, Call } from './api.ts';
import { admit, validate, validateReplicas } from './admission.ts';
import type { KubeObject, Pod, Workload } from './objects.ts';
import { applyPatch } from './patch.ts';
import { deletePod } from './pod-factory.ts';
import { apiVersionOf, BUILT_IN, PODS } from './resource-types.ts';
import { scaleDocument } from './scale-document.ts';
import { badRequest, notFound, methodNotAllowed, unsupportedMediaType } from './status-error.ts';
import type { Store } from './store.ts';

type Json = Record<string, unknown>;

/** Answers create, update, patch and delete. `now` is epoch ms. Throws a Status. */
export function write(store: Store, call: Call, now: number): ApiAnswer {
  if (call.verb !== 'patch' && call.verb !== 'delete' && call.contentType !== 'application/json')
    throw unsupportedMediaType(['application/json']);
  if (call.subresource === 'eviction') return evict(store, call, now);
  if (call.verb === 'create') return create(store, call);
  const object = store.get<KubeObject>(call.type, call.namespace, call.name);
  if (object === undefined) throw notFound(call.type, call.name);
  if (call.verb === 'delete') return remove(store, call, object, now);
  if (call.subresource === 'scale') return scale(store, call, object as Workload);
  return replace(store, call, object);
}

function create(store: Store, { type, namespace, name, body }: Call): ApiAnswer {
  if (name !== '') throw methodNotAllowed();
  const object = admit(type, body, namespace);
  return {
    status: 201,
    body: store.create(type, { ...object, apiVersion: apiVersionOf(type), kind: type.kind }),
  };
}

function replace(store: Store, call: Call, object: KubeObject): ApiAnswer {
  const sent = sentObject(call, object);
  const { uid, creationTimestamp, generation = 1, deletionTimestamp } = object.metadata;
  const metadata = (sent['metadata'] ?? {}) as Partial<KubeObject['metadata']>;
  if (metadata.name !== object.metadata.name)
    throw badRequest('the name of the object does not match the name on the URL');
  const before = object as KubeObject & { spec?: unknown; status?: unknown };
  const statusOnly = call.subresource === 'status';
  const spec = statusOnly ? before.spec : sent['spec'];
  const changed = JSON.stringify(spec) !== JSON.stringify(before.spec);
  const next = {
    ...sent,
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      ...metadata,
      uid,
      creationTimestamp,
      generation: generation + Number(changed),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    ...(spec === undefined ? {} : { spec }),
    // Only its controller and the status subresource write a status.
    ...(before.status === undefined && !statusOnly
      ? {}
      : { status: statusOnly ? sent['status'] : before.status }),
  } as unknown as KubeObject;
  validate(call.type, next);
  return { status: 200, body: store.replace(call.type, next) };
}

function sentObject({ verb, body, contentType, type }: Call, object: unknown): Json {
  if (verb === 'patch') return applyPatch(object as Json, body, contentType, !BUILT_IN.includes(type));
  if (typeof body !== 'object' || body === null) throw badRequest('the body is not a JSON object');
  return body as Json;
}

function scale(store: Store, call: Call, workload: Workload): ApiAnswer {
  const before = scaleDocument(workload);
  const sent = sentObject(call, before) as {
    metadata?: { name?: string; resourceVersion?: string };
    spec?: { replicas?: unknown };
  };
  const { name } = workload.metadata;
  if (sent.metadata?.name !== name)
    throw badRequest('the name of the object does not match the name on the URL');
  const replicas = sent.spec?.replicas ?? 0;
  validateReplicas('Scale.autoscaling', name, replicas);
  const { generation = 1 } = workload.metadata;
  const written = store.replace<Workload>(call.type, {
    ...workload,
    metadata: {
      ...workload.metadata,
      generation: generation + Number(replicas !== workload.spec.replicas),
      // A patch without one carries that of the object it was applied to.
      resourceVersion: sent.metadata.resourceVersion ?? '',
    },
    spec: { ...workload.spec, replicas: replicas as number },
  });
  return { status: 200, body: scaleDocument(written) };
}

function remove(store: Store, call: Call, object: KubeObject, now: number): ApiAnswer {
  const options = (call.body ?? {}) as { gracePeriodSeconds?: number; propagationPolicy?: string };
  if (options.propagationPolicy === 'Orphan') throw badRequest('the stand-in does not orphan dependents');
  if (call.type.plural === PODS.plural) {
    const grace = call.query.get('gracePeriodSeconds') ?? options.gracePeriodSeconds;
    const graceSeconds = grace === undefined ? undefined : Number(grace);
    deletePod(store, object as Pod, { at: now, because: 'deletion', graceSeconds });
    return { status: 200, body: store.get(call.type, call.namespace, call.name) };
  }
  store.remove(call.type, object);
  const { name, uid } = object.metadata;
  const details = { name, kind: call.type.plural, uid };
  return {
    status: 200,
    body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details },
  };
}

function evict(store: Store, { type, namespace, name, verb }: Call, now: number): ApiAnswer {
  if (verb !== 'create') throw methodNotAllowed();
  const pod = store.get<Pod>(type, namespace, name);
  if (pod === undefined) throw notFound(type, name);
  deletePod(store, pod, { at: now, because: 'eviction' });
  return { status: 201, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' } };
}
