import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { JUDOSCALE_DEFAULTS, type JudoscaleSettings } from '../../src/sim/peers/judoscale.ts';
import { APP, CONCURRENCY, MAX_DYNOS, MIN_DYNOS, PROCESS_TYPE, QUEUES } from './deployment.ts';
import type { PeerDeployment } from './deployment.ts';
import { startJudoscale } from './judoscale-service.ts';
import { until } from './until.ts';

/** An autoscaler as the comparison runs it, on a deployment whose dynos are not booted yet. */
export type Autoscaler = {
  readonly name: string;
  /** Boots the first dyno, and resolves when the autoscaler has read the queues. */
  start(deployment: PeerDeployment): Promise<{ stop(): Promise<void> }>;
};

/** All documented times are a tenth of what they are on Heroku. */
export const SCALE = 0.1;
/** Backlog per dyno of Drover's rule, and top of Judoscale's range. */
const JOBS = 100;
/** 300 s on Heroku. */
export const ALLOWED_WAIT_MS = 30_000;
const EVERY_MS = 10_000 * SCALE;
const MAIN = resolve(import.meta.dirname, '../../dist/main.js');

export const AUTOSCALERS: readonly Autoscaler[] = [
  drover('Drover, backlog rule', { JOBS_PER_WORKER: String(JOBS) }),
  drover('Drover, wait rule', { MAX_WAIT_SECONDS: String(ALLOWED_WAIT_MS / 1000) }),
  judoscale('Judoscale, defaults', { ...JUDOSCALE_DEFAULTS, jobs: JOBS }),
  // For bursts its guide advises larger jumps, no more often than a dyno boots, and a shorter delay to save.
  judoscale('Judoscale, tuned', { jobs: JOBS, jump: 3, upEveryMs: 45_000, downAfterMs: 120_000 }),
];

/** `drover run` as a process of its own. */
function drover(name: string, sizing: Readonly<Record<string, string>>): Autoscaler {
  return {
    name,
    async start(deployment) {
      const { platform, redisUrl } = deployment;
      await deployment.boot({});
      const child = spawn(process.execPath, [MAIN, 'run'], {
        env: {
          PATH: process.env['PATH'],
          REDIS_URL: redisUrl,
          QUEUES: QUEUES.join(','),
          HEROKU_APP_NAME: APP,
          HEROKU_API_KEY: platform.token,
          HEROKU_API_URL: platform.url,
          PROCESS_TYPE,
          MIN_WORKERS: String(MIN_DYNOS),
          MAX_WORKERS: String(MAX_DYNOS),
          WORKER_CONCURRENCY: String(CONCURRENCY),
          BOOT_SECONDS: String(30 * SCALE),
          SCALE_DOWN_DELAY_SECONDS: String(60 * SCALE),
          SCHEDULE: '* * * * * *',
          LOG_LEVEL: 'warn',
          ...sizing,
        },
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      const kill = (): void => void child.kill('SIGKILL');
      process.once('exit', kill);
      const exited = once(child, 'exit');
      await until(() => platform.requests.some(({ status }) => status === 200));
      return {
        stop: async () => {
          child.kill('SIGTERM');
          await exited;
          process.off('exit', kill);
        },
      };
    },
  };
}

/** Judoscale's adapter in the dynos, and its rule behind the address that it reports to. */
function judoscale(name: string, settings: JudoscaleSettings): Autoscaler {
  return {
    name,
    async start(deployment) {
      const { platform } = deployment;
      const service = await startJudoscale(scaled(settings), {
        baseUrl: platform.url,
        path: `/apps/${APP}/formation/${PROCESS_TYPE}`,
        token: platform.token,
        min: MIN_DYNOS,
        max: MAX_DYNOS,
      });
      await deployment.boot({ JUDOSCALE_URL: service.url, REPORT_SECONDS: String(EVERY_MS / 1000) });
      await until(() => service.queues.size === QUEUES.length);
      const stopped = new AbortController();
      const running = evaluateUntil(stopped.signal, async (at) => await service.evaluate(at));
      return {
        stop: async () => {
          stopped.abort();
          await running;
          await service.close();
        },
      };
    },
  };
}

async function evaluateUntil(signal: AbortSignal, evaluate: (at: number) => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await evaluate(performance.now());
    await delay(EVERY_MS, undefined, { signal }).catch(() => {});
  }
}

function scaled({ upEveryMs, downAfterMs, ...rest }: JudoscaleSettings): JudoscaleSettings {
  return { ...rest, upEveryMs: upEveryMs * SCALE, downAfterMs: downAfterMs * SCALE };
}
