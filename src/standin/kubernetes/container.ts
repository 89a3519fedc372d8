import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { signal, signalGroup } from '../process-group.ts';
import type { StoppedProcess } from '../stopped.ts';

/** Starts the process of a pod. `env` holds only what Kubernetes adds: `HOSTNAME`, and `env` of the pod's container. */
export type SpawnPod = {
  spawn(pod: { workload: string; name: string; env: Record<string, string> }): ChildProcess;
};

export type ContainerPhase = 'creating' | 'running' | 'ready' | 'crashed' | 'ended';

/** What runs in a pod. */
export type Container = {
  readonly phase: ContainerPhase;
  readonly restarts: number;
  readonly pid: number | undefined;
  /** Epoch ms of the next change by itself, where that is known. */
  readonly dueAt: number | undefined;
  /** SIGTERM, then SIGKILL after the grace time; a shorter one later counts. */
  stop(graceMs: number): void;
  kill(): void;
  /** Resolves when its process has ended; at once where it has none. */
  readonly gone: Promise<void>;
  /** Set once a process that it was stopped with has ended. */
  readonly stopped: StoppedProcess | undefined;
};

export type ContainerTimes = {
  /** From the assignment to a node to the start of the process, and from there to Ready. */
  readonly bootMs: number;
  readonly readyMs: number;
  /** The back-off of crashed containers is in seconds of this many ms. */
  readonly secondMs: number;
};

/** As the kubelet does: a crashed container restarts at once, then after 10 s, 20 s, and so on up to 300 s. */
const BACK_OFF_SECONDS = 10;
const BACK_OFF_MOST_SECONDS = 300;

/** A real process, in real time. */
export class ProcessContainer implements Container {
  readonly gone: Promise<void>;
  readonly dueAt = undefined;
  readonly #spawn: () => ChildProcess;
  readonly #times: ContainerTimes;
  readonly #on: { readonly change: () => void; readonly kill: () => void };
  #phase: ContainerPhase = 'creating';
  #restarts = 0;
  #stopping = false;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #resolveGone: () => void = () => {};
  #signalled: Omit<StoppedProcess, 'endedAt'> | undefined;
  #stopped: StoppedProcess | undefined;

  constructor(
    spawn: () => ChildProcess,
    times: ContainerTimes,
    on: { readonly change: () => void; readonly kill: () => void },
  ) {
    this.#spawn = spawn;
    this.#times = times;
    this.#on = on;
    this.gone = new Promise((resolve) => {
      this.#resolveGone = resolve;
    });
    this.#startAfter(times.bootMs);
  }

  get phase(): ContainerPhase {
    return this.#phase;
  }

  get restarts(): number {
    return this.#restarts;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get stopped(): StoppedProcess | undefined {
    return this.#stopped;
  }

  stop(graceMs: number): void {
    clearTimeout(this.#timer);
    if (this.#child === undefined) {
      this.#end();
      return;
    }
    if (!this.#stopping) {
      signal(this.#child, 'SIGTERM');
      const { pid } = this.#child;
      if (pid !== undefined) this.#signalled = { pid, sigtermAt: Date.now() };
    }
    this.#stopping = true;
    this.#timer = setTimeout(() => {
      if (graceMs > 0) this.#on.kill();
      if (this.#signalled !== undefined) this.#signalled = { ...this.#signalled, sigkillAt: Date.now() };
      this.kill();
    }, graceMs);
  }

  kill(): void {
    this.#stopping = true;
    if (this.#child !== undefined) signal(this.#child, 'SIGKILL');
  }

  #startAfter(ms: number): void {
    this.#timer = setTimeout(() => {
      void this.#run();
    }, ms);
  }

  async #run(): Promise<void> {
    const child = this.#spawn();
    this.#child = child;
    this.#enter(this.#times.readyMs > 0 ? 'running' : 'ready');
    if (this.#times.readyMs > 0) this.#timer = setTimeout(() => this.#enter('ready'), this.#times.readyMs);
    await once(child, 'exit').catch(() => {
      // A program that could not be started counts as a crash.
    });
    this.#child = undefined;
    if (!this.#stopping) {
      this.#crashed();
      return;
    }
    signalGroup(child, 'SIGKILL');
    if (this.#signalled !== undefined) this.#stopped = { ...this.#signalled, endedAt: Date.now() };
    this.#end();
  }

  #crashed(): void {
    clearTimeout(this.#timer);
    const seconds = Math.min(BACK_OFF_MOST_SECONDS, BACK_OFF_SECONDS * 2 ** (this.#restarts - 1));
    this.#startAfter(this.#restarts === 0 ? 0 : seconds * this.#times.secondMs);
    this.#restarts += 1;
    this.#enter('crashed');
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#resolveGone();
    this.#enter('ended');
  }

  #enter(phase: ContainerPhase): void {
    this.#phase = phase;
    this.#on.change();
  }
}

/** No process, only its states, by the clock that `now` reads (epoch ms). */
export class RecordContainer implements Container {
  readonly gone = Promise.resolve();
  readonly stopped = undefined;
  readonly restarts = 0;
  readonly pid = undefined;
  readonly #now: () => number;
  readonly #runsAt: number;
  readonly #readyAt: number;
  readonly #endMs: number;
  #endsAt = Infinity;

  /** `endMs`: how long it takes to end after its SIGTERM, unless the grace time is shorter. */
  constructor(now: () => number, times: ContainerTimes, endMs: number) {
    this.#now = now;
    this.#runsAt = now() + times.bootMs;
    this.#readyAt = this.#runsAt + times.readyMs;
    this.#endMs = endMs;
  }

  get phase(): ContainerPhase {
    const now = this.#now();
    if (now >= this.#endsAt) return 'ended';
    return now < this.#runsAt ? 'creating' : now < this.#readyAt ? 'running' : 'ready';
  }

  get dueAt(): number | undefined {
    const now = this.#now();
    const ahead = [this.#runsAt, this.#readyAt, this.#endsAt].filter((at) => at > now && at < Infinity);
    return ahead.length === 0 ? undefined : Math.min(...ahead);
  }

  stop(graceMs: number): void {
    const takesMs = this.phase === 'creating' ? 0 : Math.min(graceMs, this.#endMs);
    this.#endsAt = Math.min(this.#endsAt, this.#now() + takesMs);
  }

  kill(): void {
    this.#endsAt = this.#now();
  }
}
