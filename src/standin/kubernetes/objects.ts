import type { StopReason } from '../stopped.ts';

/** The parts of Kubernetes documents that the stand-in reads and writes. Other fields are kept as they were sent. */
export type Fields = Readonly<Record<string, unknown>>;
export type Texts = Readonly<Record<string, string>>;

export type OwnerReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller: true;
  readonly blockOwnerDeletion: true;
};

/** Why a pod was deleted. Under a symbol because no client of the API reads it. */
export const DELETED_BECAUSE = Symbol('why the pod was deleted');

/** Times are RFC 3339 to the second, as Kubernetes writes them. */
export type Metadata = {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly creationTimestamp: string;
  readonly labels?: Texts;
  readonly annotations?: Texts;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly [DELETED_BECAUSE]?: StopReason;
};

export type KubeObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
};

export type Condition = {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
};

export type Container = {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
};

export type PodSpec = {
  readonly containers: readonly Container[];
  readonly nodeName?: string;
  readonly terminationGracePeriodSeconds?: number;
};

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';

export type Pod = KubeObject & {
  readonly spec: PodSpec;
  readonly status: {
    readonly phase: PodPhase;
    readonly conditions?: readonly Condition[];
    readonly startTime?: string;
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly restartCount: number;
      readonly ready: boolean;
      readonly state: Fields;
    }[];
  };
};

export type PodTemplate = {
  readonly metadata?: { readonly labels?: Texts; readonly annotations?: Texts };
  readonly spec: PodSpec;
};

export type Selector = {
  readonly matchLabels?: Texts;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
};

/** A share of the replicas, `25%`, or a number of them. */
export type IntOrPercent = number | string;

export type WorkloadStatus = {
  readonly observedGeneration?: number;
  readonly replicas: number;
  readonly updatedReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly unavailableReplicas?: number;
  readonly currentReplicas?: number;
  readonly fullyLabeledReplicas?: number;
  readonly currentRevision?: string;
  readonly updateRevision?: string;
  readonly conditions?: readonly Condition[];
};

/** A Deployment, a StatefulSet, a ReplicaSet, or a custom resource of the same shape. */
export type Workload = KubeObject & {
  readonly spec: {
    readonly replicas: number;
    readonly selector: Selector;
    readonly template: PodTemplate;
    readonly paused?: boolean;
    readonly strategy?: {
      readonly type?: 'RollingUpdate' | 'Recreate';
      readonly rollingUpdate?: { readonly maxSurge?: IntOrPercent; readonly maxUnavailable?: IntOrPercent };
    };
    readonly podManagementPolicy?: 'OrderedReady' | 'Parallel';
    readonly ordinals?: { readonly start?: number };
    readonly updateStrategy?: {
      readonly type?: 'RollingUpdate' | 'OnDelete';
      readonly rollingUpdate?: { readonly partition?: number };
    };
  };
  readonly status: WorkloadStatus;
};

export type Node = KubeObject & {
  readonly spec: { readonly unschedulable?: boolean };
  readonly status: { readonly capacity: { readonly pods: string } };
};

export type ResourceQuota = KubeObject & {
  readonly spec: { readonly hard?: Texts };
  readonly status: { readonly hard?: Texts; readonly used?: Texts };
};

export type KubeEvent = KubeObject & {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  readonly involvedObject: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
  };
  readonly source: { readonly component: string };
};

/** RFC 3339 to the second; `at` is epoch ms. */
export function timestamp(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller);
}
