import type { ProcessTypeSettings } from '../../config/settings.ts';
import type { History } from '../../journal/minute.ts';
import {
  bootsAround,
  droverController,
  recordedController,
  recordedWorkload,
  simulate,
  type Controller,
} from '../../sim/index.ts';
import { assumed } from '../assumed.ts';

/** Arrivals within a minute and service times are drawn by chance: the same ones for both. */
const SEED = 1;

/** What one of both would have meant for the recorded jobs, by simulation. */
export type Simulated = {
  readonly dynoHours: number;
  /** The wait that 95 % of the jobs did not exceed. */
  readonly p95WaitMs: number;
  /** The share of jobs that waited longer than allowed, 0 to 1. */
  readonly late: number;
};

/** The recorded workload under the quantities that the platform had, and under Drover. */
export type ShadowComparison = { readonly asItWas: Simulated; readonly withDrover: Simulated };

/**
 * Both are simulated on the same jobs, rebuilt from the journal's counts, because a shadow's own decisions see a backlog
 * that other quantities have served. Undefined where a minute of the history is of no shadow.
 */
export async function compareShadow(
  history: History,
  settings: ProcessTypeSettings,
  tickMs: number,
): Promise<ShadowComparison | undefined> {
  const { processType } = settings;
  const recorded = recordedController(history, processType);
  const past = recordedWorkload(history, processType, SEED);
  if (recorded === undefined || past === undefined) return undefined;
  const { workload } = past;
  const concurrency = settings.concurrency ?? workload.concurrency;
  const { bootMs, maxWaitMs } = assumed(settings);
  const run = async (controller: Controller): Promise<Simulated> => {
    const { figures } = await simulate({ ...workload, concurrency }, controller, {
      platform: { boots: bootsAround(bootMs), seed: SEED },
      maxWaitMs,
    });
    return { dynoHours: figures.dynoHours, p95WaitMs: figures.wait.p95 * 1000, late: figures.late };
  };
  return {
    asItWas: await run(recorded),
    withDrover: await run(
      droverController({ name: 'Drover', settings: { ...settings, concurrency }, tickMs, workers: 'named' }),
    ),
  };
}
