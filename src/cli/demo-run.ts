import { loadSettings } from '../config/load.ts';
import { recorder } from '../reporting/recorder.ts';
import { NOTHING_LOGGED, logLines } from '../reporting/log-lines.ts';
import type { Tick } from '../control/outcome.ts';
import { conclude } from '../control/reconcile.ts';
import { run } from '../control/run.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { APP, PROCESS_TYPE, type QueueCounts, type DemoApp } from '../standin/demo-app.ts';
import { NEWSLETTER, newsletterDay } from '../standin/demo-workload.ts';
import { assemble } from './composition.ts';
import { startDashboard } from './dashboard.ts';
import type { DemoResult } from './views/demo-summary.ts';
import { SAMPLE_MS, type DemoState } from './views/demo.ts';

export type DemoOptions = {
  readonly max: number;
  readonly cycleMs: number;
  /** Absent: until the signal. */
  readonly lengthMs: number | undefined;
  readonly seed: number;
};

/** A chart needs no more than this many samples. */
const SAMPLES_KEPT = 400;
const CHANGES_KEPT = 50;

type Burst = { readonly jobs: number; readonly atMs: number; drainMs: number | undefined };

/** One showing: Drover's real loop beside the workload, sampled until the time is over. */
export class DemoRun {
  readonly #stage: DemoApp;
  readonly #options: DemoOptions;
  readonly #startedMs = performance.now();
  readonly #samples: DemoState['samples'][number][] = [];
  readonly #changes: { atMs: number; words: string }[] = [];
  readonly #bursts: Burst[] = [];
  #queues: readonly QueueCounts[] = [];
  #now = 'the first tick is under way';
  #dashboardUrl: string | undefined;
  #added = 0;
  #peakBacklog = 0;
  #least = Infinity;
  #most = 0;

  constructor(stage: DemoApp, options: DemoOptions) {
    this.#stage = stage;
    this.#options = options;
  }

  async run(signal: AbortSignal, update: (state: DemoState) => void): Promise<DemoResult> {
    const { lengthMs } = this.#options;
    const over = new AbortController();
    const timer = lengthMs === undefined ? undefined : setTimeout(() => over.abort(), lengthMs);
    const until = AbortSignal.any([signal, over.signal]);
    try {
      await Promise.all([this.#scale(until), this.#work(until), this.#watch(until, update)]);
    } finally {
      clearTimeout(timer);
    }
    return await this.#result();
  }

  /** What `drover run` does, under the settings of the stage. */
  async #scale(signal: AbortSignal): Promise<void> {
    const loaded = loadSettings(this.#stage.env);
    if (loaded.kind === 'wrong') throw new Error(loaded.problems.map(({ variable }) => variable).join(', '));
    const { settings } = loaded;
    const assembly = await assemble(settings, true, () => {});
    const { ports, schedule, journal } = assembly;
    const context = { appName: APP, timeZone: settings.timeZone, noun: ports.formation.noun };
    const records = recorder(journal, undefined, context, () => {});
    const server = await startDashboard(assembly, records, settings.http);
    this.#dashboardUrl = server.url;
    let logState = NOTHING_LOGGED;
    try {
      const onTick = (tick: Tick): void => {
        records.record(tick);
        const logged = logLines(logState, tick);
        logState = logged.state;
        for (const { level, message } of logged.lines) {
          const words = message.replace(`${PROCESS_TYPE}: `, '');
          this.#now = words;
          if (level !== 'debug') this.#changes.push({ atMs: this.#elapsedMs(), words });
        }
        this.#changes.splice(0, this.#changes.length - CHANGES_KEPT);
      };
      const carried = await run({ ports, schedule, onTick, signal }, settings.processTypes);
      await conclude(ports, carried);
    } finally {
      await server.close();
      await records.done();
      assembly.close();
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    const { cycleMs, lengthMs, seed } = this.#options;
    const cycles = lengthMs === undefined ? Infinity : 1;
    for (let cycle = 0; !signal.aborted && cycle < cycles; cycle += 1) {
      for (const arrival of newsletterDay(cycleMs, seed + cycle)) {
        const atMs = cycle * cycleMs + arrival.atMs;
        await systemClock.sleep(Math.max(0, atMs - this.#elapsedMs()), signal);
        if (signal.aborted) return;
        this.#added += arrival.count;
        await this.#stage.add(arrival);
        if (arrival.queue === NEWSLETTER) {
          this.#bursts.push({ jobs: arrival.count, atMs: this.#elapsedMs(), drainMs: undefined });
        }
      }
      await systemClock.sleep(Math.max(0, (cycle + 1) * cycleMs - this.#elapsedMs()), signal);
    }
  }

  async #watch(signal: AbortSignal, update: (state: DemoState) => void): Promise<void> {
    while (!signal.aborted) {
      update(await this.#sample());
      await systemClock.sleep(SAMPLE_MS, signal);
    }
  }

  async #sample(): Promise<DemoState> {
    this.#queues = await this.#stage.counts();
    const backlog = sum(this.#queues, ({ waiting, active }) => waiting + active);
    const dynos = this.#stage.platform.dynos(APP).filter(({ type }) => type === PROCESS_TYPE);
    const standing = dynos.filter(({ state }) => state !== 'down').length;
    this.#peakBacklog = Math.max(this.#peakBacklog, backlog);
    this.#least = Math.min(this.#least, standing);
    this.#most = Math.max(this.#most, standing);
    const newsletter = this.#queues.find(({ name }) => name === NEWSLETTER);
    if (newsletter && newsletter.waiting + newsletter.active === 0) {
      for (const burst of this.#bursts) burst.drainMs ??= this.#elapsedMs() - burst.atMs;
    }
    this.#samples.push({ backlog, dynos: standing, done: sum(this.#queues, ({ completed }) => completed) });
    this.#samples.splice(0, this.#samples.length - SAMPLES_KEPT);
    return {
      elapsedMs: this.#elapsedMs(),
      lengthMs: this.#options.lengthMs,
      queues: this.#queues,
      dynos,
      samples: this.#samples,
      max: this.#options.max,
      changes: this.#changes,
      now: this.#now,
      dashboardUrl: this.#dashboardUrl,
    };
  }

  async #result(): Promise<DemoResult> {
    const lengthMs = this.#elapsedMs();
    const { platform } = this.#stage;
    const dynoSeconds = platform.dynoSeconds(APP, PROCESS_TYPE);
    await this.#stage.stopDynos();
    const queues = await this.#stage.counts();
    return {
      lengthMs,
      peakBacklog: this.#peakBacklog,
      dynos: { least: this.#least, most: this.#most },
      added: this.#added,
      done: sum(queues, ({ completed }) => completed),
      failed: sum(queues, ({ failed }) => failed),
      waiting: sum(queues, ({ waiting }) => waiting),
      begunTwice: await this.#stage.begunTwice(),
      kills: platform.kills,
      bursts: this.#bursts,
      dynoSeconds,
      max: this.#options.max,
    };
  }

  #elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
