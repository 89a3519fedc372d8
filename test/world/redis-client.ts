import { EventEmitter } from 'node:events';

import type { VirtualRedis } from './redis.ts';
import { ReplyError, Status, type Reply } from './reply.ts';
import type { Entry, Machine } from './time.ts';

type Sent = { readonly reject: (error: Error) => void; readonly at: number };

const ANSWER_TIMEOUT_MS = 5000;
const RETRY_FIRST_MS = 100;
const RETRY_LONGEST_MS = 2000;

/** What of ioredis's client the adapters use, on a machine of the world. `patient`: commands wait for the connection. */
export class RedisClient extends EventEmitter {
  status: 'wait' | 'connecting' | 'ready' | 'reconnecting' | 'end' = 'wait';
  /** Left on a node that lost its mastership. */
  onReplica = false;
  readonly machine: Machine;
  readonly #redis: VirtualRedis;
  readonly #patient: boolean;
  readonly #sent = new Set<Sent>();
  readonly #queued: (() => void)[] = [];
  #generation = 0;
  #attempt = 0;
  #arrivesAt = 0;
  #answersAt = 0;
  #watch: Entry | undefined;

  constructor(redis: VirtualRedis, machine: Machine, patient: boolean) {
    super();
    this.#redis = redis;
    this.machine = machine;
    this.#patient = patient;
    redis.clients.add(this);
  }

  async connect(): Promise<void> {
    this.#open();
  }

  disconnect(reconnect = false): void {
    if (reconnect) this.#lost(new Error('Connection is closed.'));
    else {
      this.#redis.clients.delete(this);
      this.#lost(new Error('Connection is closed.'), true);
    }
  }

