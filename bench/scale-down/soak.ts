import { setTimeout as delay } from 'node:timers/promises';

import type { Queue } from 'bullmq';

import type { Tick } from '../../src/control/outcome.ts';
import type { Stopped } from '../../src/standin/stopped.ts';
import type { Fleet } from './fleet.ts';
import { hadWorked, harms, killedIdle, type Cause, type Harm } from './harm.ts';
import { openHerokuFleet } from './heroku-fleet.ts';
import { openKubernetesFleet, type WorkloadKind } from './kubernetes-fleet.ts';
import { LEAST_DYNOS, MOST_DYNOS, type Level } from './options.ts';
import type { Run } from './record.ts';
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
  /** For how long work is added, or until how many dynos were removed. */
  readonly until: { readonly ms: number } | { readonly removals: number };
  /** What a real second is made of. */
  readonly scale: number;
  readonly seed: number;
  /** See FleetOptions; work may go on for as much longer, too. */
  readonly slackMs?: number;
};

/** Counts of jobs, unless it says otherwise. */
export type SoakResult = {
  /** Writes that lowered a quantity. */
  readonly scaleDowns: number;
  /** Dynos whose process got SIGTERM because of them. */
  readonly removed: number;
  /** Those of them that had run a job. */
  readonly worked: number;
  /** Dynos that got SIGKILL while they ran no job: shutting down took longer than the grace time. */
  readonly killedIdle: number;
  readonly jobs: number;
  /** Begun in a process that ended before they did, and not handed back before. */
  readonly killed: number;
  readonly handedBack: number;
  /** Begun again while they still ran. */
  readonly lapsed: number;
  /** Begun more than once, whatever the cause. */
  readonly runTwice: number;
  readonly failed: number;
  /** Added, and not to be found done or failed. */
  readonly lost: number;
  readonly dynoSeconds: number;
};

/** What happened, for a person who looks for a cause. */
export type SoakLog = {
  readonly startedAt: number;
  readonly harms: readonly Harm[];
  readonly stopped: readonly Stopped[];
  readonly runs: readonly Run[];
  readonly ticks: readonly Tick[];
};

/** Longest that work may go on after the last was added, in scaled time: the longest job twice, and some ticks. */
const TAIL_MS = 600_000;

export async function soak(options: SoakOptions): Promise<{ result: SoakResult; log: SoakLog }> {
  const { mostDynos = MOST_DYNOS, scale, slackMs = 0 } = options;
  const types = Array.from({ length: options.processTypes }, (_, index) => `fleet${index + 1}`);
  const fleetOptions = { ...options, types, mostDynos, slackMs };
  const fleet: Fleet =
    options.kubernetes === undefined
      ? await openHerokuFleet(fleetOptions)
      : await openKubernetesFleet(fleetOptions, options.kubernetes);
  const { platform, queues, record } = fleet;
  try {
    const startedAt = Date.now();
    const ticks: Tick[] = [];
    fleet.startClock((tick) => ticks.push(tick));
    const added = await Promise.all(
      queues.map(async (queue, index) => await addWork(queue, platform, { ...options, mostDynos, index })),
    );
    const lastMs = performance.now();
    const tailMs = TAIL_MS * scale + slackMs;
    // To the end of the last scale-down: on a machine too busy for any before, that is the one that is tried.
    const isIdle = async (): Promise<boolean> =>
      types.every((type) => platform.quantity(type) === LEAST_DYNOS) && (await allDone(queues));
    while (!(await isIdle()) && performance.now() - lastMs < tailMs) await delay(50);

    const dynoSeconds = types.reduce((sum, type) => sum + platform.dynoSeconds(type), 0);
    const done = await countJobs(queues, 'completed', 'failed');
    const jobs = added.reduce((sum, count) => sum + count, 0);
    const stopped = platform.stopped.filter(({ because }) => because === 'scale-down');
    const harmed = harms(record.runs);
    const by = (cause: Cause): number => harmed.filter(({ causes }) => causes.includes(cause)).length;
    const result = {
      scaleDowns: ticks.reduce((sum, tick) => sum + scaleDownsIn(tick), 0),
      removed: stopped.length,
      worked: hadWorked(stopped, record.runs),
      killedIdle: killedIdle(stopped, record.runs),
      jobs,
      killed: by('killed'),
      handedBack: by('handed back'),
      lapsed: by('lock lapsed'),
      runTwice: harmed.filter(({ runs }) => runs.length > 1).length,
      failed: await countJobs(queues, 'failed'),
      lost: jobs - done,
      dynoSeconds,
    };
    return {
      result,
      log: { startedAt, harms: harmed, stopped: [...platform.stopped], runs: record.runs, ticks },
    };
  } finally {
    await fleet.close();
  }
}

/** Returns how many jobs it added. */
async function addWork(
  queue: Queue,
  { stopped }: Fleet['platform'],
  {
    until,
    concurrency: slots,
    mostDynos,
    scale,
    seed,
    index,
  }: SoakOptions & { readonly mostDynos: number; readonly index: number },
): Promise<number> {
  const startedMs = performance.now();
  let count = 0;
  for (const { atMs, jobMs } of bursts({ slots, maxDynos: mostDynos, scale, seed: seed + index })) {
    if ('ms' in until && atMs >= until.ms) break;
    await delay(Math.max(0, atMs - (performance.now() - startedMs)));
    if ('removals' in until && stopped.length >= until.removals) break;
    await queue.addBulk(jobMs.map((ms) => ({ name: 'work', data: { ms } })));
    count += jobMs.length;
  }
  return count;
}

function scaleDownsIn({ outcomes }: Tick): number {
  return outcomes.filter(
    (outcome) =>
      outcome.kind === 'resized' &&
      outcome.resized.kind === 'resized' &&
      outcome.resized.quantity < outcome.decision.from,
  ).length;
}

async function allDone(queues: readonly Queue[]): Promise<boolean> {
  return (await countJobs(queues, 'waiting', 'active', 'delayed', 'prioritized')) === 0;
}

async function countJobs(
  queues: readonly Queue[],
  ...states: Parameters<Queue['getJobCountByTypes']>
): Promise<number> {
  const counts = await Promise.all(queues.map(async (queue) => await queue.getJobCountByTypes(...states)));
  return counts.reduce((sum, count) => sum + count, 0);
}
