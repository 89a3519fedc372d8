import { setTimeout as delay } from 'node:timers/promises';

import { Queue, Worker, type JobsOptions } from 'bullmq';
import type { Redis } from 'ioredis';

import { bullmqBacklog } from '../../src/adapters/bullmq/backlog.ts';
import type { RedisConnection } from '../../src/adapters/redis/connect.ts';
import { demandOf } from '../../src/core/demand.ts';
import { countedPerJob, learn, serviceMsOf, type Learned } from '../../src/core/learn.ts';
import { exponential, randomFrom, type Random } from '../../src/sim/random.ts';

/** Traffic of one queue, made of one kind of thing that distorts counters, or of all of them. */
export type Scenario = {
  readonly name: string;
  /** Adds a second, duplicates included. */
  readonly rate: number;
  /** Mean of what one attempt takes: from half to one and a half of it. */
  readonly serviceMs: number;
  readonly concurrency: number;
  /** Part of the adds that are … */
  readonly retried?: number;
  readonly backedOff?: number;
  readonly prioritized?: number;
  readonly delayed?: number;
  /** … of a deduplication id that is most likely in use. */
  readonly duplicate?: number;
  /** … removed as soon as they are there. */
  readonly removed?: number;
  readonly keep?: JobsOptions['removeOnComplete'];
};

/** What happened to the jobs, counted where it happened. */
export type Truth = {
  /** Jobs that came to be and were ready to be taken. */
  arrivals: number;
  /** Jobs that a worker ended, by success or for good. */
  departures: number;
  /** Milliseconds that workers spent on jobs, tries that failed included. */
  busyMs: number;
};

export type LearningResult = {
  readonly scenario: Scenario;
  readonly truth: Truth;
  readonly learned: Learned;
};

export const READ_EVERY_MS = 200;
export const LONGEST_DELAY_MS = 1_000;
export const BACKOFF_MS = 300;

/**
 * Real workers under a scenario's traffic, and what is learned of it by the reading that Drover makes. The scenarios run
 * side by side, each on a queue of its own, and stop together: what is still under way at the end counts for neither.
 */
export async function measureLearning(
  scenarios: readonly Scenario[],
  options: {
    readonly redis: () => Redis;
    readonly connection: RedisConnection;
    readonly durationMs: number;
    readonly seed: number;
  },
): Promise<LearningResult[]> {
  const { redis, connection, durationMs, seed } = options;
  const shared = redis();
  // Jobs of a run before this one would still be locked.
  await shared.flushall();
  const running = scenarios.map((scenario, index) =>
    traffic(scenario, `s${index}`, { redis, shared, random: randomFrom(seed + index) }),
  );
  await Promise.all(running.map(async (one) => await one.ready()));
  const ends = performance.now() + durationMs;
  const adding = Promise.all(running.map(async (one) => await one.add(ends)));
  const source = bullmqBacklog(connection, { prefix: 'bull' });
  const patterns = running.map(({ queue }) => queue.name);
  const learned = new Map<string, Learned>();
  let due = performance.now();
  for (;;) {
    const at = Date.now();
    const [backlog] = await source.read([{ patterns, horizonMs: 0 }], at, AbortSignal.timeout(5_000));
    for (const seen of backlog?.queues ?? [])
      learned.set(seen.name, learn(learned.get(seen.name), { queue: seen, demand: demandOf(seen) }, at, 0));
    due += READ_EVERY_MS;
    if (due > ends) break;
    await delay(Math.max(0, due - performance.now()));
  }
  const truths = running.map(({ truth }) => ({ ...truth() }));
  await adding;
  await Promise.all(running.map(async (one) => await one.end()));
  shared.disconnect();
  return scenarios.map((scenario, index) => {
    const [truth, known] = [truths[index], learned.get(`s${index}`)];
    if (!truth || !known) throw new Error(`nothing was learned of ${scenario.name}`);
    return { scenario, truth, learned: known };
  });
}