  /** As `disconnect`, from the network's side. */
  cut(): void {
    this.#redis.time.on(this.machine, 0, () => {
      if (this.status === 'ready') this.#lost(new Error('Connection is closed.'));
    });
  }

  /** While answers may fail to come: a socket on which one is awaited for too long is given up. */
  watch(): void {
    if (this.#watch !== undefined) return;
    const look = (): void => {
      this.#watch = undefined;
      const { now } = this.#redis.time;
      if ([...this.#sent].some(({ at }) => now - at >= ANSWER_TIMEOUT_MS)) {
        this.#complain(Object.assign(new Error('Socket timeout'), { code: 'ETIMEDOUT' }));
        this.#lost(new Error('Socket timeout'));
      }
      if (this.#redis.hanging) this.#watch = this.#redis.time.on(this.machine, 1000, look);
    };
    this.#watch = this.#redis.time.on(this.machine, 1000, look);
  }

  async call(name: string, ...args: unknown[]): Promise<unknown> {
    return plain(await this.#command(name.toUpperCase(), args.flat().map(String)));
  }
  async eval(...args: unknown[]): Promise<unknown> {
    return await this.call('EVAL', ...args);
  }
  async evalsha(...args: unknown[]): Promise<unknown> {
    return await this.call('EVALSHA', ...args);
  }
  async get(key: string): Promise<unknown> {
    return await this.call('GET', key);
  }
  async mget(...keys: unknown[]): Promise<unknown> {
    return await this.call('MGET', ...keys);
  }
  async set(...args: unknown[]): Promise<unknown> {
    return await this.call('SET', ...args);
  }
  async del(...keys: unknown[]): Promise<unknown> {
    return await this.call('DEL', ...keys);
  }
  async incr(key: string): Promise<unknown> {
    return await this.call('INCR', key);
  }
  async pexpire(key: string, ms: number): Promise<unknown> {
    return await this.call('PEXPIRE', key, ms);
  }
  async time(): Promise<unknown> {
    return await this.call('TIME');
  }
  /** By this a client of ioredis's kind is known. */
  defineCommand(): void {}

  /** Commands that travel together; each fails by itself, or all with the connection. */
  pipeline(): Pipeline {
    return new Pipeline(this);
  }

  async #command(name: string, args: readonly string[]): Promise<Reply> {
    return await new Promise<Reply>((resolve, reject) => {
      const send = (): void => this.#send(name, args, resolve, reject);
      if (this.status === 'ready') send();
      else if (this.#patient) {
        if (this.status === 'wait') this.#open();
        this.#queued.push(send);
      } else reject(new Error("Stream isn't writeable and enableOfflineQueue options is false"));
    });
  }

  #send(
    name: string,
    args: readonly string[],
    resolve: (reply: Reply) => void,
    reject: (error: Error) => void,
  ): void {
    const { time } = this.#redis;
    const generation = this.#generation;
    const sent: Sent = { reject, at: time.now };
    this.#sent.add(sent);
    if (this.#redis.hanging) this.watch();
    this.#arrivesAt = Math.max(this.#arrivesAt, time.now + this.#redis.latencyMs());
    time.after(this.#arrivesAt - time.now, () => {
      this.#redis.arrive(() => {
        const answer = this.#answer(name, args);
        this.#answersAt = Math.max(this.#answersAt, time.now + this.#redis.latencyMs());
        time.on(this.machine, this.#answersAt - time.now, () => {
          if (generation !== this.#generation || !this.#sent.delete(sent)) return;
          if (answer instanceof ReplyError) reject(answer);
          else resolve(answer);
        });
      });
    });
  }

  #answer(name: string, args: readonly string[]): Reply {
    try {
      return this.#redis.run(name, args, this.onReplica);
    } catch (thrown) {
      if (thrown instanceof ReplyError) return thrown;
      throw thrown;
    }
  }

  #open(): void {
    this.status = 'connecting';
    const { time } = this.#redis;
    time.on(this.machine, this.#redis.latencyMs() * 2, () => {
      if (this.status !== 'connecting') return;
      if (!this.#redis.reachable) {
        this.#complain(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
        this.#lost(new Error('Connection is closed.'));
        return;
      }
      this.status = 'ready';
      this.onReplica = false;
      this.#attempt = 0;
      this.emit('connect');
      this.emit('ready');
      for (const send of this.#queued.splice(0)) send();
    });
  }

  /** As ioredis: an error without a listener is none. */
  #complain(error: Error): void {
    if (this.listenerCount('error') > 0) this.emit('error', error);
  }

  #lost(error: Error, forGood = false): void {
    if (this.status === 'end' || (this.status === 'reconnecting' && !forGood)) return;
    this.#generation += 1;
    this.status = forGood ? 'end' : 'reconnecting';
    const sent = [...this.#sent];
    this.#sent.clear();
    for (const { reject } of sent) reject(error);
    if (forGood) for (const queued of this.#queued.splice(0)) void queued;
    this.emit('close');
    if (forGood) return;
    this.#attempt += 1;
    const backoffMs = Math.min(RETRY_LONGEST_MS, RETRY_FIRST_MS * 2 ** (this.#attempt - 1));
    this.#redis.time.on(this.machine, backoffMs * (0.5 + this.#redis.random() / 2), () => {
      if (this.status === 'reconnecting') this.#open();
    });
  }
}

class Pipeline {
  readonly #client: RedisClient;
  readonly #commands: [string, unknown[]][] = [];

  constructor(client: RedisClient) {
    this.#client = client;
  }

  call(name: string, ...args: unknown[]): this {
    this.#commands.push([name, args]);
    return this;
  }
  set(...args: unknown[]): this {
    return this.call('SET', ...args);
  }
  eval(...args: unknown[]): this {
    return this.call('EVAL', ...args);
  }
  get(key: string): this {
    return this.call('GET', key);
  }
  del(...keys: unknown[]): this {
    return this.call('DEL', ...keys);
  }
  pexpire(key: string, ms: number): this {
    return this.call('PEXPIRE', key, ms);
  }

  async exec(): Promise<[Error | null, unknown][]> {
    return await Promise.all(
      this.#commands.map(async ([name, args]): Promise<[Error | null, unknown]> => {
        try {
          return [null, await this.#client.call(name, ...args)];
        } catch (thrown) {
          return [thrown as Error, undefined];
        }
      }),
    );
  }
}

/** As a client hands replies over. */
function plain(reply: Reply): unknown {
  if (reply instanceof Status) return reply.text;
  return Array.isArray(reply) ? reply.map((part: Reply) => plain(part)) : reply;
}
