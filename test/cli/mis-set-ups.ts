import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

import { connectRedis } from '../../src/adapters/redis/connect.ts';
import { redisJournal } from '../../src/adapters/redis/journal.ts';
import { stateKeys } from '../../src/adapters/redis/keys.ts';
import { nextStatus, type Status } from '../../src/journal/status.ts';
import { startPlatform, type Platform } from '../../src/standin/platform.ts';
import { freePort, startRedisServer, type RedisServer } from '../../src/standin/redis-server.ts';
import { workerKeys } from '../../src/worker/keys.ts';
import { initialMemory, type Memory } from '../../src/core/memory.ts';
import type { ScalingState } from '../../src/core/scaling-state.ts';
import { decidedEntry } from '../support/entries.ts';
import { policyOf } from '../support/outcomes.ts';
import { processType } from '../support/ports.ts';
import { until } from '../support/patience.ts';
import { startCluster, startTlsServer } from '../support/redis-process.ts';

export type Env = Record<string, string>;

/** A mis-set-up, and the mark and name of the check that finds it; docs/check.md has its words and its remedy. */
export type MisSetUp = {
  readonly name: string;
  readonly shows: `${'!' | '✗' | 'exit 2:'} ${string}`;
  /** Settings besides those of a correct set-up; may change Redis and Heroku too. */
  readonly from: (setUp: SetUp) => Env | Promise<Env>;
  /** The machine's clock, epoch ms; default: the real one. */
  readonly now?: () => number;
};

const APP = 'my-app';
const POLICY = policyOf(processType({ processType: 'worker', queues: ['mail'] }));
const STANDARD = [
  { type: 'web', quantity: 1 },
  { type: 'mailer', quantity: 1 },
  { type: 'worker', quantity: 2 },
  { type: 'clock', quantity: 1, command: 'drover run' },
];

/** An app on Heroku, its Redis, a queue and a worker, with nothing wrong; and ways to get something wrong. */
export class SetUp {
  readonly platform: Platform;
  readonly redis: Redis;
  readonly #server: RedisServer;
  readonly #undo: (() => unknown)[] = [];
  readonly #worker: Worker;

  private constructor(server: RedisServer, platform: Platform, worker: Worker) {
    this.#server = server;
    this.platform = platform;
    this.#worker = worker;
    this.redis = new Redis(server.url);
  }

  static async start(): Promise<SetUp> {
    const server = await startRedisServer();
    const platform = await startPlatform({
      apps: [
        { name: APP, formation: STANDARD },
        { name: 'eco-app', formation: [{ type: 'worker', quantity: 1, size: 'Eco' }] },
        { name: 'fir-app', generation: 'fir', formation: [{ type: 'worker', quantity: 1 }] },
        { name: 'new-app', deployed: false, formation: [] },
        {
          name: 'full-app',
          formation: [
            { type: 'web', quantity: 60 },
            { type: 'worker', quantity: 1 },
          ],
        },
      ],
    });
    const worker = new Worker('mail', null, {
      connection: { port: server.port },
      name: 'worker.1',
      autorun: false,
    });
    await worker.waitUntilReady();
    return new SetUp(server, platform, worker);
  }

  get env(): Env {
    return {
      REDIS_URL: this.#server.url,
      QUEUES: 'mail',
      HEROKU_APP_NAME: APP,
      HEROKU_API_KEY: this.platform.token,
      HEROKU_API_URL: this.platform.url,
    };
  }

  get redisUrl(): string {
    return this.#server.url;
  }

  /** Nothing wrong: an empty queue, and a worker that serves it. */
  async reset(): Promise<void> {
    await this.redis.flushall();
    // What opening a Queue writes, without the time that one takes to open.
    await this.redis.hset('bull:mail:meta', 'version', 'bullmq:6');
  }

