/**
 * A newsletter of 8,000 jobs at 9:00 on working days, for two weeks, beside a trickle: `npm run bench -- foresight`. The
 * bursts of each day are derived from the days before it, as the clock does. Prints for several waits and boots how many
 * of the newsletter's jobs were late and what it cost, with and without foresight, and whether it was on at the end.
 */
import { offBecause, NO_PAYOFF, withWindow } from '../src/cli/foresight/payoff.ts';
import { table } from '../src/cli/views/table.ts';
import { minuteOfWeek } from '../src/config/wall-clock.ts';
import { believe } from '../src/core/belief.ts';
import { FORESEEN_MS, type Foreseen } from '../src/core/foreseen.ts';
import type { Minute } from '../src/journal/minute.ts';
import { expectedIn, NO_PAST, withMinutes } from '../src/journal/recurring.ts';
import {
  bootsAround,
  droverController,
  EPOCH_MS,
  randomFrom,
  simulate,
  type Controller,
  type Job,
  type Workload,
} from '../src/sim/index.ts';
import { policyOf } from './policies/policy-of.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
const DAYS = 14;
const NINE_MS = 9 * 60 * MINUTE_MS;
const JOBS = 8000;
const SERVICE_MS = 2000;
const TICK_MS = 10_000;
const NEVER = new AbortController().signal;
const PLATFORM = { boots: bootsAround(30_000), seed: 1 };
const BOUNDS = { min: 0, max: 500 };

type Figures = Awaited<ReturnType<typeof simulate>>['figures'];

const workload = newsletters();
const minutes = minutesOf(workload);
const heading = ['wait', 'concurrency', 'cost with / without', 'late', 'with', 'p95 s', 'with', 'judged', ''];
const rows: string[][] = [];
for (const [waitS, concurrency] of [
  [10, 5],
  [30, 5],
  [60, 5],
  [60, 1],
  [300, 5],
] as const) {
  const { settings } = await policyOf(BOUNDS, concurrency, waitS * 1000);
  const run = async (foresees: boolean): Promise<Figures> => {
    let day = -1;
    let foreseen: Foreseen | undefined;
    const drover = droverController({
      name: 'Drover',
      workers: 'helper',
      tickMs: TICK_MS,
      settings,
      foresight: { of: () => foreseen },
    });
    const daily: Controller = {
      name: drover.name,
      everyMs: TICK_MS,
      min: drover.min,
      max: drover.max,
      get watch() {
        return drover.watch;
      },
      async tick(simulation) {
        const today = Math.floor(simulation.at / DAY_MS);
        if (foresees && today !== day) foreseen = foreseenOn(today);
        day = today;
        await drover.tick(simulation);
      },
    };
    const options = { platform: PLATFORM, maxWaitMs: waitS * 1000 };
    return (await simulate({ ...workload, concurrency }, daily, options)).figures;
  };
  const [without, foreseen] = [await run(false), await run(true)];
  rows.push([
    `${waitS} s`,
    String(concurrency),
    (foreseen.dynoHours / without.dynoHours).toFixed(3),
    ...[without, foreseen].map(({ late }) => `${(100 * late).toFixed(1)} %`),
    ...[without, foreseen].map(({ wait }) => wait.p95.toFixed(0)),
    await judged(settings, concurrency),
    '',
  ]);
}
console.log(table([heading, ...rows]).join('\n'));

function newsletters(): Workload {
  const random = randomFrom(1);
  const jobs: Job[] = [];
  for (let day = 0; day < DAYS; day += 1) {
    for (let atMs = day * DAY_MS; atMs < (day + 1) * DAY_MS; atMs += random() * 60_000)
      jobs.push({ atMs, serviceMs: SERVICE_MS });
    if (day % 7 >= 5) continue;
    for (let count = 0; count < JOBS; count += 1)
      jobs.push({ atMs: day * DAY_MS + NINE_MS + random() * 10_000, serviceMs: SERVICE_MS });
  }
  return { name: 'newsletter at 9:00', jobs, lengthMs: DAYS * DAY_MS, concurrency: 1 };
}

function minutesOf({ jobs }: Workload): Minute[] {
  const added = new Map<number, number>();
  for (const { atMs } of jobs) {
    const at = EPOCH_MS + Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
    added.set(at, (added.get(at) ?? 0) + 1);
  }
  return Array.from({ length: DAYS * 1440 }, (_, minute) => {
    const at = EPOCH_MS + minute * MINUTE_MS;
    const count = added.get(at) ?? 0;
    const queue = { name: 'jobs', ready: 0, active: 1, waitMs: 0, added: count };
    const type = {
      processType: 'worker',
      size: 'Standard-1X',
      ...{ ticks: 6, blind: 0, quantity: 1, wanted: 1, min: 0, max: 500, concurrency: 1, maxWaitMs: 60_000 },
      ...{ dynoMs: 0, maxDynoMs: 0, activeMs: count * SERVICE_MS, ready: 0, active: 1, waitMs: 0 },
      ...{ added: count, done: count, queues: [queue] },
    };
    return { at, types: [type] };
  });
}

/** What the clock would know on each day, from the days before it. */
function foreseenOn(day: number): Foreseen {
  const at = EPOCH_MS + day * DAY_MS;
  const past = withMinutes(NO_PAST, minutes.slice(0, day * 1440), 'worker', 0);
  const bursts = expectedIn(past, at, at + DAY_MS, (instant) => minuteOfWeek('UTC', instant));
  return believe({ bursts }, at, FORESEEN_MS);
}

async function judged(
  settings: Awaited<ReturnType<typeof policyOf>>['settings'],
  concurrency: number,
): Promise<string> {
  let payoff = NO_PAYOFF;
  for (let day = DAYS - 7; day < DAYS; day += 1) {
    const { bursts: expected } = foreseenOn(day).value;
    const nine = day * 1440 + 540;
    if (expected.length === 0) continue;
    const around = minutes.slice(nine - 15, nine + 16).map(({ at, types }) => ({
      at,
      types: types.map((type) => ({ ...type, concurrency })),
    }));
    const history = { minutes: around, changes: [], bursts: [] };
    payoff = await withWindow(payoff, { history, expected }, { settings, tickMs: TICK_MS, signal: NEVER });
  }
  return offBecause(payoff) === undefined ? 'on' : 'off';
}
