import { randomFrom, type Random } from '../../src/sim/random.ts';
import { stateKeys } from '../../src/adapters/redis/keys.ts';
import { failureIn, type Tick } from '../../src/control/outcome.ts';
import { ClockProcess } from './clock.ts';
import { applyEvent } from './apply-event.ts';
import { Fleet } from './fleet.ts';
import { Law, type Violation } from './law.ts';
import { Platform } from './platform.ts';
import { Queues } from './queues.ts';
import { VirtualRedis } from './redis.ts';
import { Shadow } from './clock-without-past.ts';
import { outcomeText } from './outcome-text.ts';
import { APP, endOf, LONGEST_BOOT, type Story } from './story.ts';
import { Time, type Machine } from './time.ts';

/** What came of a story. */
export type Outcome = {
  readonly violations: readonly Violation[];
  readonly ticks: number;
  /** Of virtual time. */
  readonly tookMs: number;
  readonly longest: { readonly up: number; readonly down: number };
  /** What happened, as text with ms from the start; only on request. */
  readonly log: readonly (readonly [atMs: number, text: string])[];
};

/** What was sent before the faults ended is done by now. */
const LATE_MS = 46_000;
/** After this time what workers report is known. */
const LEARNED_MS = 60_000;
/** After this time it is known what a rate limiter lets through. */
const THROTTLED_MS = 330_000;
const OPEN_STEP_MS = 10_000;
/** By how much a boot may be learned too long: a request that is answered late, the first beat, a dyno's clock. */
const BOOT_ERROR_MS = 50_000;
/** An account of which others took more than this is still short of requests. */
const HALF_BUCKET = 2250;

export class World {
  readonly story: Story;
  readonly time: Time;
  readonly redis: VirtualRedis;
  readonly platform: Platform;
  readonly queues: Queues;
  readonly fleets = new Map<string, Fleet>();
  readonly law: Law;
  readonly log: (readonly [number, string])[] = [];
  readonly clocks: ClockProcess[] = [];
  /** Types that a clock has found to be gone since they left the Procfile last. */
  readonly seenGone = new Set<string>();
  ticks = 0;
  readonly #gaveUp = new Map<Machine, number>();
  readonly #readAt = new WeakMap<object, number>();
  readonly #keepLog: boolean;
  #over = false;
  #leader: ClockProcess | undefined;

