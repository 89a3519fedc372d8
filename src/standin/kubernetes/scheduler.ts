import { recordEvent } from './events.ts';
import { timestamp, type Condition, type Node, type Pod } from './objects.ts';
import { isTerminating } from './pod-state.ts';
import { NODES, PODS } from './resource-types.ts';
import type { Store } from './store.ts';

/** Binds pods to the node with the fewest, and says why where none has room. */
export function schedule(store: Store, now: number): void {
  const waiting = store
    .list<Pod>(PODS, '')
    .filter((pod) => pod.spec.nodeName === undefined && !isTerminating(pod));
  for (const pod of waiting) {
    const node = roomiest(store);
    if (node === undefined) {
      const message = noRoom(store.list<Node>(NODES, ''));
      setScheduled(store, pod, { status: 'False', reason: 'Unschedulable', message }, now);
      const report = { type: 'Warning', reason: 'FailedScheduling', message } as const;
      recordEvent(store, pod, { ...report, component: 'default-scheduler' }, now);
      continue;
    }
    const bound = { ...pod, spec: { ...pod.spec, nodeName: node.metadata.name } };
    setScheduled(store, bound, { status: 'True' }, now);
  }
}

function roomiest(store: Store): Node | undefined {
  const pods = store.list<Pod>(PODS, '');
  const load = (node: Node): number => pods.filter((pod) => pod.spec.nodeName === node.metadata.name).length;
  return store
    .list<Node>(NODES, '')
    .filter((node) => node.spec.unschedulable !== true && load(node) < Number(node.status.capacity.pods))
    .toSorted((a, b) => load(a) - load(b))[0];
}

function noRoom(nodes: readonly Node[]): string {
  const closed = nodes.filter(({ spec }) => spec.unschedulable === true).length;
  const full = nodes.length - closed;
  const reasons = [
    ...(full > 0 ? [`${full} Too many pods`] : []),
    ...(closed > 0 ? [`${closed} node(s) were unschedulable`] : []),
  ];
  const head = `0/${nodes.length} nodes are available`;
  return nodes.length === 0 ? 'no nodes available to schedule pods' : `${head}: ${reasons.join(', ')}.`;
}

function setScheduled(
  store: Store,
  pod: Pod,
  state: Pick<Condition, 'status' | 'reason' | 'message'>,
  now: number,
): void {
  const others = (pod.status.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  const before = (pod.status.conditions ?? []).find(({ type }) => type === 'PodScheduled');
  const since = before?.status === state.status ? before.lastTransitionTime : undefined;
  const condition = { type: 'PodScheduled', lastTransitionTime: since ?? timestamp(now), ...state };
  store.replace<Pod>(PODS, { ...pod, status: { ...pod.status, conditions: [condition, ...others] } });
}
