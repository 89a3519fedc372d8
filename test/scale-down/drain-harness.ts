import type { Job, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { TestContext } from 'vitest';

import { openHerokuFleet, type HerokuFleet } from '../../bench/scale-down/heroku-fleet.ts';
import { APP, type Level } from '../../bench/scale-down/options.ts';
import type { Platform } from '../../src/standin/platform.ts';
import { workerKeys, parseReport } from '../../src/worker/keys.ts';
import { PATIENCE_MS, until } from '../support/patience.ts';

/** A tick of 10 s is 0.4 s. */
const SCALE = 0.04;
const TYPE = 'worker';

/** A fleet whose jobs run until the test ends them, so that nothing depends on how fast the machine is. */
export class DrainHarness {
  readonly heroku: Platform;
  readonly startClock: HerokuFleet['startClock'];
  readonly queue: Queue;
  readonly #redis: Redis;

  private constructor(fleet: HerokuFleet, queue: Queue) {
    this.heroku = fleet.platform.heroku;
    this.startClock = (...args) => fleet.startClock(...args);
    this.queue = queue;
    this.#redis = new Redis(fleet.redisUrl);
  }

  static async open(
    { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
    level: Level,
    generation: 'cedar' | 'fir' = 'cedar',
  ): Promise<DrainHarness> {
    const fleet = await openHerokuFleet(
      {
        level,
        concurrency: 1,
        types: [TYPE],
        scale: SCALE,
        slackMs: PATIENCE_MS,
      },
      generation,
    );
    const [queue] = fleet.queues;
    if (queue === undefined) throw new Error('there is no queue');
    const harness = new DrainHarness(fleet, queue);
    onTestFinished(async () => {
      harness.#redis.disconnect();
      await fleet.close();
    });
    return harness;
  }

  /** So many dynos, each running a job: the first job on the first dyno and so on. */
  async startJobs(dynos: number): Promise<Job[]> {
    const jobs: Job[] = [];
    for (let count = 1; count <= dynos; count += 1) {
      this.heroku.setQuantity(APP, TYPE, count);
      await this.until(async () => (await this.queue.getWorkersCount()) === count);
      jobs.push(await this.add());
      await this.until(async () => (await this.queue.getActiveCount()) === count);
    }
    return jobs;
  }

  async add(): Promise<Job> {
    return await this.queue.add('work', {});
  }

  async finish(job: Job | undefined): Promise<void> {
    await this.#redis.set(`end:${job?.id}`, 'yes');
    await this.until(async () => (await job?.isCompleted()) === true);
  }

  async handedBack(job: Job | undefined): Promise<void> {
    await this.until(async () => {
      const now: Job | undefined = await this.queue.getJob(job?.id ?? '');
      return now !== undefined && (now.attemptsStarted === 2 || !(await now.isActive()));
    });
  }

  quantity(): number {
    return this.heroku.quantity(APP, TYPE);
  }

  pidOf(dyno: string): number {
    const found = this.heroku.dynos(APP).find(({ name, state }) => name === dyno && state === 'up');
    if (found?.pid === undefined) throw new Error(`${dyno} has no process`);
    return found.pid;
  }

  async untilDrained(dyno: string): Promise<void> {
    await this.until(async () => {
      const reports = await this.#redis.hvals(workerKeys(APP, TYPE).reports);
      return reports.some((text) => {
        const report = parseReport(text)?.report;
        return report?.dyno === dyno && report.resting !== undefined;
      });
    });
  }

  async until(so: () => boolean | Promise<boolean>): Promise<void> {
    await until(so);
  }

  /** How often each job was begun, and how many stalled or failed or had their dyno killed. */
  async jobOutcomes(): Promise<{ begun: number[]; stalled: number; failed: number; kills: number }> {
    const jobs = await this.queue.getJobs(['completed', 'failed']);
    return {
      begun: jobs.map((job) => job.attemptsStarted).toSorted((a, b) => a - b),
      stalled: jobs.filter((job) => job.stalledCounter > 0).length,
      failed: await this.queue.getFailedCount(),
      kills: this.heroku.kills,
    };
  }
}

export const UNHARMED = { stalled: 0, failed: 0, kills: 0 };
