import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { connectRedis, type RedisConnection } from '../../../src/adapters/redis/connect.ts';
import { startRedisServer, type RedisServer } from '../../../src/standin/redis-server.ts';
import { errorsOf, learningRuns, SCENARIOS, type LearningRun } from '../../support/learning-run.ts';

/** Longer runs, and the errors in them, are the benchmark's: `npm run bench:learning`. */
const DURATION_MS = 14_000;

let server: RedisServer;
let connection: RedisConnection;
let runs: readonly LearningRun[];

beforeAll(async () => {
  server = await startRedisServer();
  connection = connectRedis(server.url, { tlsVerify: true });
  const redis = (): Redis => new Redis(server.url, { maxRetriesPerRequest: null });
  runs = await learningRuns(SCENARIOS, { redis, connection, durationMs: DURATION_MS, seed: 4 });
});
afterAll(async () => {
  connection?.close();
  await server?.stop();
});

/** Least and greatest error, relative to what was so; absent: there is no telling. */
type Bounds = readonly [least: number, most: number] | undefined;

const CLOSE: Bounds = [-0.15, 0.15];

/** What a worker does around the handler counts as service too, and takes it longer where the whole suite runs. */
const WITH_ITS_HANDLING: Bounds = [-0.15, 0.3];

/** What is wrong of the counters here is made good by single runs, as far as these are kept. */
const SHORTER: Bounds = [-0.4, 0.1];

const rows: { name: string; arrivals: Bounds; serviceMs: Bounds; load: Bounds }[] = [
  { name: 'steady', arrivals: CLOSE, serviceMs: WITH_ITS_HANDLING, load: WITH_ITS_HANDLING },
  { name: 'all workers busy', arrivals: CLOSE, serviceMs: WITH_ITS_HANDLING, load: WITH_ITS_HANDLING },
  { name: 'retries at once', arrivals: CLOSE, serviceMs: WITH_ITS_HANDLING, load: WITH_ITS_HANDLING },
  { name: 'retries after a while', arrivals: CLOSE, serviceMs: WITH_ITS_HANDLING, load: WITH_ITS_HANDLING },
  { name: 'priorities', arrivals: CLOSE, serviceMs: WITH_ITS_HANDLING, load: WITH_ITS_HANDLING },
  { name: 'delays', arrivals: CLOSE, serviceMs: WITH_ITS_HANDLING, load: WITH_ITS_HANDLING },
  { name: 'deduplication', arrivals: [-0.1, 0.6], serviceMs: SHORTER, load: [-0.35, 0.15] },
  { name: 'deduplication, nothing kept', arrivals: undefined, serviceMs: undefined, load: [-0.35, 0.15] },
  { name: 'removals', arrivals: [-0.1, 0.6], serviceMs: SHORTER, load: [-0.35, 0.15] },
  { name: 'all of it', arrivals: [-0.1, 0.5], serviceMs: SHORTER, load: [-0.2, 0.2] },
];

/** Beyond this the machine is too busy for jobs of 300 ms to be timed on it. */
const LONGEST_READING_MS = 25;

test.for(rows)('$name', ({ name, ...bounds }, { skip }) => {
  const run = runs.find(({ scenario }) => scenario.name === name);
  if (!run) throw new Error('it was not run');
  skip(run.readingMs > LONGEST_READING_MS, `the machine is too busy: a reading takes ${run.readingMs} ms`);
  expect(run.readings).toBeGreaterThan(25);
  expect(run.truth.departures).toBeGreaterThan(30);
  const errors = errorsOf(run);
  const outside = (['arrivals', 'serviceMs', 'load'] as const).filter((what) => {
    const [least, most] = bounds[what] ?? [-Infinity, Infinity];
    return !(errors[what] >= least && errors[what] <= most);
  });
  expect({ outside, errors }).toEqual({ outside: [], errors });
});

test('every scenario has its row', () => {
  expect(rows.map(({ name }) => name)).toEqual(SCENARIOS.map(({ name }) => name));
});
