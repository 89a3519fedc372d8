import { recordStop, type Stopped } from '../stopped.ts';
import { controllerOf, DELETED_BECAUSE, timestamp, type Condition, type Pod } from './objects.ts';
import { PODS, REPLICA_SETS } from './resource-types.ts';
import {
  ProcessContainer,
  RecordContainer,
  type Container,
  type ContainerTimes,
  type SpawnPod,
} from './container.ts';
import type { Store } from './store.ts';

export type KubeletOptions = ContainerTimes & {
  readonly now: () => number;
  /** Absent: pods are only records. */
  readonly processes: SpawnPod | undefined;
  readonly endMs: number;
  /** Called when a container changed by itself. */
  readonly onChange: () => void;
};

/** How long processes may take to end when the stand-in is closed. */
const CLOSE_GRACE_MS = 1_000;

/** Runs the pods that are bound to a node, and writes their status: one kubelet for all nodes. */
export class Kubelet {
  readonly #store: Store;
  readonly #options: KubeletOptions;
  readonly #containers = new Map<string, Container>();
  /** Grace time that a container was stopped with, by UID. */
  readonly #graceMs = new Map<string, number>();
  /** Pods that were stopped while they had a process, oldest first. */
  readonly stopped: Stopped[] = [];
  #kills = 0;
  #closing = false;

  constructor(store: Store, options: KubeletOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** SIGKILLs sent because a grace time ran out. */
  get kills(): number {
    return this.#kills;
  }

  pidOf(pod: Pod): number | undefined {
    return this.#containers.get(pod.metadata.uid)?.pid;
  }

  /** Epoch ms of the next change that no request and no process causes. */
  get dueAt(): number | undefined {
    const due = [...this.#containers.values()].flatMap(({ dueAt }) => dueAt ?? []);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  advance(): void {
    const pods = this.#store.list<Pod>(PODS, '');
    const known = new Set(pods.map(({ metadata }) => metadata.uid));
    for (const [uid, container] of this.#containers) {
      if (known.has(uid)) continue;
      container.kill();
      this.#forget(uid);
    }
    for (const pod of pods) this.#advanceOne(pod);
  }

  async close(): Promise<void> {
    this.#closing = true;
    const containers = [...this.#containers.values()];
    for (const container of containers) container.stop(CLOSE_GRACE_MS);
    await Promise.all(containers.map(async ({ gone }) => await gone));
  }

  #advanceOne(pod: Pod): void {
    const { uid, deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
    const container = this.#containers.get(uid);
    if (deletionTimestamp !== undefined) {
      const graceMs = deletionGracePeriodSeconds * this.#options.secondMs;
      if (container !== undefined && graceMs < (this.#graceMs.get(uid) ?? Infinity)) {
        this.#graceMs.set(uid, graceMs);
        container.stop(graceMs);
      }
      if (container === undefined || container.phase === 'ended') {
        this.#recordStop(pod, container);
        this.#forget(uid);
        this.#store.remove(PODS, pod);
        return;
      }
    } else if (container === undefined && pod.spec.nodeName !== undefined && !this.#closing) {
      this.#containers.set(uid, this.#start(pod));
    }
    const running = this.#containers.get(uid);
    if (running !== undefined) this.#report(pod, running);
  }

  #start(pod: Pod): Container {
    const { processes, now, endMs, onChange } = this.#options;
    if (processes === undefined) return new RecordContainer(now, this.#options, endMs);
    const [container] = pod.spec.containers;
    const env = Object.fromEntries((container?.env ?? []).map(({ name, value = '' }) => [name, value]));
    const { name } = pod.metadata;
    const workload = this.workloadOf(pod);
    return new ProcessContainer(
      () => processes.spawn({ workload, name, env: { ...env, HOSTNAME: name } }),
      this.#options,
      {
        change: () => {
          if (!this.#closing) onChange();
        },
        kill: () => {
          if (!this.#closing) this.#kills += 1;
        },
      },
    );
  }

  /** The name of what scales it: the owner of its ReplicaSet, or its owner. */
  workloadOf(pod: Pod): string {
    const owner = controllerOf(pod);
    if (owner?.kind !== 'ReplicaSet') return owner?.name ?? pod.metadata.name;
    const set = this.#store.get(REPLICA_SETS, pod.metadata.namespace ?? '', owner.name);
    return (set === undefined ? undefined : controllerOf(set)?.name) ?? owner.name;
  }

  #report(pod: Pod, container: Container): void {
    const { phase, restarts } = container;
    const now = this.#options.now();
    const started =
      pod.status.phase === 'Running' || phase === 'running' || phase === 'ready' || restarts > 0;
    const ready = phase === 'ready';
    this.#store.replace<Pod>(PODS, {
      ...pod,
      status: {
        ...pod.status,
        phase: started ? 'Running' : 'Pending',
        startTime: pod.status.startTime ?? timestamp(now),
        conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) =>
          condition(pod, type, ready || type === 'PodScheduled' || type === 'Initialized', now),
        ),
        containerStatuses: pod.spec.containers.map(({ name }) => ({
          name,
          restartCount: restarts,
          ready,
          started: started && phase !== 'crashed',
          state: containerState(phase, restarts),
        })),
      },
    });
  }

  #recordStop(pod: Pod, container: Container | undefined): void {
    const because = pod.metadata[DELETED_BECAUSE];
    if (container?.stopped === undefined || because === undefined) return;
    const { name } = pod.metadata;
    recordStop(this.stopped, { name, type: this.workloadOf(pod), because, ...container.stopped });
  }

  #forget(uid: string): void {
    this.#containers.delete(uid);
    this.#graceMs.delete(uid);
  }
}

function condition(pod: Pod, type: string, holds: boolean, now: number): Condition {
  const before = pod.status.conditions?.find((each) => each.type === type);
  const status = holds ? 'True' : 'False';
  const since = before?.status === status ? before.lastTransitionTime : undefined;
  return {
    type,
    status,
    lastTransitionTime: since ?? timestamp(now),
    ...(holds ? {} : { reason: 'ContainersNotReady' }),
  };
}

function containerState(phase: Container['phase'], restarts: number): Record<string, unknown> {
  if (phase === 'creating') return { waiting: { reason: 'ContainerCreating' } };
  if (phase === 'crashed') return { waiting: { reason: restarts > 1 ? 'CrashLoopBackOff' : 'Error' } };
  return phase === 'ended' ? { terminated: { reason: 'Completed' } } : { running: {} };
}
