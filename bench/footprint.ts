/**
 * What Drover costs to start and to run, as ratios to bare Node in the same run: the time of `--help` and of `plan`
 * against a real Redis and a stand-in for Heroku, and the resident memory after a thousand ticks on each platform.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { Queue } from 'bullmq';

import { startKubernetes } from '../src/standin/kubernetes/kubernetes.ts';
import { startPlatform } from '../src/standin/platform.ts';
import { startRedisServer } from '../src/standin/redis-server.ts';

const ROOT = resolve(import.meta.dirname, '..');
const MAIN = resolve(ROOT, 'dist/main.js');
/** In `dist`, where a bundle finds the package. */
const TICKS_FOLDER = 'dist/.bench';
/** STARTS=0 leaves the times out. */
const STARTS = Number(process.env['STARTS'] ?? 25);
const MOST = { help: 3, plan: 6, memory: 2.2 };

const redis = await startRedisServer({ say: console.log });
const platform = await startPlatform({
  apps: [{ name: 'my-app', formation: [{ type: 'worker', quantity: 3 }] }],
});
const cluster = await startKubernetes({
  workloads: [
    { target: 'deployment/worker', replicas: 3 },
    { target: 'statefulset/worker-set', replicas: 3 },
  ],
});
const folder = mkdtempSync(join(tmpdir(), 'drover-footprint-'));
writeFileSync(join(folder, 'config'), cluster.kubeconfig);
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

const onKubernetes = {
  PLATFORM: 'kubernetes',
  KUBECONFIG: join(folder, 'config'),
  KUBERNETES_NAMESPACE: cluster.namespace,
};
const PLATFORMS: Readonly<Record<string, NodeJS.ProcessEnv>> = {
  Heroku: {},
  Deployment: { ...onKubernetes, KUBERNETES_TARGET: 'deployment/worker' },
  StatefulSet: { ...onKubernetes, KUBERNETES_TARGET: 'statefulset/worker-set' },
  KEDA: { ...onKubernetes, PLATFORM: 'keda', HOST: '127.0.0.1' },
};

try {
  if (STARTS > 0) await measureStart();
  await measureMemory();
} finally {
  await queue.close();
  await platform.close();
  await cluster.close();
  rmSync(folder, { recursive: true });
  await redis.stop();
  rmSync(resolve(ROOT, TICKS_FOLDER), { recursive: true, force: true });
}

/** Alternates the programs, so that a machine which slows down slows all of them. */
async function measureStart(): Promise<void> {
  const programs = { bare: ['-e', '0'], help: [MAIN, '--help'], plan: [MAIN, 'plan'] };
  const times: Record<keyof typeof programs, number[]> = { bare: [], help: [], plan: [] };
  for (let start = 0; start <= STARTS; start += 1) {
    for (const name of ['bare', 'help', 'plan'] as const) {
      const ms = await timed(programs[name]);
      // The first start fills the caches of the file system.
      if (start > 0) times[name].push(ms);
    }
  }
  const [bare, help, plan] = [median(times.bare), median(times.help), median(times.plan)];
  const against = (value: number, most: number): string =>
    `${value.toFixed(0)} ms, ${(value / bare).toFixed(2)} x (at most ${most})`;
  console.log(`start   node -e 0: ${bare.toFixed(0)} ms`);
  console.log(`        drover --help: ${against(help, MOST.help)}`);
  console.log(`        drover plan: ${against(plan, MOST.plan)}`);
}

async function measureMemory(): Promise<void> {
  execFileSync(process.execPath, ['scripts/build.mjs', 'bench/thousand-ticks.ts', TICKS_FOLDER], {
    cwd: ROOT,
  });
  const bare = Number(await output(['-p', 'process.memoryUsage().rss']));
  console.log(`memory  bare node: ${mb(bare)}`);
  for (const [name, settings] of Object.entries(PLATFORMS)) {
    const text = await output([resolve(ROOT, TICKS_FOLDER, 'thousand-ticks.js')], settings);
    const { first, busy, atRest, ticks } = JSON.parse(text) as Record<
      'first' | 'busy' | 'atRest' | 'ticks',
      number
    >;
    const ratio = `${(atRest / bare).toFixed(2)} x (at most ${MOST.memory})`;
    console.log(
      `        ${name}: after 1 tick ${mb(first)}, after ${ticks} ${mb(busy)}, at rest ${mb(atRest)}, ${ratio}`,
    );
  }
}

async function timed(args: readonly string[]): Promise<number> {
  const started = performance.now();
  await output(args);
  return performance.now() - started;
}

async function output(args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<string> {
  const child = spawn(process.execPath, args, {
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`${args.join(' ')} exited with ${code}`);
  return text;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
