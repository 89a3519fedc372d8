import { kubernetesFormation } from '../../../src/adapters/kubernetes/formation.ts';
import { send, type Request } from '../../../src/adapters/http/send.ts';
import { parseTarget } from '../../../src/config/target.ts';
import { reconcile, type Carried } from '../../../src/control/reconcile.ts';
import type { Tick } from '../../../src/control/outcome.ts';
import type { Ports } from '../../../src/ports.ts';
import type { PolicyRule } from '../../../src/standin/kubernetes/access.ts';
import type { Kubernetes } from '../../../src/standin/kubernetes/contract.ts';
import { startKubernetes } from '../../../src/standin/kubernetes/kubernetes.ts';
import { backlog, InMemoryPorts, processType, queue } from '../ports.ts';

export const TICK_MS = 10_000;
const UNANSWERED_MS = 40;
const SETTINGS = processType({ min: 1, max: 20, scaleDownDelayMs: 0, manualHoldMs: 0 });

/** The rights of docs/kubernetes.md, one rule each, and one that another client uses. */
const RIGHTS: readonly (readonly [verb: string, group: string, resource: string])[] = [
  ['get', 'apps', 'deployments'],
  ['get', 'apps', 'deployments/scale'],
  ['patch', 'apps', 'deployments/scale'],
  ['list', '', 'pods'],
  ['patch', '', 'pods'],
  ['delete', '', 'pods'],
  ['list', '', 'events'],
  ['list', 'autoscaling', 'horizontalpodautoscalers'],
  ['list', 'keda.sh', 'scaledobjects'],
];

/** The real Kubernetes adapter in the real control loop, against the stand-in; all other ports are in memory. */
export class ClusterHarness {
  readonly target = 'deployment/worker';
  readonly ports = new InMemoryPorts();
  readonly kubernetes: Kubernetes;
  /** Requests that will not be answered: Drover waits only shortly for them. */
  unanswered: (request: { readonly method: string; readonly path: string }) => boolean = () => false;
  /** What happens before a request is sent. */
  before: (request: Pick<Request, 'method' | 'url'>) => Promise<void> = async () => {};
  readonly #rules: PolicyRule[];
  readonly #ports: Ports;
  #carried: Carried;
  #token: string;
  #rewritten = { from: '', to: '' };

  static async start(): Promise<ClusterHarness> {
    const rules: PolicyRule[] = [];
    const now: { of?: InMemoryPorts } = {};
    const kubernetes = await startKubernetes({
      workloads: [{ target: 'deployment/worker', replicas: 3 }],
      clock: { now: () => now.of?.at ?? 1_000_000 },
      rules,
    });
    const harness = new ClusterHarness(kubernetes, rules);
    now.of = harness.ports;
    return harness;
  }

  private constructor(kubernetes: Kubernetes, rules: PolicyRule[]) {
    this.kubernetes = kubernetes;
    this.#rules = rules;
    this.#token = kubernetes.token;
    this.grantAll();
    const target = parseTarget(this.target);
    if (target === undefined) throw new Error('no target');
    this.#ports = {
      ...this.ports.ports,
      formation: kubernetesFormation({
        credentials: async () => ({ server: kubernetes.url, token: this.#token }),
        namespace: kubernetes.namespace,
        targets: new Map([['worker', target]]),
        clock: this.ports.ports.clock,
        sender: async (request, signal) => await this.#send(request, signal),
      }),
    };
  }

  get replicas(): number {
    return this.kubernetes.replicas(this.target);
  }

  /** Sets the backlog so that this many pods are right. */
  need(pods: number): void {
    this.ports.backlogs = [backlog({ queues: [queue({ waiting: pods * SETTINGS.jobsPerWorker - 50 })] })];
  }

  async tick(): Promise<Tick> {
    this.ports.at += TICK_MS;
    const request = { ports: this.#ports, tickMs: TICK_MS, signal: new AbortController().signal };
    const { tick, carried } = await reconcile(request, [SETTINGS], this.#carried);
    this.#carried = carried;
    return tick;
  }

  /** As the volume of a service account's token is read again. */
  readToken(): void {
    this.#token = this.kubernetes.token;
  }

  grantAll(): void {
    const rules = RIGHTS.map(([verb, group, resource]) => ({
      verbs: [verb],
      apiGroups: [group],
      resources: [resource],
    }));
    this.#rules.splice(0, Infinity, ...rules);
  }

  /** Throws where there is no such right: a fault that takes nothing away would be none. */
  revoke(verb: string, resource: string): void {
    const index = this.#rules.findIndex(
      ({ verbs, resources }) => verbs.includes(verb) && resources.includes(resource),
    );
    if (index < 0) throw new Error(`no right to ${verb} ${resource}`);
    this.#rules.splice(index, 1);
  }

  /** Removes the object at the URL, as `kubectl delete` does. */
  async delete(url: string): Promise<void> {
    const headers = { authorization: `Bearer ${this.kubernetes.token}` };
    const { ok, status } = await fetch(url, { method: 'DELETE', headers });
    if (!ok) throw new Error(`status ${status}`);
  }

  /** Sends requests to another path, as if the settings named it. */
  rewrite(from: string, to: string): void {
    this.#rewritten = { from, to };
  }

  async #send(request: Request, signal: AbortSignal): ReturnType<typeof send> {
    await this.before(request);
    const { from, to } = this.#rewritten;
    const { pathname, search } = new URL(request.url);
    const waits = !this.unanswered({ method: request.method, path: pathname + search });
    const timeoutMs = waits ? request.timeoutMs : UNANSWERED_MS;
    return await send({ ...request, url: request.url.replace(from, to), timeoutMs }, signal);
  }
}
