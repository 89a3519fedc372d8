/**
 * Memory of the HTTP side: the resident size of `drover run` after some ticks, without the dashboard and with it, the
 * latter after the requests of a browser; and of `drover serve`. Real processes, a real Redis, a local Platform API.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { startPlatform } from '../src/standin/platform.ts';
import { startRedisServer } from '../src/standin/redis-server.ts';

const MAIN = resolve(import.meta.dirname, '../dist/main.js');
const TOKEN = 'dashboard-bench-token';
const SETTLE_MS = 20_000;
const PATHS = ['/', '/assets/app.js', '/assets/uplot.js', '/status', '/history?range=hour', '/metrics'];

const redis = await startRedisServer({ say: console.log });
const platform = await startPlatform({
  apps: [{ name: 'my-app', formation: [{ type: 'worker', quantity: 3 }] }],
});
const env = {
  PATH: process.env['PATH'],
  REDIS_URL: redis.url,
  QUEUES: '*',
  HEROKU_APP_NAME: 'my-app',
  HEROKU_API_KEY: platform.token,
  HEROKU_API_URL: platform.url,
  SCHEDULE: '* * * * * *',
  HOST: '127.0.0.1',
  PORT: '0',
  DASHBOARD_TOKEN: TOKEN,
};

try {
  const plain = await measure(['run'], {});
  const dashboard = await measure(['run'], { DASHBOARD: 'true' });
  const serve = await measure(['serve'], {});
  console.log(
    `run: ${mb(plain)}   run with the dashboard: ${mb(dashboard)}, ratio ${(dashboard / plain).toFixed(2)} (aim: under 1.3)   serve: ${mb(serve)}`,
  );
} finally {
  await platform.close();
  await redis.stop();
}

/** Resident bytes after the process has settled; where there is a dashboard, after ten requests of every path. */
async function measure(args: readonly string[], more: Record<string, string>): Promise<number> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await sleep(SETTLE_MS / 2);
  const [, url] = /dashboard at (http:[^"]+)"/.exec(text) ?? [];
  for (let i = 0; url !== undefined && i < 10; i += 1) {
    for (const path of PATHS)
      await (await fetch(url + path, { headers: { authorization: `Bearer ${TOKEN}` } })).text();
  }
  await sleep(SETTLE_MS / 2);
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  child.kill('SIGTERM');
  await once(child, 'close');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