  async undo(): Promise<void> {
    for (const step of this.#undo.splice(0).toReversed()) await step();
  }

  async stop(): Promise<void> {
    await this.#worker.close();
    this.redis.disconnect();
    await this.platform.close();
    await this.#server.stop();
  }

  later(step: () => unknown): void {
    this.#undo.push(step);
  }

  /** Creates a queue, and returns it. */
  async queue(name: string, options: { prefix?: string; db?: number } = {}): Promise<Queue> {
    const { prefix = 'bull', db = 0 } = options;
    const queue = new Queue(name, { connection: { port: this.#server.port, db }, prefix });
    await queue.waitUntilReady();
    this.later(async () => await queue.close());
    return queue;
  }

  async worker(queue: string, name?: string): Promise<void> {
    const options = { connection: { port: this.#server.port }, autorun: false };
    const worker = new Worker(queue, null, { ...options, ...(name === undefined ? {} : { name }) });
    await worker.waitUntilReady();
    // Its connection for blocking calls carries the name; it opens beside the other.
    await until(async () => String(await this.redis.client('LIST')).includes(clientName(queue, name)));
    this.later(async () => await worker.close());
  }

  async config(name: string, value: string): Promise<Env> {
    const [, before = ''] = await this.redis.config('GET', name);
    await this.redis.config('SET', name, value);
    this.later(async () => await this.redis.config('SET', name, before));
    return {};
  }

  quantity(type: string, quantity: number): Env {
    const before = this.platform.quantity(APP, type);
    this.platform.setQuantity(APP, type, quantity);
    this.later(() => this.platform.setQuantity(APP, type, before));
    return {};
  }

  async otherToken(scopes: readonly string[]): Promise<Env> {
    const platform = await startPlatform({ scopes, apps: [{ name: APP, formation: STANDARD }] });
    this.later(async () => await platform.close());
    return { HEROKU_API_URL: platform.url, HEROKU_API_KEY: platform.token };
  }

  async otherRedis(args: readonly string[] = []): Promise<{ url: string; redis: Redis }> {
    const server = await startRedisServer({ args });
    const redis = new Redis(server.url, { lazyConnect: true });
    this.later(async () => {
      redis.disconnect();
      await server.stop();
    });
    return { url: server.url, redis };
  }

  async tlsRedis(): Promise<{ url: string; tlsPort: number }> {
    const server = await startTlsServer();
    this.later(async () => await server.stop());
    return { url: `rediss://localhost:${server.tlsPort}`, tlsPort: server.tlsPort };
  }

  /** A cluster of one node, with an empty queue. */
  async clusterNode(): Promise<{ url: string }> {
    const cluster = await startCluster(1, 0);
    this.later(async () => await cluster.stop());
    const [node] = cluster.nodes;
    if (!node) throw new Error('a cluster has a node');
    // A node that has met no other does not know its own address.
    await node.redis.config('SET', 'cluster-announce-ip', '127.0.0.1');
    await node.redis.hset('bull:mail:meta', 'version', 'bullmq:6');
    return { url: node.server.url };
  }

  async clients(): Promise<number> {
    return Number(/connected_clients:(\d+)/.exec(await this.redis.info('clients'))?.[1]);
  }

  /** What a clock left that found the quantity set to 0. */
  async manualZero(app = APP): Promise<void> {
    const at = Date.now();
    await this.#remember(app, initialMemory(POLICY, 0, at), { quantity: 0, manual: { since: at } });
  }

  /** What a clock left that saw jobs of this length. */
  async serviceTime(app: string, ms: number): Promise<void> {
    const at = Date.now();
    const counts = { added: 100, inSystem: 0, running: 0, ready: 0, arrivals: 0, marks: [[at, 0]] as const };
    const learned = { at, ...counts, busyMs: 100 * ms, departures: 100 };
    const memory = { ...initialMemory(POLICY, 1, at), queues: [['mail', learned]] as const };
    await this.#remember(app, memory, { quantity: 1 });
  }

  async #remember(app: string, memory: Memory, scaling: ScalingState): Promise<void> {
    const saved = { version: 3, token: '1 x', memory, scaling };
    await this.redis.set(`drover:{${app}}:memory:worker`, JSON.stringify(saved));
  }

  async unusedPort(): Promise<number> {
    return await freePort();
  }

  /** A report of a cooperating worker process, as it would be now. */
  async report(concurrency: number, { app = APP, dyno = 'worker.1' } = {}): Promise<void> {
    const { reports } = workerKeys(app, 'worker');
    const now = Date.now() - 60_000;
    const report = { dyno, concurrency, bootedAt: now, readyAt: now, sentAt: Date.now() };
    await this.redis.hset(reports, dyno, `${Date.now()} ${JSON.stringify(report)}`);
  }

  /** What a clock left whose last tick was then; `foreign`: other clients change the quantity at every minute. */
  async ticks(last: number, foreign: boolean): Promise<void> {
    const connection = connectRedis(this.redisUrl, { tlsVerify: true });
    const journal = redisJournal(connection, stateKeys(APP));
    const { signal } = new AbortController();
    let status: Status | undefined;
    for (let tick = 60; tick >= 0; tick -= 1) {
      const at = last - tick * 10_000;
      const quantity = foreign ? 2 + (Math.floor(at / 60_000) % 2) : 2;
      const types = [decidedEntry({ from: quantity, to: quantity, quantity })];
      const entry = { at, tookMs: 40, tickMs: 10_000, types };
      const next = nextStatus(status, entry, { appName: APP, timeZone: 'UTC' });
      status = next.status;
      await journal.record(entry, { status, alarms: {} }, signal);
    }
    connection.close();
  }
}

function clientName(queue: string, name: string | undefined): string {
  return `name=bull:${Buffer.from(queue).toString('base64')}${name === undefined ? '' : `:w:${name}`} `;
}
