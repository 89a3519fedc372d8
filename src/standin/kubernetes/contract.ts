import type { Intercept } from '../fault.ts';
import type { PlatformLogEntry } from '../request-log.ts';
import type { TlsOptions } from '../server.ts';
import type { Stopped } from '../stopped.ts';
import type { PolicyRule } from './access.ts';
import type { SpawnPod } from './container.ts';
import type { Manifest, WorkloadSpec } from './manifest.ts';
import type { PodPhase, Texts } from './objects.ts';
import type { ResourceType } from './resource-types.ts';

export type KubernetesOptions = {
  /** Default `default`. */
  readonly namespace?: string;
  readonly workloads: readonly WorkloadSpec[];
  /** Nodes, and how many pods each takes; default one that takes 110. */
  readonly nodes?: Readonly<Record<string, number>>;
  /** Types of custom resources, such as KEDA's ScaledObjects or a workload of another controller. */
  readonly customTypes?: readonly ResourceType[];
  /**
   * Starts the process of each pod; absent: pods are only records. Spawn it `detached` so that its own children get
   * SIGTERM and SIGKILL too. If this process may be killed with SIGKILL, give the child an IPC channel or a pipe and let
   * it exit when that closes: the stand-in can no longer stop it then.
   */
  readonly processes?: SpawnPod;
  /** From the assignment of a pod to a node to the start of its process; default 0. */
  readonly bootMs?: number;
  /** From the start of its process to Ready; default 0. */
  readonly readyMs?: number;
  /** How long a pod that is only a record takes to end after its SIGTERM; default 0. */
  readonly endMs?: number;
  /** Real ms of a second of a grace time or back-off; default 1000. */
  readonly secondMs?: number;
  /** Default: a random one. */
  readonly token?: string;
  /** The Role of the token's account, in the namespace; absent: everything is allowed. */
  readonly rules?: readonly PolicyRule[];
  /** Absent: plain HTTP. */
  readonly tls?: TlsOptions;
  /** Epoch ms for records; default the system's clock. Processes run in real time. */
  readonly clock?: { now(): number };
};

export type KubernetesPod = {
  readonly name: string;
  readonly workload: string;
  readonly phase: PodPhase;
  readonly ready: boolean;
  readonly terminating: boolean;
  /** Empty while it is not assigned. */
  readonly node: string;
  readonly restarts: number;
  readonly annotations: Texts;
  readonly pid: number | undefined;
};

/** A running stand-in. Methods that name something throw if there is none of that name. */
export type Kubernetes = {
  /** The API server: set it as `server` of a kubeconfig. */
  readonly url: string;
  readonly namespace: string;
  /** The token that is valid now. */
  readonly token: string;
  /** Makes a new token; the old one is refused from now on. */
  rotateToken(): string;
  /** A kubeconfig with the URL, the token and, with TLS, the server's certificate as its CA. */
  readonly kubeconfig: string;
  /** Replicas that a target such as `deployment/worker` is to have. */
  replicas(target: string): number;
  /** As an operator does with `kubectl scale`. */
  setReplicas(target: string, replicas: number): void;
  /** As `kubectl set image` does: every pod is replaced, by the rules of its workload. */
  rollOut(target: string, image: string): void;
  /** Pods of all workloads, including those that are going. */
  pods(): readonly KubernetesPod[];
  /** Creates an object, such as a quota, an autoscaler or another workload. */
  create(manifest: Manifest): void;
  /** As `kubectl drain` does: the node takes no more pods, and those on it get SIGTERM. */
  drainNode(name: string): void;
  /** While true, nothing follows a change of an object: `observedGeneration` stays behind. */
  setControllersSuspended(suspended: boolean): void;
  /** While true, reads are answered from the state at this call. */
  setReadsStale(stale: boolean): void;
  /** Chooses what goes wrong with each request from now on; `undefined`: nothing. */
  intercept(fault: Intercept | undefined): void;
  /** The last 10,000 requests, oldest first. */
  readonly requests: readonly PlatformLogEntry[];
  /** SIGKILLs sent because a grace time ran out. */
  readonly kills: number;
  /** Pods that were stopped while they had a process: the last 10,000, oldest first. */
  readonly stopped: readonly Stopped[];
  /** Seconds that pods have existed so far. */
  podSeconds(target: string): number;
  /** Open connections. */
  readonly connections: number;
  /** Stops the server and every process: SIGTERM, and SIGKILL after a second. Can be called again. */
  close(): Promise<void>;
};
