import highsModule from 'highs';

import type { Job } from '../../src/sim/index.ts';
import { firstDynoSeconds, type Arrival } from './first-dyno.ts';

// The package's types describe its CommonJS build, whose loader is `default`; Node loads the other, which is the loader.
const loadHighs = highsModule as unknown as typeof highsModule.default;

type Highs = Awaited<ReturnType<typeof loadHighs>>;

/** A grid point every so many seconds, unless a stretch is so long that this makes the program too large. */
const FINEST_S = 5;
const MOST_SLOTS = 6000;

/** Work in slot-seconds over time: how much can be done by `t` if every job runs from the moment it is ready. */
type Work = { readonly times: Float64Array; readonly done: Float64Array };

/**
 * A lower bound on the dyno-seconds of any schedule that knows the future, starts every job within `waitS` and pays
 * `bootS` for every dyno it starts.
 *
 * With U(t) = Σ min(S_j, (t − a_j)+), the work W(t) that such a schedule has done lies between U(t − wait) and U(t), and
 * grows no faster than its running dynos' slots. On a grid of points that is a linear program: least Σ n_k·Δ + boot·Σ z_k
 * with W_{k+1} − W_k ≤ c·Δ·n_k, n_k − n_{k−1} ≤ z_k. Dynos may be fractions, jobs may be cut in pieces and moved, all of
 * which only lowers the optimum: no real schedule is cheaper. Gaps with nothing to do of at least a boot part the program
 * in independent ones, because holding a dyno over such a gap costs no less than starting one after it.
 *
 * Where a workload is small, a fraction of a dyno is a poor bound. So the first dyno is priced apart, exactly (see
 * `presenceSeconds`), and the program is solved once more for what is needed beside a first dyno that is free: a
 * schedule's cost is that of its first dyno and of those above it, each no less than its own least. The larger counts.
 */
export async function clairvoyantDynoSeconds(
  jobs: readonly Job[],
  concurrency: number,
  waitS: number,
  bootS: number,
): Promise<number> {
  const highs = await loadHighs();
  const ready = jobs
    .map(({ atMs, delayMs = 0, serviceMs }) => ({ at: (atMs + delayMs) / 1000, service: serviceMs / 1000 }))
    .toSorted((a, b) => a.at - b.at);
  const parts = stretches(ready, waitS, bootS);
  const least = (freeDynos: number): number =>
    parts.reduce((sum, part) => sum + solve(highs, { jobs: part, concurrency, waitS, bootS, freeDynos }), 0);
  return Math.max(least(0), firstDynoSeconds(ready, waitS, bootS) + least(1));
}

/** Jobs parted wherever all of them are surely done, and nothing comes for a boot. */
function stretches(ready: readonly Arrival[], waitS: number, bootS: number): Arrival[][] {
  const parts: Arrival[][] = [];
  let part: Arrival[] = [];
  let doneAt = -Infinity;
  for (const job of ready) {
    if (part.length > 0 && job.at - doneAt >= bootS) {
      parts.push(part);
      part = [];
    }
    part.push(job);
    doneAt = Math.max(doneAt, job.at + waitS + job.service);
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

type Program = {
  readonly jobs: readonly Arrival[];
  readonly concurrency: number;
  readonly waitS: number;
  readonly bootS: number;
  /** Dynos that are always up and cost nothing. */
  readonly freeDynos: number;
};

function solve(highs: Highs, { jobs, concurrency, waitS, bootS, freeDynos }: Program): number {
  const begin = jobs[0]?.at ?? 0;
  const end = jobs.reduce((last, { at, service }) => Math.max(last, at + waitS + service), 0);
  const stepS = Math.max(FINEST_S, Math.ceil((end - begin) / MOST_SLOTS));
  const slots = Math.ceil((end - begin) / stepS);
  const work = workOf(jobs);
  const lines: string[] = ['Minimize', ' cost:'];
  const bounds: string[] = [];
  const rules: string[] = [];
  for (let slot = 0; slot < slots; slot += 1) {
    lines.push(` + ${stepS} n${slot} + ${bootS} z${slot}`);
    const slotSeconds = concurrency * stepS;
    rules.push(` w${slot + 1} - w${slot} - ${slotSeconds} n${slot} <= ${freeDynos * slotSeconds}`);
    rules.push(` n${slot}${slot === 0 ? '' : ` - n${slot - 1}`} - z${slot} <= 0`);
  }
  for (let point = 0; point <= slots; point += 1) {
    const at = begin + point * stepS;
    bounds.push(
      ` ${doneBy(work, at - waitS).toFixed(4)} <= w${point} <= ${(doneBy(work, at) + 1e-3).toFixed(4)}`,
    );
  }
  const program = [...lines, 'Subject To', ...rules, 'Bounds', ...bounds, 'End'].join('\n');
  const solution = highs.solve(program, { presolve: 'on' });
  if (solution.Status !== 'Optimal') throw new Error(`the bound is not solved: ${solution.Status}`);
  return solution.ObjectiveValue;
}

/** The breakpoints of U: its slope rises by one where a job is ready and falls by one when it could be done. */
function workOf(jobs: readonly Arrival[]): Work {
  const turns = jobs
    .flatMap(({ at, service }) => [[at, 1] as const, [at + service, -1] as const])
    .toSorted(([a], [b]) => a - b);
  const times = new Float64Array(turns.length);
  const done = new Float64Array(turns.length);
  let slope = 0;
  for (const [index, [at, turn]] of turns.entries()) {
    const before = index === 0 ? at : (times[index - 1] ?? at);
    times[index] = at;
    done[index] = (index === 0 ? 0 : (done[index - 1] ?? 0)) + slope * (at - before);
    slope += turn;
  }
  return { times, done };
}

/** U(t), between its breakpoints by the straight line. */
function doneBy({ times, done }: Work, at: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  const [before, after] = [done[low - 1] ?? 0, done[low] ?? done[low - 1] ?? 0];
  const [from, to] = [times[low - 1] ?? at, times[low] ?? at];
  return to > from ? before + ((after - before) * (at - from)) / (to - from) : before;
}
