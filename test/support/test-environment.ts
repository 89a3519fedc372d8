import { Queue } from 'bullmq';
import { Redis } from 'ioredis';

import { startPlatform, type Platform } from '../../src/standin/platform.ts';
import { startRedisServer, type RedisServer } from '../../src/standin/redis-server.ts';
import { drover, PLANTED, type Ran } from './drover.ts';

/** A Redis with a password, a local Heroku, and queues with jobs in them. */
export class TestEnvironment {
  readonly token = PLANTED.token;
  readonly password = PLANTED.password;
  readonly app = 'my-app';
  readonly #server: RedisServer;
  readonly #queues = new Map<string, Queue>();
  readonly platform: Platform;
  /** To look at and clear the keys. */
  readonly redis: Redis;

  private constructor(server: RedisServer, platform: Platform) {
    this.#server = server;
    this.redis = new Redis({ port: server.port, password: this.password });
    this.platform = platform;
  }

  /** `others`: apps beside `my-app`, with three workers each. */
  static async start(...others: readonly string[]): Promise<TestEnvironment> {
    const redis = await startRedisServer({ args: ['--requirepass', PLANTED.password] });
    const platform = await startPlatform({
      token: PLANTED.token,
      apps: [
        {
          name: 'my-app',
          formation: [
            { type: 'web', quantity: 1 },
            { type: 'worker', quantity: 3 },
            { type: 'mailer', quantity: 1 },
          ],
        },
        ...others.map((name) => ({ name, formation: [{ type: 'worker', quantity: 3 }] })),
      ],
    });
    return new TestEnvironment(redis, platform);
  }

  get secrets(): readonly string[] {
    return [this.token, this.password];
  }

  get redisUrl(): string {
    return this.#server.url.replace('redis://', `redis://:${this.password}@`);
  }

  /** Settings under which everything works. */
  get env(): Record<string, string> {
    return {
      REDIS_URL: this.redisUrl,
      QUEUES: 'mail',
      HEROKU_APP_NAME: this.app,
      HEROKU_API_KEY: this.token,
      HEROKU_API_URL: this.platform.url,
    };
  }

  /** Runs `drover` under these settings and, before them, `env`. */
  async drover(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    return await drover(args, { env: { ...this.env, ...env }, secrets: this.secrets });
  }

  queue(name: string): Queue {
    const found = this.#queues.get(name);
    if (found) return found;
    const queue = new Queue(name, { connection: { port: this.#server.port, password: this.password } });
    this.#queues.set(name, queue);
    return queue;
  }

  async add(name: string, jobs: number): Promise<void> {
    await this.queue(name).addBulk(
      Array.from({ length: jobs }, (_, index) => ({ name: 'send', data: { index } })),
    );
  }

  /** The same, but seen by a reading all at once or not at all: until they are all there, the queue is paused. */
  async addAtOnce(name: string, jobs: number): Promise<void> {
    await this.queue(name).pause();
    await this.add(name, jobs);
    await this.queue(name).resume();
  }

  /** As at the start: no keys, the quantities of the beginning, no faults. */
  async reset(): Promise<void> {
    this.platform.intercept(undefined);
    this.platform.setQuantity(this.app, 'worker', 3);
    this.platform.setQuantity(this.app, 'mailer', 1);
    await this.redis.flushall();
  }

  async stop(): Promise<void> {
    for (const queue of this.#queues.values()) await queue.close();
    this.redis.disconnect();
    await this.platform.close();
    await this.#server.stop();
  }
}
