import type { KubeObject, Workload } from './objects.ts';
import type { ApiAnswer, Call } from './api.ts';
import { apiVersionOf } from './resource-types.ts';
import { scaleDocument } from './scale-document.ts';
import { parseFieldSelector, parseLabelSelector } from './selectors.ts';
import { badRequest, notFound, StatusError } from './status-error.ts';
import type { Change, Store, View } from './store.ts';

/** Changes to report to a client until it closes the connection or `timeoutMs` is over. */
export type Listing = {
  readonly timeoutMs: number;
  /** Calls `send` with each change, first with those that are there. Returns what ends it. */
  readonly follow: (send: (event: { type: string; object: unknown }) => void) => () => void;
};

/** Answers get, list and watch. Watches see the state now, whatever `view` is. */
export function read(store: Store, view: View, call: Call): ApiAnswer {
  const { type, name, namespace, subresource } = call;
  if (call.verb === 'watch') return { watch: watchOf(store, call) };
  if (call.verb === 'list') return { status: 200, body: listDocument(view, call) };
  const object = view.get(type, namespace, name);
  if (object === undefined) throw notFound(type, name);
  return { status: 200, body: subresource === 'scale' ? scaleDocument(object as Workload) : object };
}

function matching({ query, namespace }: Call): (object: KubeObject) => boolean {
  const labels = parseLabelSelector(query.get('labelSelector') ?? '');
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '');
  return (object) =>
    (namespace === '' || object.metadata.namespace === namespace) &&
    labels(object.metadata.labels ?? {}) &&
    fields(object);
}

function listDocument(view: View, call: Call): unknown {
  const { type, query } = call;
  const all = view.list(type, call.namespace).filter(matching(call));
  const limit = Number(query.get('limit') ?? 0) || all.length;
  const from = startOf(query.get('continue') ?? '');
  const items = all.slice(from, from + limit);
  const left = all.length - from - items.length;
  const next = Buffer.from(String(from + items.length)).toString('base64url');
  return {
    kind: `${type.kind}List`,
    apiVersion: apiVersionOf(type),
    metadata: {
      resourceVersion: String(view.version),
      ...(left > 0 ? { continue: next, remainingItemCount: left } : {}),
    },
    items,
  };
}

function startOf(token: string): number {
  const start = token === '' ? 0 : Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isSafeInteger(start)) throw badRequest('continue key is not valid');
  return start;
}

function watchOf(store: Store, call: Call): Listing {
  const matches = matching(call);
  const version = Number(call.query.get('resourceVersion') ?? 0);
  if (version > 0 && version < store.oldestVersion) {
    const message = `too old resource version: ${version} (${store.oldestVersion})`;
    throw new StatusError(410, 'Expired', message);
  }
  return {
    timeoutMs: Number(call.query.get('timeoutSeconds') ?? 300) * 1000,
    follow: (send) => {
      const from = version > 0 ? version : store.version;
      if (version === 0)
        for (const object of store.list(call.type, call.namespace).filter(matches))
          send({ type: 'ADDED', object });
      return store.watch(from, ({ type, resource, object }: Change) => {
        if (resource.plural === call.type.plural && resource.group === call.type.group && matches(object))
          send({ type, object });
      });
    },
  };
}
