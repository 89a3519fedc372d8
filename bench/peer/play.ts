import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

import { sumOf } from '../../src/core/sum.ts';
import { ALLOWED_WAIT_MS, type Autoscaler } from './autoscalers.ts';
import { APP, openPeerDeployment, PROCESS_TYPE, type PeerDeployment } from './deployment.ts';
import { jobFigures, type JobFigures } from './figures.ts';
import type { Batch } from './workload.ts';

export type PlayedFigures = JobFigures & {
  /** From the start until the length is over and all jobs have ended; boots and shutdowns included. */
  readonly dynoSeconds: number;
  readonly mostDynos: number;
  /** PATCHes. */
  readonly changes: number;
  /** Dynos that the platform had to kill. */
  readonly kills: number;
  readonly lost: number;
  /** Median, of the dynos that took jobs. */
  readonly bootMs: number;
  /** Load average of one minute when it began and when it ended. */
  readonly load: readonly [number, number];
};

const SAMPLE_MS = 100;
/** After the length, jobs may take as long again as the slowest rule needs. */
const TAIL_MS = 300_000;
/** Requests an account may have left at most. */
const FULL_BUDGET = 4500;

/** Plays a workload under one autoscaler. */
export async function play(
  autoscaler: Autoscaler,
  day: readonly Batch[],
  lengthMs: number,
  packages: string,
): Promise<PlayedFigures> {
  const deployment = await openPeerDeployment(packages);
  try {
    const running = await autoscaler.start(deployment);
    try {
      return await measure(deployment, day, lengthMs);
    } finally {
      await running.stop();
    }
  } finally {
    await deployment.close();
  }
}

async function measure(
  deployment: PeerDeployment,
  day: readonly Batch[],
  lengthMs: number,
): Promise<PlayedFigures> {
  const { platform } = deployment;
  const total = sumOf(day, ({ jobs }) => jobs.length);
  const startedMs = performance.now();
  const elapsedMs = (): number => performance.now() - startedMs;
  const dynoSecondsBefore = platform.dynoSeconds(APP, PROCESS_TYPE);
  const changesBefore = changes(deployment);
  const loadBefore = load();
  const adding = addAll(deployment, day, elapsedMs);
  let mostDynos = 0;
  const over = async (): Promise<boolean> =>
    elapsedMs() >= lengthMs && (await deployment.endedCount()) >= total;
  while (!(await over()) && elapsedMs() < lengthMs + TAIL_MS) {
    mostDynos = Math.max(mostDynos, platform.quantity(APP, PROCESS_TYPE));
    // Times are scaled, the account's hourly budget is not: refill it.
    platform.rateLimitRemaining = FULL_BUDGET;
    await delay(SAMPLE_MS);
  }
  const dynoSeconds = platform.dynoSeconds(APP, PROCESS_TYPE) - dynoSecondsBefore;
  await adding;
  const jobs = await deployment.ended();
  return {
    ...jobFigures(jobs, ALLOWED_WAIT_MS),
    dynoSeconds,
    mostDynos,
    changes: changes(deployment) - changesBefore,
    kills: platform.kills,
    lost: total - jobs.length,
    bootMs: median(deployment.bootsMs),
    load: [loadBefore, load()],
  };
}

async function addAll(
  deployment: PeerDeployment,
  day: readonly Batch[],
  elapsedMs: () => number,
): Promise<void> {
  for (const batch of day) {
    await delay(Math.max(0, batch.atMs - elapsedMs()));
    await deployment.add(batch);
  }
}

function changes({ platform }: PeerDeployment): number {
  return platform.requests.filter(({ method, status }) => method === 'PATCH' && status === 200).length;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function load(): number {
  return loadavg()[0] ?? NaN;
}
