import { LONGEST_BOOT, type Story, type StoryType } from './story.ts';
import { decidedOf, type Tick } from '../../src/control/outcome.ts';
import type { Change, Platform, Sent } from './platform.ts';
import type { DynoProcess, Run } from './dyno.ts';
import type { Comparison } from './clock-without-past.ts';
import type { Machine } from './time.ts';
import { Window } from './window.ts';
import { Writers, type Writer } from './writers.ts';

export type LawName =
  | 'up'
  | 'down'
  | 'starved'
  | 'wasted'
  | 'job cut'
  | 'bounds'
  | 'fight'
  | 'two writers'
  | 'budget'
  | 'mislearned'
  | 'throttled'
  | 'clock ended';
export type Violation = { readonly law: LawName; readonly atMs: number; readonly text: string };

/** From a tick's reading to the dynos: requests, answers, beats and what the world itself samples by. */
const SLACK_MS = 8000;
/** The processes of a dyno that boots are added up when they have reported for ten seconds; the first report is held back for five. */
const SAID_MS = 15_000;
/** No longer boot is planned with, however late a dyno was. */
const LONGEST_BOOT_MS = 300_000;
/** After this time Drover no longer believes in a limit that has ended. */
const LIMIT_MS = 240_000;
/** Of the account's requests half belongs to others; ours is refilled as all of them are. */
const OUR_REQUESTS = 2250;
const OUR_REFILL_PER_MS = 37.5 / 60_000;

/** What is checked at every step; collects what broke it, each kind once. */
export class Law {
  readonly violations: Violation[] = [];
  /** The longest that too few and too many dynos were set once faults were over, ms. */
  readonly longest = { up: 0, down: 0 };
  /** Epoch ms of the first slot after all faults. */
  comparedFrom = 0;
  readonly lastManualAt = new Map<string, number>();
  readonly manuallyZero = new Set<string>();
  readonly lastLimitedAt = new Map<string, number>();
  /** Epoch ms of the last tick to which a worker of the type must have been known; absent: what was known is lost. */
  readonly readAfterReportAt = new Map<string, number>();
  /** Epoch ms at which Redis last lost a drain request: without one dynos work, also while a PATCH is on its way. */
  readonly drainRequestLostAt = new Map<string, number>();
  /** Epoch ms until which dynos of a type were last seen booting. */
  readonly bootedUntil = new Map<string, number>();
  /** Epoch ms until which the lease may have been lost by what befell Redis or a clock. */
  leaseUnsureUntil = 0;
  readonly #story: Story;
  readonly #startsAt: number;
  readonly #platform: () => Platform;
  readonly #writers: Writers;
  /** Workers that are kept ready for short waits, by the last decision. */
  readonly #reserved = new Map<string, number>();
  readonly #seen = new Map<string, { readonly few: Window; readonly many: Window }>();
  #ours = OUR_REQUESTS;
  #oursAt: number;

  constructor(story: Story, platform: () => Platform) {
    this.#story = story;
    this.#startsAt = story.startsAt;
    this.#oursAt = story.startsAt;
    this.#platform = platform;
    this.#writers = new Writers(story.tickMs, (law, at, text) => this.broken(law, at, text));
  }

