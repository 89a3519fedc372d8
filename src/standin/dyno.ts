import type { ChildProcess } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';

import { signal, signalGroup } from './process-group.ts';
import type { Stopped, StopReason } from './stopped.ts';

export type DynoState = 'starting' | 'up' | 'crashed' | 'down';

export type DynoSpec = {
  readonly app: string;
  readonly type: string;
  readonly name: string;
  /** Its number within its process type; 0 in a generation without numbers. */
  readonly ordinal: number;
  readonly size: string;
  readonly config: Readonly<Record<string, string>>;
};

/** Starts the process of a dyno. `env` holds what Heroku sets in its environment: the app's config vars, `DYNO` and `PORT`. */
export type SpawnDyno = {
  spawn(dyno: { app: string; type: string; name: string; env: Record<string, string> }): ChildProcess;
};

export type DynoRuntime = {
  /** Epoch ms. */
  readonly now: () => number;
  /** Absent: a dyno is only a record, which is up after its boot time. */
  readonly processes?: SpawnDyno | undefined;
  readonly bootMs: number;
  readonly graceMs: number;
  /** Called for every SIGKILL sent because the grace time ran out. */
  readonly onKill: () => void;
};

/** A dyno that crashes is restarted at once; after each further crash it waits longer. */
const COOL_OFF_MS = 5_000;
const COOL_OFF_MAX_MS = 300_000;

/** One dyno from the request for it to the end of its process. */
export class Dyno {
  readonly id = randomUUID();
  readonly spec: DynoSpec;
  readonly startedAt: number;
  /** Resolves when its process group has ended. */
  readonly ended: Promise<void>;
  readonly #runtime: DynoRuntime;
  readonly #onEnd: (dyno: Dyno) => void;
  #state: DynoState = 'starting';
  #changedAt: number;
  #stoppingSince: number | undefined;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #crashes = 0;
  #signalled: Omit<Stopped, 'endedAt'> | undefined;
  #stopped: Stopped | undefined;
  #resolveEnded: () => void = () => {};

  constructor(spec: DynoSpec, runtime: DynoRuntime, onEnd: (dyno: Dyno) => void) {
    this.spec = spec;
    this.#runtime = runtime;
    this.#onEnd = onEnd;
    this.startedAt = runtime.now();
    this.#changedAt = this.startedAt;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#boot();
  }

  get state(): DynoState {
    if (this.#runtime.processes !== undefined || this.#state === 'down') return this.#state;
    return this.#runtime.now() >= this.startedAt + this.#runtime.bootMs ? 'up' : 'starting';
  }

  /** Epoch ms of the last change of state. */
  get changedAt(): number {
    return this.#runtime.processes === undefined && this.state === 'up'
      ? this.startedAt + this.#runtime.bootMs
      : this.#changedAt;
  }

  /** Epoch ms of its SIGTERM. */
  get stoppingSince(): number | undefined {
    return this.#stoppingSince;
  }

  /** Set once the process that it was stopped with has ended. */
  get stopped(): Stopped | undefined {
    return this.#stopped;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** SIGTERM, the grace time, SIGKILL. A dyno that is still booting is cancelled at once. */
  stop(because: StopReason): void {
    if (this.#stoppingSince !== undefined) return;
    this.#stoppingSince = this.#runtime.now();
    this.#enter('down');
    if (this.#child === undefined) {
      this.#end();
      return;
    }
    signal(this.#child, 'SIGTERM');
    const { name, type } = this.spec;
    const { pid } = this.#child;
    if (pid !== undefined) this.#signalled = { name, type, because, pid, sigtermAt: Date.now() };
    this.#timer = setTimeout(() => {
      if (this.#signalled !== undefined) this.#signalled = { ...this.#signalled, sigkillAt: Date.now() };
      this.#runtime.onKill();
      this.kill();
    }, this.#runtime.graceMs);
  }

  kill(): void {
    if (this.#child !== undefined) signal(this.#child, 'SIGKILL');
  }

  #boot(): void {
    const { processes, bootMs } = this.#runtime;
    if (processes === undefined) return;
    this.#enter('starting');
    this.#timer = setTimeout(() => {
      void this.#run(processes);
    }, bootMs);
  }

  async #run(processes: SpawnDyno): Promise<void> {
    const { app, type, name, config } = this.spec;
    const env = { ...config, DYNO: name, PORT: String(randomInt(3_000, 60_000)) };
    const child = processes.spawn({ app, type, name, env });
    this.#child = child;
    this.#enter('up');
    await once(child, 'exit').catch(() => {
      // A program that could not be started counts as a crash.
    });
    this.#child = undefined;
    if (this.#stoppingSince === undefined) this.#crashed();
    else {
      signalGroup(child, 'SIGKILL');
      if (this.#signalled !== undefined) this.#stopped = { ...this.#signalled, endedAt: Date.now() };
      this.#end();
    }
  }

  #crashed(): void {
    this.#enter('crashed');
    const waitMs =
      this.#crashes === 0 ? 0 : Math.min(COOL_OFF_MAX_MS, COOL_OFF_MS * 2 ** (this.#crashes - 1));
    this.#crashes += 1;
    this.#timer = setTimeout(() => {
      this.#boot();
    }, waitMs);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#onEnd(this);
    this.#resolveEnded();
  }

  #enter(state: DynoState): void {
    this.#state = state;
    this.#changedAt = this.#runtime.now();
  }
}
