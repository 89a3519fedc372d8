import type { Random } from '../../src/sim/random.ts';
import { clockChannel } from '../../src/worker/clock-channel.ts';
import { identify } from '../../src/worker/identity.ts';
import { CooperatingProcess } from '../../src/worker/cooperating-process.ts';
import type { Job, Queues } from './queues.ts';
import { RedisClient } from './redis-client.ts';
import type { VirtualRedis } from './redis.ts';
import { APP, type StoryType } from './story.ts';
import type { Machine, Time } from './time.ts';
import { ModelWorker } from './worker.ts';

const RENEWAL_MS = 15_000;
const PATIENCE_MS = 27_000;
const KILL_MS = 30_000;
const GATE_MS = 5000;

export type Surroundings = {
  readonly time: Time;
  readonly redis: VirtualRedis;
  readonly queues: Queues;
  readonly random: Random;
};

/** A job that really runs, whatever Redis has recorded. */
export type Run = { readonly job: Job; readonly token: string; readonly startedAt: number };

/** The process, or processes, of one dyno from its start to its end. */
export class DynoProcess {
  readonly machine: Machine;
  readonly ordinal: number;
  /** The platform has sent SIGTERM. */
  stopping = false;
  readonly #world: Surroundings;
  readonly #type: StoryType;
  readonly #workers: ModelWorker[] = [];
  readonly #members: CooperatingProcess[] = [];
  readonly #clients: RedisClient[] = [];

  constructor(world: Surroundings, type: StoryType, ordinal: number, generation: number) {
    this.#world = world;
    this.#type = type;
    this.ordinal = ordinal;
    const name = `${type.settings.processType}.${ordinal}`;
    this.machine = world.time.machine(`${name}#${generation}`);
    for (let i = 0; i < type.processes; i += 1) {
      const worker = new ModelWorker(world, this.machine, type.settings.queues, type.slots);
      if (type.workers !== 'unnamed' && type.workers !== 'cooperating') {
        worker.opts.name = type.workers === 'named' ? name : `email.${ordinal}`;
      }
      this.#workers.push(worker);
    }
    world.time.on(this.machine, 0, () => this.#start(name));
    world.time.after(RENEWAL_MS, () => this.#renew(0), this.machine);
  }

  get runs(): Run[] {
    return this.machine.state === 'dead' ? [] : this.#workers.flatMap((worker) => [...worker.runs.values()]);
  }

  /** A job was added: those that wait for one hear of it. */
  poke(): void {
    for (const worker of this.#workers) worker.poke();
  }

  /** SIGTERM, and what comes of it. */
  terminate(): void {
    if (this.stopping) return;
    this.stopping = true;
    const { time } = this.#world;
    time.on(this.machine, 0, () => {
      for (const member of this.#members) void member.stop(false);
      for (const worker of this.#workers) void worker.close();
      this.#endWhenIdle();
    });
    if (this.#type.workers === 'cooperating') {
      time.after(PATIENCE_MS, () => this.#handBack(), this.machine);
    }
    time.after(KILL_MS, () => this.kill());
  }

  /** SIGKILL, or a crash: no report is withdrawn and no job returned. */
  kill(): void {
    this.machine.state = 'dead';
    for (const client of this.#clients) this.#world.redis.clients.delete(client);
  }

  #start(name: string): void {
    for (const worker of this.#workers) {
      worker.start();
      if (this.#type.workers !== 'cooperating') continue;
      const identity = identify({ app: APP, dyno: name }, {});
      if (identity === undefined) throw new Error('a dyno without an identity');
      const client = new RedisClient(this.#world.redis, this.machine, true);
      this.#clients.push(client);
      const timing = { heartbeatMs: this.#type.beatMs, firstAnswerTimeoutMs: GATE_MS };
      this.#members.push(
        new CooperatingProcess(
          [worker],
          { ...identity, host: this.machine.name },
          async () => clockChannel(client, identity),
          timing,
        ),
      );
    }
  }

  #renew(round: number): void {
    for (const worker of this.#workers) worker.renew(round % 2 === 1);
    this.#world.time.after(RENEWAL_MS, () => this.#renew(round + 1), this.machine);
  }

  #handBack(): void {
    for (const worker of this.#workers) worker.handBack();
  }

  #endWhenIdle(): void {
    if (this.runs.length === 0) this.kill();
    else this.#world.time.after(500, () => this.#endWhenIdle(), this.machine);
  }
}
