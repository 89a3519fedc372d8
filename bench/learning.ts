/**
 * Compares what Drover learns from readings with what real workers did: `npm run bench -- learning`. DURATION_S (60) and
 * SEEDS (1,2) are optional. Errors are relative: -10 % is a tenth too little.
 */
import { Redis } from 'ioredis';

import { connectRedis } from '../src/adapters/redis/connect.ts';
import { serviceMsOf } from '../src/core/learn.ts';
import { startRedisServer } from '../src/standin/redis-server.ts';
import { errorsOf, measureLearning, SCENARIOS } from '../test/support/learning-accuracy.ts';

const durationMs = Number(process.env['DURATION_S'] ?? 60) * 1000;
const seeds = (process.env['SEEDS'] ?? '1,2').split(',').map(Number);

const percent = (part: number): string => `${part < 0 ? '' : '+'}${(100 * part).toFixed(1)} %`;
const server = await startRedisServer({ say: console.error });
const connection = connectRedis(server.url, { tlsVerify: true });
const redis = (): Redis => new Redis(server.url, { maxRetriesPerRequest: null });
console.log(
  '| scenario | seed | arrivals | departures | service time | load | true ms a job | learned ms |\n|---|--:|--:|--:|--:|--:|--:|--:|',
);
try {
  for (const seed of seeds) {
    for (const run of await measureLearning(SCENARIOS, { redis, connection, durationMs, seed })) {
      const { arrivals, departures, serviceMs, load } = errorsOf(run);
      const cells = [
        run.scenario.name,
        String(seed),
        ...[arrivals, departures, serviceMs, load].map(percent),
      ];
      cells.push(
        (run.truth.busyMs / run.truth.departures).toFixed(1),
        (serviceMsOf(run.learned) ?? NaN).toFixed(1),
      );
      console.log(`| ${cells.join(' | ')} |`);
    }
  }
} finally {
  connection.close();
  await server.stop();
}
