import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Queue, Worker, type Job } from 'bullmq';
import type { TestContext } from 'vitest';

import { assemble, type Assembly } from '../../src/cli/composition.ts';
import { settingsFrom } from '../../src/cli/settings.ts';
import type { ActingSettings } from '../../src/config/settings.ts';
import { reconcile, type Carried } from '../../src/control/reconcile.ts';
import type { Outcome } from '../../src/control/outcome.ts';
import type { Kubernetes } from '../../src/standin/kubernetes/contract.ts';
import { startKubernetes } from '../../src/standin/kubernetes/kubernetes.ts';
import { startRedisServer, type RedisServer } from '../../src/standin/redis-server.ts';
import { cooperateWith, type Cooperation } from '../../src/worker/cooperate.ts';
import { PATIENCE_MS, patience, until } from '../support/patience.ts';

const QUEUE = 'mail';
const TIMING = {
  heartbeatMs: 20,
  firstAnswerTimeoutMs: PATIENCE_MS,
  closeTimeoutMs: PATIENCE_MS,
  handBackDelayMs: 0,
};

export type Target = {
  readonly platform: 'kubernetes' | 'keda';
  readonly target: 'deployment/worker' | 'statefulset/worker';
};

type PodWorker = { readonly worker: Worker; readonly cooperation: Cooperation };

/**
 * The whole loop on a target: the real adapters against the stand-in and a real Redis, and a real worker that cooperates
 * for each pod, which is only a record. A job runs until the test ends it.
 */
export class PodsHarness {
  readonly queue: Queue;
  readonly kubernetes: Kubernetes;
  /** Pods that were removed while they ran a job. */
  readonly cut: string[] = [];
  readonly #redis: RedisServer;
  readonly #target: Target;
  readonly #settings: ActingSettings;
  readonly #assembly: Assembly;
  readonly #workers = new Map<string, PodWorker>();
  readonly #ends = new Map<string, () => void>();
  #carried: Carried;

  static async open(
    { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
    target: Target,
    replicas: number,
  ) {
    const redis = await startRedisServer();
    onTestFinished(async () => await redis.stop());
    const kubernetes = await startKubernetes({ workloads: [{ target: target.target, replicas }] });
    onTestFinished(async () => await kubernetes.close());
    const folder = await mkdtemp(join(tmpdir(), 'drover-pods-'));
    onTestFinished(async () => await rm(folder, { recursive: true }));
    const kubeconfig = join(folder, 'config');
    await writeFile(kubeconfig, kubernetes.kubeconfig);
    const { settings } = settingsFrom({
      PLATFORM: target.platform,
      KUBERNETES_TARGET: target.target,
      KUBERNETES_NAMESPACE: kubernetes.namespace,
      KUBECONFIG: kubeconfig,
      REDIS_URL: redis.url,
      QUEUES: QUEUE,
      HOST: '127.0.0.1',
      MIN_WORKERS: '1',
      SCALE_DOWN_DELAY_SECONDS: '0',
      MANUAL_HOLD_SECONDS: '0',
    });
    const assembly = await assemble(settings, 'act', () => {});
    onTestFinished(() => assembly.close());
    const harness = new PodsHarness({ redis, kubernetes, target, settings, assembly });
    onTestFinished(async () => await harness.#close());
    return harness;
  }

  private constructor(parts: {
    readonly redis: RedisServer;
    readonly kubernetes: Kubernetes;
    readonly target: Target;
    readonly settings: ActingSettings;
    readonly assembly: Assembly;
  }) {
    this.#redis = parts.redis;
    this.kubernetes = parts.kubernetes;
    this.#target = parts.target;
    this.#settings = parts.settings;
    this.#assembly = parts.assembly;
    this.queue = new Queue(QUEUE, { connection: { port: parts.redis.port } });
  }

  get replicas(): number {
    return this.kubernetes.replicas(this.#target.target);
  }

  /** By name, in their order. */
  pods(): readonly string[] {
    return this.kubernetes
      .pods()
      .map(({ name }) => name)
      .toSorted();
  }

  /** Starts a job on this pod, before any other has a worker, and then the workers of the others. */
  async startJobOn(pod: string): Promise<Job> {
    this.#start(pod);
    const job = await this.queue.add('work', {});
    await until(() => this.#ends.has(job.id ?? ''));
    for (const name of this.pods()) if (name !== pod) this.#start(name);
    await until(async () => (await this.queue.getWorkersCount()) === this.pods().length);
    return job;
  }

  async end(job: Job): Promise<void> {
    this.#ends.get(job.id ?? '')?.();
    await until(async () => await job.isCompleted());
  }

  /** One tick; and what KEDA sets after it, and the end of the workers of pods that are gone. */
  async tick(): Promise<Outcome | undefined> {
    const request = { ports: this.#assembly.ports, tickMs: 10_000, signal: patience() };
    const { tick, carried } = await reconcile(request, this.#settings.processTypes, this.#carried);
    this.#carried = carried;
    const [outcome] = tick.outcomes;
    if (outcome?.kind === 'resized' && outcome.resized.kind === 'published')
      this.kubernetes.setReplicas(this.#target.target, outcome.resized.wanted);
    const left = new Set(this.pods());
    for (const [name, { worker, cooperation }] of this.#workers) {
      if (left.has(name)) continue;
      this.#workers.delete(name);
      const jobs = await this.queue.getJobs(['active']);
      if (jobs.some(({ processedBy }) => processedBy === name)) this.cut.push(name);
      await cooperation.stop();
      await worker.close(true);
    }
    return outcome;
  }

  #start(pod: string): void {
    const worker = new Worker(
      QUEUE,
      async ({ id = '' }: Job) => await new Promise<void>((done) => this.#ends.set(id, done)),
      { connection: { port: this.#redis.port }, drainDelay: 0.1 },
    );
    worker.on('error', () => {});
    const cooperation = cooperateWith(worker, { app: this.#settings.appName, dyno: pod }, TIMING);
    this.#workers.set(pod, { worker, cooperation });
  }

  async #close(): Promise<void> {
    for (const end of this.#ends.values()) end();
    for (const { worker, cooperation } of this.#workers.values()) {
      await cooperation.stop();
      await worker.close();
    }
    await this.queue.close();
  }
}
