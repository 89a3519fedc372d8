import type { QueueObservation } from '../../src/core/types.ts';
import { exponential, type Random } from '../../src/sim/random.ts';
import { BACKOFF_MS, LONGEST_DELAY_MS, type Scenario, type Truth } from './learning-accuracy.ts';

type Job = { readonly ms: number; readonly fails: number; readonly backsOff: boolean; tries: number };

/** How long BullMQ goes on to take adds of one deduplication id for the first of them. */
const DEDUPLICATED_MS = 60_000;

/**
 * The counters of one BullMQ queue and its workers under a scenario's traffic, in virtual time: what real ones show is
 * measured by `npm run bench -- learning`, and depends on the machine.
 */
export class ModelledQueue {
  readonly #scenario: Scenario;
  readonly #random: Random;
  readonly #events: { at: number; happens: () => void }[] = [];
  readonly #wait: Job[] = [];
  readonly #prioritized: Job[] = [];
  /** Running jobs, and since when. */
  readonly #active = new Map<Job, number>();
  #now = 0;
  #added = 0;
  #delayed = 0;
  #deduplicatedUntil = 0;
  #lastRun: QueueObservation['lastRun'];
  readonly #truth: Truth = { arrivals: 0, departures: 0, busyMs: 0 };

  constructor(scenario: Scenario, random: Random) {
    this.#scenario = scenario;
    this.#random = random;
    this.#addNext();
  }

  runUntil(at: number): void {
    for (;;) {
      const next = this.#events.reduce((least, event) => (event.at < least.at ? event : least), NEVER);
      if (next.at > at) break;
      this.#events.splice(this.#events.indexOf(next), 1);
      this.#now = next.at;
      next.happens();
      this.#take();
    }
    this.#now = at;
  }

  get truth(): Truth {
    const unfinished = [...this.#active.values()].reduce((sum, since) => sum + this.#now - since, 0);
    return { ...this.#truth, busyMs: this.#truth.busyMs + unfinished };
  }

  /** As the reading reports it: the last run only while others wait behind running jobs, and where it is kept. */
  observe(): QueueObservation {
    const [waiting, prioritized, active] = [this.#wait.length, this.#prioritized.length, this.#active.size];
    const kept = this.#scenario.keep !== undefined && active > 0 && waiting + prioritized > 0;
    return {
      name: this.#scenario.name,
      waiting,
      prioritized,
      due: 0,
      dueSoon: 0,
      delayed: this.#delayed,
      active,
      added: this.#added,
      paused: false,
      ...(kept ? { lastRun: this.#lastRun } : {}),
    };
  }

  #in(ms: number, happens: () => void): void {
    this.#events.push({ at: this.#now + ms, happens });
  }

  #addNext(): void {
    this.#in(exponential(this.#random, 1000 / this.#scenario.rate), () => {
      this.#add();
      this.#addNext();
    });
  }

  #add(): void {
    const { retried, backedOff, prioritized, delayed, duplicate, removed, serviceMs } = this.#scenario;
    const chance = (part = 0): boolean => this.#random() < part;
    this.#added += 1;
    const [isDuplicate, isRemoved] = [chance(duplicate), chance(removed)];
    if (isDuplicate) {
      if (this.#now < this.#deduplicatedUntil) return;
      this.#deduplicatedUntil = this.#now + DEDUPLICATED_MS;
    } else if (isRemoved) return;
    const job: Job = {
      ms: serviceMs * (0.5 + this.#random()),
      fails: chance(retried) ? 1 : 0,
      backsOff: chance(backedOff),
      tries: 0,
    };
    const list = chance(prioritized) ? this.#prioritized : this.#wait;
    const arrive = (): void => {
      this.#truth.arrivals += 1;
      list.push(job);
    };
    if (chance(delayed)) this.#delay(this.#random() * LONGEST_DELAY_MS, arrive);
    else arrive();
  }

  #delay(ms: number, then: () => void): void {
    this.#delayed += 1;
    this.#in(ms, () => {
      this.#delayed -= 1;
      then();
    });
  }

  #take(): void {
    while (this.#active.size < this.#scenario.concurrency) {
      const job = this.#wait.shift() ?? this.#prioritized.shift();
      if (job === undefined) return;
      this.#active.set(job, this.#now);
      this.#in(job.ms, () => this.#end(job));
    }
  }

  #end(job: Job): void {
    this.#active.delete(job);
    this.#truth.busyMs += job.ms;
    job.tries += 1;
    if (job.tries > job.fails) {
      this.#truth.departures += 1;
      this.#lastRun = { endedAt: this.#now, tookMs: job.ms };
    } else if (job.backsOff) this.#delay(BACKOFF_MS, () => this.#wait.push(job));
    else this.#wait.push(job);
  }
}

const NEVER = { at: Infinity, happens: (): void => {} };
