import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

import type { Intercept } from '../fault.ts';
import { RequestLog } from '../request-log.ts';
import { startServer } from '../server.ts';
import { admit } from './admission.ts';
import { answer } from './api.ts';
import { Cluster } from './cluster.ts';
import type { Kubernetes, KubernetesOptions } from './contract.ts';
import { nodeManifest, parseTarget, typeOf, workloadManifest, type Manifest } from './manifest.ts';
import { PodUsage } from './pod-usage.ts';
import type { KubeObject, Node, Pod, Workload } from './objects.ts';
import { deletePod } from './pod-factory.ts';
import { isReady, isTerminating, restartsOf } from './pod-state.ts';
import { replyOf } from './reply.ts';
import { BUILT_IN, NODES, PODS, type ResourceType } from './resource-types.ts';
import type { View } from './store.ts';

/** Starts a loopback server that speaks the Kubernetes API and runs workloads as its controllers do. */
export async function startKubernetes(options: KubernetesOptions): Promise<Kubernetes> {
  const now = options.clock === undefined ? Date.now : options.clock.now.bind(options.clock);
  const { namespace = 'default', customTypes = [], nodes = { 'node-1': 110 } } = options;
  const types = [...BUILT_IN, ...customTypes];
  const cluster = new Cluster({
    types,
    now,
    wakes: options.clock === undefined,
    processes: options.processes,
    bootMs: options.bootMs ?? 0,
    readyMs: options.readyMs ?? 0,
    endMs: options.endMs ?? 0,
    secondMs: options.secondMs ?? 1_000,
  });
  const { store, kubelet } = cluster;
  const role = options.rules === undefined ? undefined : { namespace, rules: options.rules };
  const usage = new PodUsage(store, now);
  const log = new RequestLog(now);
  const tokens = new Set([options.token ?? `drover-standin-${randomUUID()}`]);
  let intercept: Intercept | undefined;
  let stale: View | undefined;

  const create = (manifest: Manifest): void => {
    const type = typeOf(types, manifest);
    const object = admit(type, manifest, manifest.metadata.namespace ?? namespace);
    store.create<KubeObject>(type, object);
    cluster.settle();
  };
  create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  for (const [name, pods] of Object.entries(nodes)) create(nodeManifest(name, pods));
  for (const workload of options.workloads) create(workloadManifest(types, workload));

  const server = await startServer({
    now,
    tls: options.tls,
    record: (request) => log.record(request),
    fault: (request) => intercept?.(request) ?? 'pass',
    reply: (message, { method, path, headers, body }) => {
      cluster.settle();
      const request = { method, path, headers, body, certified: isCertified(message) };
      return replyOf(answer({ cluster, types, tokens, role, stale, now }, request));
    },
  });

  const workloadOf = (target: string): { readonly type: ResourceType; readonly workload: Workload } => {
    const { type, name } = parseTarget(types, target);
    const workload = store.get<Workload>(type, namespace, name);
    if (workload === undefined) throw new Error(`the cluster has no ${target}`);
    return { type, workload };
  };
  const change = (target: string, spec: (workload: Workload) => Partial<Workload['spec']>): void => {
    const { type, workload } = workloadOf(target);
    const { generation = 1 } = workload.metadata;
    const metadata = { ...workload.metadata, generation: generation + 1 };
    store.replace<Workload>(type, { ...workload, metadata, spec: { ...workload.spec, ...spec(workload) } });
    cluster.settle();
  };
  const token = (): string => [...tokens][0] ?? '';

  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    await server.close();
    await cluster.close();
  };

  return {
    url: server.url,
    namespace,
    get token() {
      return token();
    },
    rotateToken() {
      tokens.clear();
      tokens.add(`drover-standin-${randomUUID()}`);
      return token();
    },
    get kubeconfig() {
      return kubeconfigOf({ url: server.url, token: token(), namespace, ca: options.tls?.cert });
    },
    replicas: (target) => workloadOf(target).workload.spec.replicas,
    setReplicas: (target, replicas) => change(target, () => ({ replicas })),
    rollOut: (target, image) =>
      change(target, ({ spec: { template } }) => ({
        template: {
          ...template,
          spec: {
            ...template.spec,
            containers: template.spec.containers.map((container) => ({ ...container, image })),
          },
        },
      })),
    pods() {
      cluster.settle();
      return store.list<Pod>(PODS, namespace).map((pod) => ({
        name: pod.metadata.name,
        workload: kubelet.workloadOf(pod),
        phase: pod.status.phase,
        ready: isReady(pod),
        terminating: isTerminating(pod),
        node: pod.spec.nodeName ?? '',
        restarts: restartsOf(pod),
        annotations: pod.metadata.annotations ?? {},
        pid: kubelet.pidOf(pod),
      }));
    },
    create,
    drainNode(name) {
      const node = store.get<Node>(NODES, '', name);
      if (node === undefined) throw new Error(`the cluster has no node ${name}`);
      store.replace<Node>(NODES, { ...node, spec: { ...node.spec, unschedulable: true } });
      for (const pod of store.list<Pod>(PODS, ''))
        if (pod.spec.nodeName === name) deletePod(store, pod, { at: now(), because: 'eviction' });
      cluster.settle();
    },
    setControllersSuspended(suspended) {
      cluster.suspended = suspended;
    },
    setReadsStale(isStale) {
      stale = isStale ? store.snapshot() : undefined;
    },
    intercept(fault) {
      intercept = fault;
    },
    requests: log.entries,
    get kills() {
      return kubelet.kills;
    },
    stopped: kubelet.stopped,
    podSeconds: (target) =>
      usage.seconds((pod) => kubelet.workloadOf(pod) === parseTarget(types, target).name),
    get connections() {
      return server.connections();
    },
    close: () => (closing ??= closeAll()),
  };
}

function isCertified({ socket }: IncomingMessage): boolean {
  return (socket as Partial<TLSSocket>).authorized === true;
}

function kubeconfigOf(parts: {
  readonly url: string;
  readonly token: string;
  readonly namespace: string;
  readonly ca: string | undefined;
}): string {
  const { url, token, namespace, ca } = parts;
  const trust =
    ca === undefined ? '' : `, "certificate-authority-data": "${Buffer.from(ca).toString('base64')}"`;
  return [
    'apiVersion: v1',
    'kind: Config',
    'current-context: standin',
    `clusters: [{ name: standin, cluster: { server: "${url}"${trust} } }]`,
    `users: [{ name: drover, user: { token: "${token}" } }]`,
    `contexts: [{ name: standin, context: { cluster: standin, user: drover, namespace: ${namespace} } }]`,
    '',
  ].join('\n');
}