  broken(law: LawName, at: number, text: string): void {
    if (this.violations.some((violation) => violation.law === law)) return;
    this.violations.push({ law, atMs: at - this.#startsAt, text });
  }

  requested(at: number): void {
    this.#ours = Math.min(OUR_REQUESTS, this.#ours + (at - this.#oursAt) * OUR_REFILL_PER_MS) - 1;
    this.#oursAt = at;
    if (this.#ours < 0) this.broken('budget', at, 'Drover took requests that belong to others');
  }

  patched(sent: Sent, readAt: number, writerOf: (machine: Machine) => Writer | undefined): void {
    const { type, from, quantity, at, machine } = sent;
    const settings = this.#type(type)?.settings;
    this.#writers.patched({ ...sent, readAt }, this.leaseUnsureUntil, writerOf);
    if (settings === undefined) return;

    const whole = typeof quantity === 'number' && Number.isSafeInteger(quantity) && quantity >= 0;
    const within =
      whole && (quantity > from ? quantity <= settings.max : quantity >= Math.min(settings.min, from));
    if (!within) {
      const asked = JSON.stringify(quantity);
      this.broken(
        'bounds',
        at,
        `${machine.name} asked for ${asked} of ${type}, which has ${from}, within ${settings.min} to ${settings.max}`,
      );
    }
  }

  /** Jobs that end with the dynos which Drover had removed. */
  removed(
    change: Change,
    readAt: number,
    cut: readonly { readonly dyno: DynoProcess; readonly run: Run; readonly held: boolean }[],
    at: number,
  ): void {
    const type = this.#type(change.type);
    if (type === undefined || change.sent === undefined) return;
    // A manual change came in between: the removal was decided on another quantity.
    if ((this.lastManualAt.get(change.type) ?? 0) >= readAt) return;
    if ((this.drainRequestLostAt.get(change.type) ?? 0) >= readAt) return;
    for (const { dyno, run, held } of cut) {
      if (dyno.stopping || !held) continue;
      // Without reports, a worker may take a job after Drover's reading; also where none has ever reported.
      const asked = type.workers === 'cooperating' && this.readAfterReportAt.has(change.type);
      if (!asked && run.startedAt > readAt - 1000) continue;
      const ago = ((at - run.startedAt) / 1000).toFixed(1);
      this.broken(
        'job cut',
        at,
        `${change.type} ${change.from} → ${change.to}, asked ${((at - change.sent.at) / 1000).toFixed(1)} s before, ends ${dyno.machine.name} with a job that runs for ${ago} s`,
      );
      return;
    }
  }

  /** Once faults are over: what is set against what a clock without a past wants. `tail`: no work is left to come. */
  compare(
    wishes: readonly Comparison[],
    at: number,
    tail: boolean,
    waiting: (type: StoryType) => number,
  ): void {
    for (const { type: name, quantity, wanted, needed, kept } of wishes) {
      const type = this.#type(name);
      if (type === undefined) continue;
      const { settings } = type;
      const seen = this.#seen.get(name) ?? { few: new Window(), many: new Window() };
      this.#seen.set(name, seen);
      const exact = settings.maxWaitMs === undefined && !this.#limited(type);
      const twoTicksMs = 2 * this.#story.tickMs + SLACK_MS;
      const excused = Math.max(
        this.#heldByHandUntil(name) + twoTicksMs,
        (this.lastLimitedAt.get(name) ?? 0) + LIMIT_MS + twoTicksMs,
      );

      const few = exact ? needed : Number(waiting(type) > 0 && settings.max > 0);
      // By the wait rule a lone job may wait for company for as long as it is still in time.
      const upMs = twoTicksMs + (exact ? 0 : (settings.maxWaitMs ?? 0));
      const least = seen.few.see(at, Math.min(few, this.#platform().allowed(name)), upMs, Math.min);
      this.longest.up = Math.max(
        this.longest.up,
        at > excused ? seen.few.lasts(at, (one) => one > quantity) : 0,
      );
      if (least !== undefined && least > quantity && at > excused && !this.manuallyZero.has(name)) {
        const words = `${name} is at ${quantity}, where a clock without a past has needed ${least} or more for ${upMs / 1000} s`;
        this.broken(exact ? 'up' : 'starved', at, words);
      }

      const { drainTimeoutMs = Infinity } = settings;
      // A draining worker may be in BullMQ's wait of five seconds, take one more job, and report that a beat later.
      const drainMs = Math.min(type.jobMs[1], drainTimeoutMs) + 5000 + 2 * type.beatMs;
      // By the wait rule each remembers another load, and with it another peak.
      const settledMs = twoTicksMs + drainMs + (exact ? 0 : settings.scaleDownDelayMs);
      // A booting dyno cannot drain and may take a job the moment it is up, so Drover waits for it. The
      // time is given once: boots that follow on one another gain nothing.
      const bootsMs = type.workers === 'cooperating' ? LONGEST_BOOT * type.bootMs : 0;
      const booted = (this.bootedUntil.get(name) ?? 0) > at - settledMs;
      const downMs = settledMs + (booted ? bootsMs : 0);
      const judged = tail || (exact && type.workers === 'cooperating');
      // Without reports, a job runs for as long as its lock lives, as it may for minutes after Redis lost its end.
      const busy = type.workers === 'cooperating' ? wanted : Math.max(wanted, kept);
      // What the jobs of a day needed is remembered for a day; who has no past knows nothing of it.
      const enough = Math.max(busy, this.#reserved.get(name) ?? 0);
      const most = seen.many.see(at, judged ? enough : Infinity, downMs, Math.max);
      this.longest.down = Math.max(
        this.longest.down,
        at > excused + drainMs ? seen.many.lasts(at, (one) => one < quantity) : 0,
      );
      if (most !== undefined && most < quantity && at > excused + drainMs && !this.manuallyZero.has(name)) {
        const words = `${name} is at ${quantity}, where a clock without a past has wanted ${most} or fewer for ${downMs / 1000} s`;
        this.broken(exact ? 'down' : 'wasted', at, words);
      }
    }
  }

  /** Until when a quantity that a person set may be left alone: it may be seen only when the faults are over. */
  #heldByHandUntil(name: string): number {
    const type = this.#type(name);
    if (type === undefined || !this.lastManualAt.has(name)) return 0;
    return this.comparedFrom + type.settings.manualHoldMs;
  }

  /** A tick read its fill. `upMs`: the longest that a dyno of the type had been up by then. */
  noteReading(tick: Tick, at: number, upMs: (type: string) => number): void {
    for (const outcome of tick.outcomes) {
      const { processType } = outcome;
      const saidMs = SAID_MS + 2 * (this.#type(processType)?.beatMs ?? 0) + 2 * this.#story.tickMs;
      if (decidedOf(outcome) !== undefined && upMs(processType) > saidMs)
        this.readAfterReportAt.set(processType, at);
    }
  }

  /**
   * What a decision takes for the boot and the concurrency of a dyno. That no worker was heard is no mistake, until one has
   * been up for long enough since faults are over: from then on it is remembered.
   */
  learned(tick: Tick, at: number): void {
    for (const outcome of tick.outcomes) {
      const type = this.#type(outcome.processType);
      const decided = decidedOf(outcome);
      if (decided === undefined || type === undefined) continue;
      this.#reserved.set(outcome.processType, decided.decision.reserved ?? 0);
      this.#learnedBoot(type, decided.policy.bootMs, at);
      if ((this.readAfterReportAt.get(outcome.processType) ?? 0) < this.comparedFrom) continue;
      if (type.workers !== 'cooperating' || type.settings.concurrency !== undefined) continue;
      const { concurrency } = decided.policy;
      const real = type.slots * type.processes;
      if (concurrency === real) continue;
      this.broken(
        'mislearned',
        at,
        `${outcome.processType} counts on ${concurrency} jobs a dyno, which runs ${real}`,
      );
    }
  }

  #learnedBoot({ settings }: StoryType, bootMs: number, at: number): void {
    if (settings.bootMs !== undefined || bootMs <= LONGEST_BOOT_MS) return;
    this.broken('mislearned', at, `${settings.processType} is planned with a boot of ${bootMs / 1000} s`);
  }

  /** After minutes behind a rate limiter: no more dynos than can make use of what it lets through. */
  throttled(type: StoryType, at: number, quantity: number): void {
    const { limiter, jobMs, slots, processes, settings } = type;
    // Others keep what they have while jobs run on their highest dynos.
    if (limiter === undefined || type.workers !== 'cooperating') return;
    const busySlots = (limiter.max / limiter.durationMs) * ((jobMs[0] + jobMs[1]) / 2);
    const useful = Math.ceil(busySlots / (slots * processes));
    const most = Math.max(settings.min, 2 * useful + 1);
    if (quantity <= most) return;
    const words = `${settings.processType} is at ${quantity}, where its rate limiter keeps ${useful} busy`;
    this.broken('throttled', at, words);
  }

  /** Time in which nothing can be expected: no slot of the schedule comes. */
  pauseComparing(): void {
    this.#seen.clear();
  }

  /** A rate limiter is the queue's: it also holds up the other types that work it. */
  #limited({ settings }: StoryType): boolean {
    return this.#story.types.some(
      (other) =>
        other.limiter !== undefined && other.settings.queues.some((queue) => settings.queues.includes(queue)),
    );
  }

  #type(name: string): StoryType | undefined {
    return this.#story.types.find(({ settings }) => settings.processType === name);
  }
}
