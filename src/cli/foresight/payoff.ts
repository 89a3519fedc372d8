import { setImmediate as yielded } from 'node:timers/promises';

import type { ProcessTypeSettings } from '../../config/settings.ts';
import { believe } from '../../core/belief.ts';
import { FORESEEN_MS } from '../../core/foreseen.ts';
import type { ExpectedBurst } from '../../core/types.ts';
import type { History } from '../../journal/minute.ts';
import type { Controller } from '../../sim/index.ts';
import { assumed } from '../assumed.ts';

/** A part of the past with the bursts that were to be expected in it, from what came before. */
export type Window = { readonly history: History; readonly expected: readonly ExpectedBurst[] };

/** What replays with and without the expected bursts came to, over all windows. */
export type Payoff = {
  readonly jobs: number;
  readonly dynoHours: { readonly with: number; readonly without: number };
  readonly late: { readonly with: number; readonly without: number };
};

export const NO_PAYOFF: Payoff = {
  jobs: 0,
  dynoHours: { with: 0, without: 0 },
  late: { with: 0, without: 0 },
};

/** A larger part of the past is not replayed: it would take seconds of a clock's processor. */
const MOST_JOBS = 50_000;
/** Ticks that are replayed before the clock's own work goes on. */
const TICKS_AT_ONCE = 5;
/** Fewer jobs late than this share are no reason to pay more. */
const WORTH_PAYING = 0.01;

export type Replay = {
  readonly settings: ProcessTypeSettings;
  readonly tickMs: number;
  /** Ends a replay under way. */
  readonly signal: AbortSignal;
};

/** Adds one window, replayed by the simulator under the clock's own settings. Throws when the signal aborts. */
export async function withWindow(
  before: Payoff,
  { history, expected }: Window,
  { settings, tickMs, signal }: Replay,
): Promise<Payoff> {
  const { bootsAround, droverController, EPOCH_MS, PROCESS_TYPE, recordedWorkload, simulate } =
    await import('../../sim/index.ts');
  const startsAt = history.minutes.find(({ types }) =>
    types.some(({ processType }) => processType === settings.processType),
  )?.at;
  const recorded = recordedWorkload(history, settings.processType, 1);
  if (startsAt === undefined || recorded === undefined) return before;
  const { workload } = recorded;
  if (workload.jobs.length > MOST_JOBS) return before;
  const bursts = expected.map((burst) => ({ ...burst, at: burst.at - startsAt + EPOCH_MS }));
  const { bootMs, maxWaitMs } = assumed(settings);
  const platform = { boots: bootsAround(bootMs), seed: 1 };
  const run = async (known: readonly ExpectedBurst[]): Promise<{ dynoHours: number; late: number }> => {
    const foreseen = believe({ bursts: known }, EPOCH_MS, FORESEEN_MS);
    const controller = droverController({
      name: 'replay',
      // Simulated time has no weekdays.
      settings: {
        ...settings,
        processType: PROCESS_TYPE,
        limits: undefined,
        concurrency: workload.concurrency,
      },
      tickMs,
      workers: 'helper',
      foresight: { of: () => foreseen },
    });
    const { figures } = await simulate(workload, yielding(controller, signal), { platform, maxWaitMs });
    return { dynoHours: figures.dynoHours, late: figures.late * figures.jobs };
  };
  const [without, prepared] = [await run([]), await run(bursts)];
  return {
    jobs: before.jobs + workload.jobs.length,
    dynoHours: {
      with: before.dynoHours.with + prepared.dynoHours,
      without: before.dynoHours.without + without.dynoHours,
    },
    late: { with: before.late.with + prepared.late, without: before.late.without + without.late },
  };
}

/** Why nothing is made of expected bursts; undefined where they pay off, or nothing is known yet. */
export function offBecause({ jobs, dynoHours, late }: Payoff): string | undefined {
  const cheaper = dynoHours.with <= dynoHours.without;
  const inTime = late.without - late.with >= WORTH_PAYING * jobs;
  if (jobs === 0 || cheaper || (inTime && late.with < late.without)) return undefined;
  const more = (100 * (dynoHours.with / dynoHours.without - 1)).toFixed(0);
  return `bursts by the clock are not prepared for: in the last 7 days that would have cost ${more} % more around them, and no fewer jobs would have been late`;
}

function yielding(controller: Controller, signal: AbortSignal): Controller {
  let ticks = 0;
  return {
    name: controller.name,
    everyMs: controller.everyMs,
    min: controller.min,
    max: controller.max,
    get watch() {
      return controller.watch;
    },
    async tick(simulation) {
      signal.throwIfAborted();
      ticks += 1;
      if (ticks % TICKS_AT_ONCE === 0) await yielded();
      await controller.tick(simulation);
    },
  };
}
