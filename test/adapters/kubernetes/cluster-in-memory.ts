import type { Answer } from '../../../src/adapters/http/answer.ts';
import type { NoAnswer, Request } from '../../../src/adapters/http/send.ts';
import { DELETION_COST } from '../../../src/adapters/kubernetes/pods.ts';

export type PodFacts = {
  name: string;
  owner?: string;
  phase?: string;
  node?: string | undefined;
  ready?: boolean;
  started?: boolean;
  leaving?: boolean;
  cost?: string | undefined;
  unschedulable?: { reason: string; since: string };
  createdAt?: string;
};

/** What an intercepted request comes to instead of its answer; `pass`: its answer. */
type Intercept = (request: Request) => Answer | NoAnswer | 'pass' | Promise<Answer | NoAnswer | 'pass'>;

/** An API server's answers to what the adapter asks, for one target. No controller acts. */
export class ClusterInMemory {
  replicas = 3;
  version = 1;
  pods: PodFacts[] = ['a', 'b', 'c'].map((end) => ({ name: `worker-7d9f-${end}` }));
  object: Record<string, unknown> = { metadata: { generation: 1 }, status: { observedGeneration: 1 } };
  events: unknown[] = [];
  autoscalers: unknown[] = [];
  scaledObjects: unknown[] | undefined = [];
  denied: string[] = [];
  at = Date.parse('2026-11-23T12:00:00Z');
  intercept: Intercept = () => 'pass';
  readonly requests: string[] = [];
  readonly headers: Readonly<Record<string, string>>[] = [];

  readonly sender = async (request: Request): Promise<Answer | NoAnswer> => {
    const { pathname, searchParams } = new URL(request.url);
    const short = pathname.replace(/^.*\/namespaces\/prod\//, '');
    this.requests.push(`${request.method} ${short}`);
    this.headers.push(request.headers);
    const other = await this.intercept(request);
    return other === 'pass' ? this.#answer(request, short, searchParams) : other;
  };

  #answer({ method, body, headers }: Request, path: string, query: URLSearchParams): Answer {
    if (method === 'PATCH' && headers['content-type'] !== 'application/merge-patch+json')
      return this.status(415, 'UnsupportedMediaType');
    if (path.endsWith('/scale')) return method === 'PATCH' ? this.#setScale(body) : this.#scale();
    if (path === 'pods') {
      if (query.get('labelSelector') !== 'app=worker') return this.status(400, 'BadRequest');
      return this.#ok({ items: this.pods.map((pod) => podObject(pod)) });
    }
    if (path.startsWith('pods/')) return this.#setCost(path.slice('pods/'.length), body);
    if (path === 'events') return this.#ok({ items: this.events });
    if (path === 'horizontalpodautoscalers') return this.#ok({ items: this.autoscalers });
    if (path === 'scaledobjects')
      return this.scaledObjects === undefined
        ? { status: 404, header: () => undefined, json: undefined }
        : this.#ok({ items: this.scaledObjects });
    if (path.endsWith('selfsubjectaccessreviews')) return this.#review(body);
    if (path === '/apis/argoproj.io') return this.#ok({ preferredVersion: { version: 'v1alpha1' } });
    return this.#ok(this.object);
  }

  #scale(): Answer {
    return this.#ok({
      kind: 'Scale',
      metadata: { resourceVersion: String(this.version) },
      spec: { replicas: this.replicas },
      status: { replicas: this.pods.length, selector: 'app=worker' },
    });
  }

  #setScale(body: unknown): Answer {
    const { metadata, spec } = body as { metadata: { resourceVersion: string }; spec: { replicas: number } };
    if (metadata.resourceVersion !== String(this.version)) return this.status(409, 'Conflict');
    this.replicas = spec.replicas;
    this.version += 1;
    return this.#scale();
  }

  #setCost(name: string, body: unknown): Answer {
    const pod = this.pods.find((candidate) => candidate.name === name);
    if (pod === undefined) return this.status(404, 'NotFound', name);
    const { metadata } = body as { metadata: { annotations: Record<string, string | null> } };
    pod.cost = metadata.annotations[DELETION_COST] ?? undefined;
    return this.#ok(podObject(pod));
  }

  #review(body: unknown): Answer {
    const { spec } = body as { spec: { resourceAttributes: Record<string, string> } };
    const { verb, group, resource, subresource } = spec.resourceAttributes;
    const whole = [
      `${resource}${group === '' ? '' : `.${group}`}`,
      ...(subresource ? [subresource] : []),
    ].join('/');
    return this.#ok({ status: { allowed: !this.denied.includes(`${verb} ${whole}`) } });
  }

  #ok(json: unknown): Answer {
    return {
      status: 200,
      header: (name) => (name === 'date' ? new Date(this.at).toUTCString() : undefined),
      json,
    };
  }

  /** A refusal as the API writes it. */
  status(code: number, reason: string, name = 'worker', headers: Record<string, string> = {}): Answer {
    const json = { kind: 'Status', code, reason, message: `${reason}: ${name}`, details: { name } };
    return { status: code, header: (key) => headers[key], json };
  }
}

function podObject({
  name,
  owner = 'rs-1',
  phase = 'Running',
  node = 'node-1',
  ready = true,
  started = true,
  leaving = false,
  cost,
  unschedulable,
  createdAt = '2026-11-23T11:00:00Z',
}: PodFacts): unknown {
  return {
    metadata: {
      name,
      creationTimestamp: createdAt,
      ...(leaving ? { deletionTimestamp: '2026-11-23T11:59:59Z' } : {}),
      ...(cost === undefined ? {} : { annotations: { [DELETION_COST]: cost } }),
      ownerReferences: [{ controller: true, uid: owner }],
    },
    spec: unschedulable ? {} : { nodeName: node },
    status: {
      phase,
      conditions: [
        { type: 'Ready', status: ready ? 'True' : 'False' },
        ...(unschedulable
          ? [
              {
                type: 'PodScheduled',
                status: 'False',
                reason: 'Unschedulable',
                message: unschedulable.reason,
                lastTransitionTime: unschedulable.since,
              },
            ]
          : []),
      ],
      containerStatuses: [{ state: started ? { running: {} } : { waiting: {} } }],
    },
  };
}
