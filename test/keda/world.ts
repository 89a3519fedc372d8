import { publishedFormation } from '../../src/adapters/kubernetes/published-formation.ts';
import { parseTarget } from '../../src/config/target.ts';
import { reconcile, type Carried } from '../../src/control/reconcile.ts';
import type { DrainRequest } from '../../src/core/drain.ts';
import { entryOf } from '../../src/reporting/entry-of.ts';
import type { Entry } from '../../src/journal/entry.ts';
import type { Formation } from '../../src/ports/platform.ts';
import { ClusterInMemory } from '../adapters/kubernetes/cluster-in-memory.ts';
import { backlog, InMemoryPorts, processType, queue } from '../support/ports.ts';
import { HpaModel, type HpaSpec } from './hpa-model.ts';

export type Workload = {
  /** Second, and jobs that come in it. */
  readonly arrivals: readonly (readonly [number, number])[];
  readonly jobSeconds: number;
};

/** What the HPA's trigger reads now, and where each tick goes. */
type Trigger = {
  readonly read: (at: number) => Promise<number | undefined>;
  readonly record: (entry: Entry) => Promise<void>;
};

const TICK_SECONDS = 10;
const SYNC_SECONDS = 15;
const settings = processType({ jobsPerWorker: 1, min: 1, max: 20, scaleDownDelayMs: 0, manualHoldMs: 0 });

/**
 * The real control loop and the real adapter, cooperating workers, and an HPA that reads what is published. A pod runs one
 * job at a time. Pods are removed as a ReplicaSet's controller does it: marked ones first, then the youngest.
 */
export class KedaWorld {
  readonly cluster = new ClusterInMemory();
  readonly memory = new InMemoryPorts();
  /** Pods that were removed while they ran a job. */
  readonly cut: string[] = [];
  removed = 0;
  waiting = 0;
  #second = 0;
  #pods = 0;
  #next = 1;
  #epochs = 0;
  #carried: Carried;
  #request: Omit<DrainRequest, 'ageMs'> | undefined;
  readonly #busyUntil = new Map<string, number>();
  readonly #hpa: HpaModel;
  readonly #workload: Workload;
  readonly #trigger: Trigger;
  readonly #formation: Formation;

  constructor(workload: Workload, hpa: Omit<HpaSpec, 'targetValue'>, trigger: Trigger) {
    this.#workload = workload;
    this.#trigger = trigger;
    this.#hpa = new HpaModel({ ...hpa, targetValue: 1 });
    this.#formation = this.#publisher();
    this.cluster.pods = [];
    this.#setReplicas(1);
  }

  async runUntil(second: number): Promise<void> {
    for (; this.#second < second; this.#second += 1) {
      this.memory.at += 1000;
      this.#work();
      if (this.#second % TICK_SECONDS === 0) await this.#tick();
      // It reads between two ticks, and what it read takes effect after the next one may have come.
      if (this.#second % SYNC_SECONDS === 7) {
        const wanted = await this.#trigger.read(this.memory.at);
        this.#next = this.#hpa.sync(this.#second, this.cluster.replicas, wanted);
      }
      if (this.#second % SYNC_SECONDS === 12) this.#setReplicas(this.#next);
    }
  }

  #work(): void {
    for (const [second, jobs] of this.#workload.arrivals) if (second === this.#second) this.waiting += jobs;
    for (const { name } of this.cluster.pods) {
      if ((this.#busyUntil.get(name) ?? 0) <= this.#second) this.#busyUntil.delete(name);
      if (this.#busyUntil.has(name) || this.waiting === 0 || this.#drains(name)) continue;
      this.waiting -= 1;
      this.#busyUntil.set(name, this.#second + this.#workload.jobSeconds);
    }
  }

  #drains(name: string): boolean {
    return this.#request?.names?.includes(name) === true;
  }

  async #tick(): Promise<void> {
    const busy = [...this.#busyUntil.keys()];
    this.memory.backlogs = [
      backlog({
        queues: [queue({ waiting: this.waiting, active: busy.length })],
        holders: new Map(busy.map((name) => [name, 1])),
      }),
    ];
    this.memory.workers = {
      ...(this.#request === undefined ? {} : { request: { ...this.#request, ageMs: 1000 } }),
      reports: this.cluster.pods.map(({ name }) => ({
        dyno: name,
        ageMs: 0,
        resting: this.#drains(name) && !this.#busyUntil.has(name) ? this.#request?.epoch : undefined,
        concurrency: 1,
        bootedAt: 0,
        readyAt: 0,
      })),
    };
    const steps = this.memory.steps.length;
    this.cluster.at = this.memory.at;
    const request = {
      ports: { ...this.memory.ports, formation: this.#formation },
      tickMs: TICK_SECONDS * 1000,
      signal: new AbortController().signal,
    };
    const { tick, carried } = await reconcile(request, [settings], this.#carried);
    this.#carried = carried;
    const step = this.memory.steps.slice(steps).at(-1);
    if (step?.kind === 'release') this.#request = undefined;
    else if (step !== undefined && step.kind !== 'nothing') {
      const epoch = step.kind === 'ask' ? `e${(this.#epochs += 1)}` : step.epoch;
      this.#request = { epoch, limit: step.limit, names: step.names };
    }
    await this.#trigger.record(entryOf(tick));
  }

  #publisher(): Formation {
    const target = parseTarget('deployment/worker');
    if (target === undefined) throw new Error('no target');
    const { clock } = this.memory.ports;
    return publishedFormation({
      credentials: async () => ({ server: 'https://cluster.test', token: 'secret-token' }),
      namespace: 'prod',
      targets: new Map([['worker', target]]),
      clock,
      sender: this.cluster.sender,
    });
  }

  #setReplicas(to: number): void {
    const { cluster } = this;
    while (cluster.pods.length < to) {
      this.#pods += 1;
      cluster.pods.push({
        name: `worker-7d9f-${String(this.#pods).padStart(5, '0')}`,
        createdAt: new Date(this.memory.at).toISOString(),
      });
    }
    const order = cluster.pods.toSorted(
      (a, b) => Number(a.cost ?? 0) - Number(b.cost ?? 0) || (a.name < b.name ? 1 : -1),
    );
    for (const { name } of order.slice(0, cluster.pods.length - to)) {
      this.removed += 1;
      if (this.#busyUntil.has(name)) this.cut.push(name);
      this.#busyUntil.delete(name);
      cluster.pods = cluster.pods.filter((pod) => pod.name !== name);
    }
    cluster.replicas = to;
    cluster.version += 1;
  }
}
