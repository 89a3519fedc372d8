import type { ProcessTypeSettings } from '../../config/settings.ts';
import { minuteOfWeek } from '../../config/wall-clock.ts';
import { believe } from '../../core/belief.ts';
import { LATEST_MS } from '../../core/expected.ts';
import { FORESEEN_MS, type Foreseen } from '../../core/foreseen.ts';
import type { ExpectedBurst } from '../../core/types.ts';
import { HOUR_MS } from '../../journal/hour.ts';
import { MINUTE_MS, minuteAt } from '../../journal/minute.ts';
import {
  expectedIn,
  HISTORY_MS,
  NO_PAST,
  pastBefore,
  withMinutes,
  type Past,
} from '../../journal/recurring.ts';
import type { Clock, Foresight, Journal } from '../../ports.ts';
import { NO_PAYOFF, offBecause, withWindow } from './payoff.ts';

export type ForesightOptions = {
  readonly journal: Pick<Journal, 'history'>;
  readonly clock: Clock;
  readonly processTypes: readonly ProcessTypeSettings[];
  readonly timeZone: string;
  /** From one tick to the next, in a replay. */
  readonly tickMs: number;
};

const DAY_MS = 24 * HOUR_MS;
/** A clock that has just started has other things to do. */
const FIRST_AFTER_MS = 60_000;
/** Minutes are decompressed and checked at once: so many hours of them delay a tick by little. */
const READ_AT_ONCE_MS = 6 * HOUR_MS;
const BETWEEN_READS_MS = 1000;
const LONGEST_READ_MS = 10_000;
/** A minute may still grow for so long. */
const INCOMPLETE_MS = 2 * MINUTE_MS;
/** Around a burst: so that the service time is known before it, and its jobs are done after it. */
const REPLAYED_BEFORE_MS = 15 * MINUTE_MS;
const REPLAYED_AFTER_MS = 15 * MINUTE_MS;
const REPLAYED_DAYS = 7;
const MOST_WINDOWS = 21;

type Known = { past: Past; judgedAt: number; off: string | undefined };

/**
 * Reads the journal's past once, what was added to it each hour, and derives the bursts to expect in the next day; once a
 * day it replays the last week to see whether preparing for them has paid off. All of it beside the ticks, in small parts,
 * until the signal aborts. A read that fails is repeated an hour later; the ticks report what is wrong with Redis.
 */
export class JournalForesight implements Foresight {
  readonly #options: ForesightOptions;
  readonly #known = new Map<string, Known>();
  readonly #foreseen = new Map<string, Foreseen>();
  #readUntil = 0;

  constructor(options: ForesightOptions) {
    this.#options = options;
    for (const { processType } of options.processTypes)
      this.#known.set(processType, { past: NO_PAST, judgedAt: -Infinity, off: undefined });
  }

  of(processType: string): Foreseen | undefined {
    return this.#foreseen.get(processType);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    await clock.sleep(FIRST_AFTER_MS, signal);
    while (!signal.aborted) {
      await this.refresh(signal).catch(() => {});
      await clock.sleep(HOUR_MS, signal);
    }
  }

  /** Throws a Failure where the journal cannot be read. */
  async refresh(signal: AbortSignal): Promise<void> {
    const { clock, processTypes } = this.#options;
    await this.#read(signal);
    for (const settings of processTypes) {
      const known = this.#known.get(settings.processType);
      if (known === undefined) continue;
      const now = clock.now();
      const bursts = this.#expected(known.past, now - LATEST_MS, now + FORESEEN_MS);
      if (bursts.length > 0 && now - known.judgedAt >= DAY_MS) {
        known.off = await this.#judge(settings, known.past, signal);
        known.judgedAt = now;
      }
      this.#foreseen.set(settings.processType, believe({ bursts, off: known.off }, now, FORESEEN_MS));
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { clock, processTypes } = this.#options;
    const until = minuteAt(clock.now()) - INCOMPLETE_MS;
    const first = Math.max(this.#readUntil, until - HISTORY_MS);
    for (let from = first; from < until && !signal.aborted; from += READ_AT_ONCE_MS) {
      const to = Math.min(until, from + READ_AT_ONCE_MS);
      // An hour that is known already shows what is usual at the begin of this part.
      const { minutes } = await this.#history(from - HOUR_MS, to, signal);
      for (const { processType } of processTypes) {
        const known = this.#known.get(processType);
        if (known) known.past = withMinutes(known.past, minutes, processType, this.#readUntil);
      }
      this.#readUntil = to;
      await clock.sleep(BETWEEN_READS_MS, signal);
    }
  }

  /** Replays the last week around the bursts that were to be expected then. */
  async #judge(settings: ProcessTypeSettings, past: Past, signal: AbortSignal): Promise<string | undefined> {
    const { clock, tickMs } = this.#options;
    const now = this.#readUntil;
    let payoff = NO_PAYOFF;
    let windows = 0;
    for (let day = 1; day <= REPLAYED_DAYS && windows < MOST_WINDOWS; day += 1) {
      const from = now - day * DAY_MS;
      const expected = this.#expected(pastBefore(past, from), from, from + DAY_MS);
      for (const group of apart(expected).slice(0, MOST_WINDOWS - windows)) {
        windows += 1;
        const [begin, end] = [group[0]?.at ?? from, group.at(-1)?.at ?? from];
        const history = await this.#history(begin - REPLAYED_BEFORE_MS, end + REPLAYED_AFTER_MS, signal);
        payoff = await withWindow(payoff, { history, expected: group }, { settings, tickMs, signal });
        await clock.sleep(BETWEEN_READS_MS, signal);
      }
    }
    return offBecause(payoff);
  }

  async #history(from: number, to: number, signal: AbortSignal): ReturnType<Journal['history']> {
    const deadline = AbortSignal.timeout(LONGEST_READ_MS);
    return await this.#options.journal.history(from, to, AbortSignal.any([signal, deadline]));
  }

  #expected(past: Past, from: number, to: number): ExpectedBurst[] {
    return expectedIn(past, from, to, (at) => minuteOfWeek(this.#options.timeZone, at));
  }
}

/** Bursts in groups that are replayed together. */
function apart(bursts: readonly ExpectedBurst[]): ExpectedBurst[][] {
  const groups: ExpectedBurst[][] = [];
  for (const burst of bursts) {
    const last = groups.at(-1);
    if (last && burst.at - (last.at(-1)?.at ?? 0) < REPLAYED_BEFORE_MS + REPLAYED_AFTER_MS) last.push(burst);
    else groups.push([burst]);
  }
  return groups;
}
