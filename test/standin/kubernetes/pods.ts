import type { Pod, PodPhase, Workload } from '../../../src/standin/kubernetes/objects.ts';

export type PodShape = {
  readonly uid: string;
  readonly name?: string;
  /** Empty: not assigned. */
  readonly node?: string;
  readonly phase?: PodPhase;
  /** Epoch ms; absent: not ready. */
  readonly readyAt?: number | undefined;
  readonly createdAt?: number;
  readonly cost?: string;
  readonly restarts?: number;
  readonly terminating?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
};

/** A pod as the API shows it; ready unless it says otherwise. */
export function podOf(shape: PodShape): Pod {
  const { uid, name = uid, node = 'node-1', phase = 'Running', createdAt = 0, cost, restarts = 0 } = shape;
  const readyAt = 'readyAt' in shape ? shape.readyAt : 0;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      uid,
      resourceVersion: '1',
      creationTimestamp: new Date(createdAt).toISOString(),
      labels: shape.labels ?? {},
      annotations: cost === undefined ? {} : { 'controller.kubernetes.io/pod-deletion-cost': cost },
      ...(shape.terminating === true ? { deletionTimestamp: new Date(createdAt).toISOString() } : {}),
    },
    spec: { containers: [], ...(node === '' ? {} : { nodeName: node }) },
    status: {
      phase,
      conditions: [
        readyAt === undefined
          ? { type: 'Ready', status: 'False' }
          : { type: 'Ready', status: 'True', lastTransitionTime: new Date(readyAt).toISOString() },
      ],
      containerStatuses: [{ name: 'main', restartCount: restarts, ready: readyAt !== undefined, state: {} }],
    },
  };
}

export function workloadOf(
  name: string,
  spec: Partial<Workload['spec']> & { readonly replicas: number },
  more: {
    readonly available?: number;
    readonly createdAt?: number;
    readonly annotations?: Record<string, string>;
  } = {},
): Workload {
  const available = more.available ?? spec.replicas;
  return {
    apiVersion: 'apps/v1',
    kind: 'Any',
    metadata: {
      name,
      uid: name,
      resourceVersion: '1',
      creationTimestamp: new Date(more.createdAt ?? 0).toISOString(),
      annotations: more.annotations ?? {},
    },
    spec: { selector: {}, template: { spec: { containers: [] } }, ...spec },
    status: { replicas: spec.replicas, availableReplicas: available },
  };
}
