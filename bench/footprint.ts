/**
 * What Drover costs to start and to keep running, as ratios to bare Node measured in the same run: the wall time of
 * `plan` against a real Redis and a local stand-in for Heroku, and the resident memory after a thousand ticks.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

import { Queue } from 'bullmq';

import { startPlatform } from '../src/standin/platform.ts';
import { startRedisServer } from '../src/standin/redis-server.ts';

const MAIN = resolve(import.meta.dirname, '../dist/main.js');
const STARTS = 15;

const redis = await startRedisServer({ say: console.log });
const platform = await startPlatform({
  apps: [{ name: 'my-app', formation: [{ type: 'worker', quantity: 3 }] }],
});
const queue = new Queue('mail', { connection: { port: redis.port } });
await queue.addBulk(Array.from({ length: 250 }, () => ({ name: 'send', data: {} })));
const env = {
  PATH: process.env['PATH'],
  REDIS_URL: redis.url,
  QUEUES: 'mail',
  HEROKU_APP_NAME: 'my-app',
  HEROKU_API_KEY: platform.token,
  HEROKU_API_URL: platform.url,
};

try {
  const bare = ['-e', '0'];
  const plan = [MAIN, 'plan'];
  const times: { bare: number[]; plan: number[] } = { bare: [], plan: [] };
  for (let i = 0; i <= STARTS; i += 1) {
    // In turn, so that a machine which slows down slows both; the first of each warms the caches and is not counted.
    const [bareMs, planMs] = [await timed(bare), await timed(plan)];
    if (i > 0) {
      times.bare.push(bareMs);
      times.plan.push(planMs);
    }
  }
  const [bareMs, planMs] = [median(times.bare), median(times.plan)];
  console.log(
    `cold start   node -e 0: ${ms(bareMs)}   drover plan: ${ms(planMs)}   ratio ${ratio(planMs, bareMs)} (aim: under 5)`,
  );

  const bareRss = Number(await output(['-p', 'process.memoryUsage().rss']));
  const { first, busy, atRest, ticks } = JSON.parse(
    await output([resolve(import.meta.dirname, 'thousand-ticks.mjs')]),
  ) as {
    first: number;
    busy: number;
    atRest: number;
    ticks: number;
  };
  console.log(
    `memory       bare node: ${mb(bareRss)}   after 1 tick: ${mb(first)}   after ${ticks} without a pause: ${mb(busy)}   ` +
      `after them, ticking every 10 s: ${mb(atRest)}   ratio ${ratio(atRest, bareRss)} (aim: under 2.2)`,
  );
} finally {
  await queue.close();
  await platform.close();
  await redis.stop();
}

async function timed(args: readonly string[]): Promise<number> {
  const started = performance.now();
  await output(args);
  return performance.now() - started;
}

async function output(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`${args.join(' ')} exited with ${code}`);
  return text;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function ratio(a: number, b: number): string {
  return (a / b).toFixed(2);
}
