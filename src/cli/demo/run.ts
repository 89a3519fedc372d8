import { loadSettings } from '../../config/load.ts';
import { sumOf } from '../../core/sum.ts';
import { recorder } from '../../reporting/recorder.ts';
import { NOTHING_LOGGED, logLines } from '../../reporting/log-lines.ts';
import type { Tick } from '../../control/outcome.ts';
import { conclude } from '../../control/reconcile.ts';
import { run } from '../../control/run.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import type { QueueCounts, DemoApp } from '../../standin/demo-app.ts';
import { NEWSLETTER, newsletterDay } from '../../standin/demo-workload.ts';
import { PROCESS_TYPE, type DemoPlatform } from '../../standin/demo-workers.ts';
import { assemble } from '../composition.ts';
import { ownPorts, startDashboard } from '../dashboard.ts';
import { PLATFORM_TEXTS, statusTexts } from '../platforms.ts';
import { SAMPLE_MS, type DemoState } from './screen.ts';
import type { DemoResult } from './summary.ts';

export type DemoRunOptions = {
  readonly platform: DemoPlatform;
  readonly max: number;
  readonly cycleMs: number;
  /** Absent: until the signal. */
  readonly lengthMs: number | undefined;
  readonly seed: number;
};

/** As many as the widest chart shows. */
const SAMPLES_KEPT = 400;
const CHANGES_KEPT = 50;

type Burst = { readonly jobs: number; readonly atMs: number; drainMs: number | undefined };

/** Runs the clock and the workload side by side, and samples both until the time is up. */
export class DemoRun {
  readonly #app: DemoApp;
  readonly #options: DemoRunOptions;
  readonly #startedMs = performance.now();
  readonly #samples: DemoState['samples'][number][] = [];
  readonly #changes: { atMs: number; words: string }[] = [];
  readonly #bursts: Burst[] = [];
  #queues: readonly QueueCounts[] = [];
  #now = 'waiting for the first tick';
  #dashboardUrl: string | undefined;
  #added = 0;
  #peakBacklog = 0;
  #least = Infinity;
  #most = 0;

  constructor(app: DemoApp, options: DemoRunOptions) {
    this.#app = app;
    this.#options = options;
  }

  async run(signal: AbortSignal, update: (state: DemoState) => void): Promise<DemoResult> {
    const { lengthMs } = this.#options;
    const timeUp = new AbortController();
    const timer = lengthMs === undefined ? undefined : setTimeout(() => timeUp.abort(), lengthMs);
    const until = AbortSignal.any([signal, timeUp.signal]);
    try {
      const parts = [this.#scale(until), this.#work(until), this.#watch(until, update)];
      // One that fails ends the others, which would go on without it.
      for (const part of parts) part.catch(() => timeUp.abort());
      await Promise.allSettled(parts);
      await Promise.all(parts);
    } finally {
      clearTimeout(timer);
    }
    return await this.#result();
  }

  /** What `drover run` does, with the settings of the demo app. */
  async #scale(signal: AbortSignal): Promise<void> {
    const loaded = loadSettings(this.#app.env);
    if (loaded.kind === 'wrong') throw new Error(loaded.problems.map(({ variable }) => variable).join(', '));
    const { settings } = loaded;
    const assembly = await assemble(settings, 'act', () => {});
    const { ports, schedule, journal } = assembly;
    const { appName, timeZone } = settings;
    const { platform } = this.#options;
    const { prices } = PLATFORM_TEXTS[platform];
    const context = { appName, timeZone, ...statusTexts(platform) };
    const records = recorder(journal, undefined, context, () => {});
    const own = ownPorts({ appName, journal, pause: assembly.pause, clock: ports.clock, prices }, () =>
      records.latest(),
    );
    const server = await startDashboard([own], settings.http);
    this.#dashboardUrl = server.url;
    let logged = NOTHING_LOGGED;
    try {
      const onTick = (tick: Tick): void => {
        records.record(tick);
        const next = logLines(logged, tick);
        logged = next.state;
        for (const { level, message } of next.lines) {
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
        await this.#app.add(arrival);
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
    this.#queues = await this.#app.counts();
    const backlog = sumOf(this.#queues, ({ waiting, active }) => waiting + active);
    const workers = this.#app.workers.list();
    const running = workers.filter(({ state }) => state !== 'stopping').length;
    this.#peakBacklog = Math.max(this.#peakBacklog, backlog);
    this.#least = Math.min(this.#least, running);
    this.#most = Math.max(this.#most, running);
    this.#endBursts(this.#queues);
    this.#samples.push({
      backlog,
      workers: running,
      done: sumOf(this.#queues, ({ completed }) => completed),
    });
    this.#samples.splice(0, this.#samples.length - SAMPLES_KEPT);
    return {
      elapsedMs: this.#elapsedMs(),
      lengthMs: this.#options.lengthMs,
      queues: this.#queues,
      noun: this.#noun,
      workers,
      samples: this.#samples,
      max: this.#options.max,
      changes: this.#changes,
      now: this.#now,
      dashboardUrl: this.#dashboardUrl,
    };
  }

  /** All bursts go to one queue: they have been delivered when it is empty. */
  #endBursts(queues: readonly QueueCounts[]): void {
    const newsletter = queues.find(({ name }) => name === NEWSLETTER);
    if (newsletter === undefined || newsletter.waiting + newsletter.active > 0) return;
    for (const burst of this.#bursts) burst.drainMs ??= this.#elapsedMs() - burst.atMs;
  }

  async #result(): Promise<DemoResult> {
    const lengthMs = this.#elapsedMs();
    const { workers } = this.#app;
    const workerSeconds = workers.seconds();
    await this.#app.stopWorkers();
    const queues = await this.#app.counts();
    // Stopped workers have finished their running jobs, which may have been the last.
    this.#endBursts(queues);
    return {
      lengthMs,
      peakBacklog: this.#peakBacklog,
      noun: this.#noun,
      workers: { least: this.#least, most: this.#most },
      added: this.#added,
      done: sumOf(queues, ({ completed }) => completed),
      failed: sumOf(queues, ({ failed }) => failed),
      waiting: sumOf(queues, ({ waiting }) => waiting),
      startedTwice: await this.#app.begunTwice(),
      kills: workers.kills(),
      bursts: this.#bursts,
      workerSeconds,
      max: this.#options.max,
    };
  }

  get #noun(): string {
    return PLATFORM_TEXTS[this.#options.platform].words.noun;
  }

  #elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }
}
