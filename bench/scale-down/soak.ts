import { setTimeout as delay } from 'node:timers/promises';

import type { Job, Queue } from 'bullmq';

import type { Tick } from '../../src/control/outcome.ts';
import {
  APP,
  LEAST_DYNOS,
  MOST_DYNOS,
  openDeployment,
  type DeploymentOptions,
  type Level,
} from './local-deployment.ts';
import { openKubernetes, type KubernetesDeployment, type WorkloadKind } from './kubernetes-deployment.ts';
import { bursts } from './workload.ts';

export type SoakOptions = {
  /** Absent: dynos on Heroku. */
  readonly kubernetes?: WorkloadKind | undefined;
  readonly level: Level;
  readonly concurrency: number;
  /** Process types side by side, each with its queue. */
  readonly processTypes: number;
  /** MAX_WORKERS of each; default 4. */
  readonly mostDynos?: number;
  /** For how long work is added. */
  readonly lengthMs: number;
  /** What a real second is made of. */
  readonly scale: number;
  readonly seed: number;
  /** See FleetOptions; work may go on for as much longer, too. */
  readonly slackMs?: number;
};

export type SoakResult = {
  /** PATCHes that lowered a quantity, and how many dynos they took away. */
  readonly scaleDowns: number;
  readonly dynosRemoved: number;
  /** Dynos that the platform had to kill. */
  readonly sigkills: number;
  readonly jobs: number;
  /** Begun more than once: their dyno was killed under them, or handed them back. */
  readonly runTwice: number;
  readonly stalled: number;
  readonly failed: number;
  /** Added, and not to be found done or failed. */
  readonly lost: number;
  readonly dynoSeconds: number;
};

/** Longest that work may go on after the last was added, in scaled time: the longest job twice, and some ticks. */
const TAIL_MS = 600_000;

export async function soak({
  kubernetes,
  level,
  concurrency,
  processTypes,
  mostDynos = MOST_DYNOS,
  lengthMs,
  scale,
  seed,
  slackMs = 0,
}: SoakOptions): Promise<SoakResult> {
  const types = Array.from({ length: processTypes }, (_, index) => `fleet${index + 1}`);
  const options = { level, concurrency, types, mostDynos, scale, slackMs };
  const fleet =
    kubernetes === undefined ? await openHeroku(options) : await openKubernetes(kubernetes, options);
  const { queues } = fleet;
  try {
    let removed = { scaleDowns: 0, dynosRemoved: 0 };
    fleet.startClock((tick) => {
      removed = countRemoved(removed, tick);
    });
    const added = await Promise.all(
      queues.map(async (queue, index) => {
        const load = bursts({
          lengthMs,
          slots: concurrency,
          maxDynos: mostDynos,
          scale,
          seed: seed + index,
        });
        const startedMs = performance.now();
        let count = 0;
        for (const { atMs, jobMs } of load) {
          await delay(Math.max(0, atMs - (performance.now() - startedMs)));
          await queue.addBulk(jobMs.map((ms) => ({ name: 'work', data: { ms } })));
          count += jobMs.length;
        }
        return count;
      }),
    );
    const lastMs = performance.now();
    // To the end of the last scale-down: on a machine too busy for any before, that is the one that is tried.
    const atRest = async (): Promise<boolean> =>
      types.every((type) => fleet.quantity(type) === LEAST_DYNOS) && (await allDone(queues));
    while (!(await atRest()) && performance.now() - lastMs < TAIL_MS * scale + slackMs) await delay(50);
    const dynoSeconds = types.reduce((sum, type) => sum + fleet.workerSeconds(type), 0);
    const done = (
      await Promise.all(queues.map(async (queue) => await queue.getJobs(['completed', 'failed'])))
    ).flat();
    const jobs = added.reduce((sum, count) => sum + count, 0);
    return {
      ...removed,
      sigkills: fleet.kills(),
      jobs,
      ...outcomesOf(done),
      lost: jobs - done.length,
      dynoSeconds,
    };
  } finally {
    await fleet.close();
  }
}

async function openHeroku(options: DeploymentOptions): Promise<KubernetesDeployment> {
  const deployment = await openDeployment(options);
  const { platform } = deployment;
  return {
    queues: deployment.queues,
    kills: () => platform.kills,
    quantity: (type) => platform.quantity(APP, type),
    workerSeconds: (type) => platform.dynoSeconds(APP, type),
    startClock: (onTick) => deployment.startClock(onTick),
    close: () => deployment.close(),
  };
}

function countRemoved(
  before: { scaleDowns: number; dynosRemoved: number },
  tick: Tick,
): { scaleDowns: number; dynosRemoved: number } {
  let { scaleDowns, dynosRemoved } = before;
  for (const outcome of tick.outcomes) {
    if (outcome.kind !== 'resized' || outcome.resized.kind !== 'resized') continue;
    const fewer = outcome.decision.from - outcome.resized.quantity;
    if (fewer <= 0) continue;
    scaleDowns += 1;
    dynosRemoved += fewer;
  }
  return { scaleDowns, dynosRemoved };
}

async function allDone(queues: readonly Queue[]): Promise<boolean> {
  const left = await Promise.all(
    queues.map(
      async (queue) => await queue.getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized'),
    ),
  );
  return left.every((count) => count === 0);
}

function outcomesOf(jobs: readonly Job[]): Pick<SoakResult, 'runTwice' | 'stalled' | 'failed'> {
  return {
    runTwice: jobs.filter((job) => job.attemptsStarted > 1).length,
    stalled: jobs.filter((job) => job.stalledCounter > 0).length,
    failed: jobs.filter((job) => job.failedReason !== undefined).length,
  };
}
