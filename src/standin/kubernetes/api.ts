import type { IncomingHttpHeaders } from 'node:http';

import { authenticate, authorize, isAllowed, type Role } from './access.ts';
import { discoveryDocument } from './discovery.ts';
import { BUILT_IN, type ResourceType } from './resource-types.ts';
import { badRequest, methodNotAllowed, StatusError, unsupportedMediaType } from './status-error.ts';
import type { Cluster } from './cluster.ts';
import type { View } from './store.ts';
import { read, type Listing } from './reading.ts';
import { write } from './writing.ts';

export type ApiRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  /** The client presented a certificate that is accepted. */
  readonly certified: boolean;
};

export type ApiState = {
  readonly cluster: Cluster;
  readonly types: readonly ResourceType[];
  readonly tokens: ReadonlySet<string>;
  /** Undefined: everything is allowed. */
  readonly role: Role | undefined;
  /** What reads are answered from; undefined: the state now. */
  readonly stale: View | undefined;
  readonly now: () => number;
};

/** A request for objects, taken from its URL. */
export type Call = {
  readonly type: ResourceType;
  readonly verb: string;
  /** Empty: of all namespaces, or of a type without. */
  readonly namespace: string;
  /** Empty: of the collection. */
  readonly name: string;
  readonly subresource: string;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly body: unknown;
};

export type ApiAnswer =
  | {
      readonly status: number;
      readonly body: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly watch: Listing };

/** Answers a request of a client. A failure is an answer, too: a Status document. */
export function answer(state: ApiState, request: ApiRequest): ApiAnswer {
  try {
    if (!request.certified) authenticate(state.tokens, request.headers.authorization);
    const { pathname, searchParams } = new URL(request.path, 'http://localhost');
    const document = request.method === 'GET' ? discoveryDocument(state.types, pathname) : undefined;
    if (document !== undefined) return { status: 200, body: document };
    if (pathname === '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews')
      return { status: 201, body: reviewed(state, jsonOf(request)) };
    const call = callOf(state.types, request, { pathname, query: searchParams });
    authorize(state.role, call);
    return carryOut(state, call);
  } catch (error) {
    if (error instanceof StatusError) return { status: error.code, body: error.body, headers: error.headers };
    return { status: 500, body: new StatusError(500, 'InternalError', String(error)).body };
  }
}

function carryOut(state: ApiState, call: Call): ApiAnswer {
  const view = state.stale ?? state.cluster.store;
  if (['get', 'list', 'watch'].includes(call.verb)) return read(state.cluster.store, view, call);
  const written = write(state.cluster.store, call, state.now());
  state.cluster.settle();
  return written;
}

function callOf(
  types: readonly ResourceType[],
  { method, headers, body }: ApiRequest,
  { pathname, query }: { readonly pathname: string; readonly query: URLSearchParams },
): Call {
  const path =
    /^\/(?:api|apis\/([^/]+))\/([^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;
  // The namespaces themselves have the path of a namespace without a resource below it.
  const own = /^\/api\/v1\/namespaces(?:\/([^/]+))?$/.exec(pathname);
  const [, group = '', version, namespace = '', plural, name = '', subresource = ''] =
    own === null ? (path.exec(pathname) ?? []) : ['', '', 'v1', '', 'namespaces', own[1]];
  const type = types.find(
    (each) => each.group === group && each.version === version && each.plural === plural,
  );
  if (type === undefined || !hasSubresource(type, subresource)) throw noSuchPath();
  if (type.namespaced && name !== '' && namespace === '') throw noSuchPath();
  const verb = verbOf(method, name, query);
  if (verb === undefined) throw methodNotAllowed();
  const contentType = contentTypeOf(headers);
  return { type, verb, namespace, name: decodeURIComponent(name), subresource, query, contentType, body };
}

function jsonOf({ headers, body }: ApiRequest): unknown {
  if (contentTypeOf(headers) !== 'application/json') throw unsupportedMediaType(['application/json']);
  return body;
}

function contentTypeOf(headers: IncomingHttpHeaders): string {
  return (headers['content-type'] ?? 'application/json').split(';')[0]?.trim() ?? '';
}

function hasSubresource(type: ResourceType, subresource: string): boolean {
  if (subresource === '' || subresource === 'status') return true;
  if (subresource === 'scale') return type.scaledAs !== undefined;
  return subresource === 'eviction' && type.plural === 'pods';
}

function verbOf(method: string, name: string, query: URLSearchParams): string | undefined {
  const watching = ['true', '1'].includes(query.get('watch') ?? '');
  if (method === 'GET') return name === '' ? (watching ? 'watch' : 'list') : 'get';
  if (method === 'POST') return 'create';
  if (name === '') return undefined;
  return { PUT: 'update', PATCH: 'patch', DELETE: 'delete' }[method];
}

function noSuchPath(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {
    details: {},
  });
}

/** A SelfSubjectAccessReview: whether the Role allows what the client wants to do. */
function reviewed(state: ApiState, body: unknown): unknown {
  const review = body as { spec?: { resourceAttributes?: Record<string, string> } } | undefined;
  const attributes = review?.spec?.resourceAttributes;
  if (attributes === undefined) throw badRequest('spec.resourceAttributes is missing');
  const { group = '', resource = '', subresource = '', verb = '', namespace = '', name = '' } = attributes;
  const type = BUILT_IN.find((each) => each.group === group && each.plural === resource) ?? {
    ...{ group, version: '', plural: resource, kind: '', namespaced: true },
  };
  const allowed = isAllowed(state.role, { verb, type, subresource, namespace, name });
  return { ...review, status: { allowed } };
}