function traffic(
  scenario: Scenario,
  name: string,
  { redis, shared, random }: { redis: () => Redis; shared: Redis; random: Random },
) {
  const queue = new Queue(name, { connection: shared });
  const truth: Truth = { arrivals: 0, departures: 0, busyMs: 0 };
  const begun = new Map<string, number>();
  const own = redis();
  const worker = new Worker(
    name,
    async ({ id = '', data, attemptsMade }) => {
      const from = performance.now();
      begun.set(id, from);
      await delay(data.ms);
      truth.busyMs += performance.now() - from;
      begun.delete(id);
      if (data.fails > attemptsMade) throw new Error('a planned failure');
    },
    { connection: own, concurrency: scenario.concurrency },
  );
  worker.on('error', () => {});
  worker.on('completed', () => void (truth.departures += 1));
  worker.on('failed', (job) => void (job?.finishedOn === undefined || (truth.departures += 1)));

  const chance = (part = 0): boolean => random() < part;
  const addOne = async (count: number): Promise<void> => {
    const fails = chance(scenario.retried) ? 1 : 0;
    const delayMs = chance(scenario.delayed) ? random() * LONGEST_DELAY_MS : 0;
    const duplicate = chance(scenario.duplicate);
    // A duplicate is the job it is one of, which may well run.
    const removed = !duplicate && chance(scenario.removed);
    const job = await queue.add(
      'job',
      { ms: scenario.serviceMs * (0.5 + random()), fails },
      {
        attempts: 3,
        removeOnComplete: scenario.keep ?? true,
        // Only what cannot begin at once can be removed before it did.
        ...(removed ? { delay: 60_000 } : delayMs > 0 ? { delay: delayMs } : {}),
        ...(chance(scenario.prioritized) ? { priority: 1 + Math.floor(random() * 3) } : {}),
        ...(chance(scenario.backedOff) ? { backoff: BACKOFF_MS } : {}),
        ...(duplicate ? { deduplication: { id: 'same', ttl: 60_000 } } : {}),
      },
    );
    if (removed) await job.remove();
    else if (!duplicate || job.id === String(count)) setTimeout(() => (truth.arrivals += 1), delayMs);
  };

  return {
    queue,
    async ready(): Promise<void> {
      await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
    },
    truth: (): Truth => {
      const now = performance.now();
      const unfinished = [...begun.values()].reduce((sum, from) => sum + now - from, 0);
      return { ...truth, busyMs: truth.busyMs + unfinished };
    },
    async add(ends: number): Promise<void> {
      const pending: Promise<void>[] = [];
      let due = performance.now();
      for (let count = 1; due < ends; count += 1) {
        due += exponential(random, 1_000 / scenario.rate);
        await delay(Math.max(0, Math.min(due, ends) - performance.now()));
        if (due < ends) pending.push(addOne(count));
      }
      await Promise.all(pending);
    },
    async end(): Promise<void> {
      await worker.close(true);
      await queue.close();
      own.disconnect();
    },
  };
}

/** What was learned against what was so: 0 is right, 0.1 a tenth too much. */
export function errorsOf({ truth, learned }: Pick<LearningResult, 'truth' | 'learned'>): {
  readonly arrivals: number;
  readonly departures: number;
  readonly serviceMs: number;
  readonly load: number;
} {
  const counted = countedPerJob(learned);
  const arrivals = (learned.marks.at(-1)?.[1] ?? 0) / counted;
  const serviceMs = serviceMsOf(learned) ?? 0;
  const trueServiceMs = truth.busyMs / truth.departures;
  return {
    arrivals: arrivals / truth.arrivals - 1,
    departures: learned.departures / counted / truth.departures - 1,
    serviceMs: serviceMs / trueServiceMs - 1,
    load: (arrivals * serviceMs) / (truth.arrivals * trueServiceMs) - 1,
  };
}

export const SCENARIOS: readonly Scenario[] = [
  { name: 'steady', rate: 20, serviceMs: 300, concurrency: 30 },
  { name: 'all workers busy', rate: 20, serviceMs: 300, concurrency: 4 },
  { name: 'retries at once', rate: 20, serviceMs: 300, concurrency: 30, retried: 0.3 },
  { name: 'retries after a while', rate: 20, serviceMs: 300, concurrency: 30, retried: 0.3, backedOff: 1 },
  { name: 'priorities', rate: 20, serviceMs: 300, concurrency: 4, prioritized: 0.5 },
  { name: 'delays', rate: 20, serviceMs: 300, concurrency: 30, delayed: 0.5 },
  { name: 'deduplication', rate: 20, serviceMs: 300, concurrency: 2, duplicate: 0.6, keep: 1_000 },
  { name: 'deduplication, nothing kept', rate: 20, serviceMs: 300, concurrency: 2, duplicate: 0.6 },
  { name: 'removals', rate: 20, serviceMs: 300, concurrency: 3, removed: 0.5, keep: 1_000 },
  {
    name: 'all of it',
    rate: 20,
    serviceMs: 300,
    concurrency: 30,
    retried: 0.1,
    backedOff: 0.5,
    prioritized: 0.3,
    delayed: 0.3,
    duplicate: 0.1,
    removed: 0.1,
  },
];