  constructor(story: Story, keepLog: boolean) {
    this.story = story;
    this.#keepLog = keepLog;
    this.time = new Time(story.startsAt);
    this.redis = new VirtualRedis(this.time, this.random('redis'));
    this.redis.readOnlyScripts = story.readOnlyScripts;
    this.queues = new Queues(this.redis, this.random('queues'));
    this.law = new Law(story, () => this.platform);
    this.platform = new Platform(this.time, this.random('platform'), {
      changed: (change) => {
        const fleet = this.fleets.get(change.type);
        if (change.sent === undefined) {
          this.law.lastManualAt.set(change.type, this.time.now);
        } else if (change.to < change.from && fleet !== undefined) {
          const readAt = this.#readAt.get(change.sent) ?? change.sent.at;
          const cut = fleet
            .runsAbove(change.to)
            .map((one) => ({ ...one, held: this.queues.renew(one.run.job, one.run.token) }));
          this.law.removed(change, readAt, cut, this.time.now);
        }
        this.note(`${change.type} is set ${change.from} → ${change.to}`);
        fleet?.scale(change.to);
      },
      patched: (sent) => {
        const writer = this.clocks.find(({ machine }) => machine === sent.machine);
        const readAt = writer?.readAt ?? sent.at;
        this.#readAt.set(sent, readAt);
        this.note(`${sent.machine.name} asks for ${String(sent.quantity)} of ${sent.type}`);
        this.law.patched(sent, readAt, (machine) => ({ readAt, gaveUpAt: this.#gaveUp.get(machine) }));
      },
      requested: () => this.law.requested(this.time.now),
      limited: (type) => this.law.lastLimitedAt.set(type, this.time.now),
    });
    for (const type of story.types) {
      const { processType, queues, min } = type.settings;
      this.platform.rows.set(processType, { quantity: min, size: 'Standard-1X', inProcfile: true });
      for (const queue of queues) this.queues.open(queue, type.jobMs, type.limiter);
      const surroundings = {
        time: this.time,
        redis: this.redis,
        queues: this.queues,
        random: this.random(processType),
      };
      const fleet = new Fleet(surroundings, type);
      this.fleets.set(processType, fleet);
      fleet.scale(min);
    }
  }

  /** Numbers of its own for each part, so that what is left out of a story changes nothing else. */
  random(name: string): Random {
    let hash = this.story.seed;
    for (const letter of name) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0;
    return randomFrom(hash);
  }

  note(text: string): void {
    if (this.#keepLog) this.log.push([this.time.now - this.story.startsAt, text]);
  }

  get clock(): ClockProcess | undefined {
    return this.clocks.findLast(({ machine }) => machine.state !== 'dead');
  }

  /** The clock that acted last. */
  get leader(): ClockProcess | undefined {
    return this.#leader?.machine.state === 'dead' ? undefined : this.#leader;
  }

  startClock(): void {
    const clock = new ClockProcess(
      {
        time: this.time,
        redis: this.redis,
        platform: this.platform,
        story: this.story,
        ticked: (ticking, tick) => this.#ticked(ticking, tick),
        failed: (failing, thrown) => {
          this.note(`${failing.machine.name} ends: ${String(thrown)}`);
          this.law.broken(
            'clock ended',
            this.time.now,
            `${failing.machine.name} ended by itself: ${String(thrown)}`,
          );
        },
      },
      this.clocks.length + 1,
    );
    this.clocks.push(clock);
    this.note(`${clock.machine.name} starts`);
  }

  endClock(clock: ClockProcess | undefined, orderly: boolean): void {
    if (clock === undefined || clock.machine.state === 'dead') return;
    this.note(`${clock.machine.name} is ${orderly ? 'asked to stop' : 'killed'}`);
    if (orderly) clock.stop();
    else clock.kill();
    // A clock that dies in a write leaves a lease of 35 s, which may be shorter than that of its ticks.
    const leaseMs = Math.max(0, this.redis.data.ttlMs(this.key('lease')));
    const heldMs = Math.min(leaseMs, 1.5 * this.story.tickMs);
    this.#gaveUp.set(clock.machine, orderly ? this.time.now : this.time.now + heldMs);
  }

  add(queue: string, count: number, delayMs: number): void {
    this.queues.add(queue, count, delayMs);
    for (const fleet of this.fleets.values()) if (fleet.type.settings.queues.includes(queue)) fleet.poke();
  }

  /** Drover's own keys, by their short names in stories. */
  key(name: string): string {
    const keys = stateKeys(APP);
    const [kind = '', type = ''] = name.split(' ');
    if (kind === 'lease' || kind === 'fence' || kind === 'pause') return keys[kind];
    return kind === 'memory' ? keys.memory(type) : `drover:{${APP}}:crew:${type}:${kind}`;
  }

  async play(): Promise<void> {
    const { story, time } = this;
    this.startClock();
    for (const event of story.events) time.after(event.atMs, () => applyEvent(this, event));
    await time.advance(story.startsAt + Math.max(60_000, ...story.events.map(endOf)) + LATE_MS);
    while (this.platform.remaining < HALF_BUCKET) await time.advance(time.now + 30_000);
    if (this.clock === undefined) this.startClock();
    await this.#quiet();
  }

  /** No fault any more: first with work that stays, then without any. */
  async #quiet(): Promise<void> {
    const { story, time, law } = this;
    const from = time.now;
    time.after(LEARNED_MS, () => (this.#over = true));
    this.note('all faults are over');
    law.comparedFrom = this.#openAfter(from, 1) - OPEN_STEP_MS;
    const shadow = new Shadow(time, this.redis, this.platform, story);
    let filling = true;
    let over = false;
    const random = this.random('quiet');
    // Mostly more than is set: what is held down by mistake shows only where more is wanted.
    const targets = story.types.map(({ settings: { processType, min, max } }) => {
      const quantity = this.platform.rows.get(processType)?.quantity ?? 0;
      const above = random() < 0.7 ? Math.min(quantity, max - 1) : min;
      return above + 1 + Math.floor(random() * (max - above));
    });
    const ends = story.types.map(({ settings, limiter }) => {
      const handUntil = law.lastManualAt.has(settings.processType)
        ? law.comparedFrom + settings.manualHoldMs
        : 0;
      const limitUntil = (law.lastLimitedAt.get(settings.processType) ?? 0) + 240_000;
      const usual = from + (limiter === undefined ? 60_000 : THROTTLED_MS);
      return Math.max(usual, handUntil, limitUntil) + (settings.maxWaitMs ?? 0);
    });
    const filledUntil = this.#openAfter(Math.max(...ends), 7 * story.tickMs + 15_000);
    const longestBootMs = Math.max(
      ...story.types.map(({ bootMs }) => LONGEST_BOOT * bootMs),
      ...[...this.fleets.values()].map((fleet) => fleet.longestBootMs),
    );
    for (const [index, { settings, limiter }] of story.types.entries()) {
      const [queue = ''] = settings.queues;
      const most = limiter === undefined ? (targets[index] ?? 1) : settings.max * 3;
      this.queues.keep(queue, Math.max(1, Math.floor((most - 0.5) * settings.jobsPerWorker)));
      // Beyond any look-ahead for as long as it matters: none of it is work yet. But not far beyond: one that is too long shows.
      const soonMs = filledUntil - from + longestBootMs + BOOT_ERROR_MS + story.tickMs;
      this.add(queue, settings.jobsPerWorker * settings.max, Math.floor(soonMs));
    }
    const look = (): void => {
      if (over) return;
      for (const [type, fleet] of this.fleets) if (fleet.boots) law.bootedUntil.set(type, time.now);
      if (!this.open(time.now)) law.pauseComparing();
      else {
        shadow.look((wishes) => {
          for (const { type, quantity, wanted, words } of wishes)
            if (wanted !== quantity) this.note(`${type} is at ${quantity}, a clock without a past: ${words}`);
          law.compare(wishes, time.now, !filling, ({ settings }) =>
            settings.queues.reduce((sum, queue) => sum + this.queues.waiting(queue), 0),
          );
        });
      }
      time.after(story.tickMs, look);
    };
    time.after(story.tickMs * 0.6, look);

    await time.advance(filledUntil);
    for (const type of story.types) {
      law.throttled(type, time.now, this.platform.rows.get(type.settings.processType)?.quantity ?? 0);
    }
    this.note('no more work comes');
    filling = false;
    for (const { settings } of story.types) {
      for (const queue of settings.queues) {
        this.queues.keep(queue, undefined);
        this.queues.drain(queue);
      }
    }
    const drainMs = Math.max(...story.types.map((type) => type.jobMs[1] + type.settings.scaleDownDelayMs));
    await time.advance(this.#openAfter(time.now, drainMs + 6 * story.tickMs + 30_000));
    over = true;
  }

  /** Whether the schedule has slots about now. */
  open(at: number): boolean {
    return !this.story.schedule.includes('0-29') || new Date(at).getUTCMinutes() < 30;
  }

  /** The time at which the schedule has been open for so long since. */
  #openAfter(from: number, ms: number): number {
    let at = from;
    for (let left = ms; left > 0; at += OPEN_STEP_MS) if (this.open(at)) left -= OPEN_STEP_MS;
    return at;
  }

  #ticked(clock: ClockProcess, tick: Tick): void {
    this.ticks += 1;
    if (!tick.standby) this.#leader = clock;
    for (const outcome of tick.outcomes) {
      if (failureIn(outcome)?.code === 'HEROKU_TYPE_MISSING') this.seenGone.add(outcome.processType);
    }
    this.law.noteReading(
      tick,
      this.time.now,
      (type) => clock.readAt - (this.fleets.get(type)?.upSince ?? Infinity),
    );
    if (this.#over) this.law.learned(tick, this.time.now);
    if (!this.#keepLog) return;
    const words = tick.outcomes.map(outcomeText);
    this.note(`${clock.machine.name} ${tick.standby ? 'stands by' : words.join('; ')}`);
  }
}

export async function play(story: Story, keepLog = false): Promise<Outcome> {
  const world = new World(story, keepLog);
  const restore = world.time.install();
  const onRejection = (thrown: unknown): void => {
    world.law.broken('clock ended', world.time.now, `a rejection that nothing handles: ${String(thrown)}`);
  };
  process.on('unhandledRejection', onRejection);
  try {
    await world.play();
  } finally {
    restore();
    process.off('unhandledRejection', onRejection);
  }
  return {
    violations: world.law.violations,
    ticks: world.ticks,
    tookMs: world.time.now - story.startsAt,
    longest: world.law.longest,
    log: world.log,
  };
}
