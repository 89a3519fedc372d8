import { NO_ALARMS } from '../journal/alarm.ts';
import type { Entry } from '../journal/entry.ts';
import { nextStatus, type Status, type StatusContext } from '../journal/status.ts';
import { failureOf, type Failure } from '../failure.ts';
import type { Journal, Kept, Notifier } from '../ports.ts';
import { nextAlarms } from './notices.ts';
import type { Tick } from '../control/outcome.ts';
import { entryOf } from './entry-of.ts';

/** A write that takes longer is given up: the next tick has one of its own. */
const LONGEST_WRITE_MS = 3000;
const LONGEST_NOTIFY_MS = 5000;
/** Ticks that come while one is written wait; of more than these the journal has a gap. */
const MOST_WAITING = 5;

export type Recorder = {
  /** Takes the tick and returns at once: whatever becomes of the journal, no tick waits for it. */
  record(tick: Tick): void;
  /** Where things stand after the last tick; undefined before the first, and while another clock acts. */
  latest(): Kept | undefined;
  /** Resolves when everything seen so far is written, or was given up. */
  done(): Promise<void>;
};

/**
 * Keeps what each tick left, and tells who wants to know. `onFailure` hears of the journal's failures, and with
 * undefined that it works: every time, as whoever writes the log tells it once.
 */
export function recorder(
  journal: Journal,
  notifier: Notifier | undefined,
  context: StatusContext,
  onFailure: (what: 'journal' | 'notices', failure: Failure | undefined) => void,
): Recorder {
  let status: Status | undefined;
  let alarms = NO_ALARMS;
  let loaded = false;
  let waiting = 0;
  let chain = Promise.resolve();

  const load = async (signal: AbortSignal): Promise<void> => {
    if (loaded) return;
    const kept = await journal.load(signal);
    loaded = true;
    status = kept?.status ?? status;
    alarms = { ...kept?.alarms, ...alarms };
  };

  const write = async (entry: Entry): Promise<void> => {
    const signal = AbortSignal.timeout(LONGEST_WRITE_MS);
    // Redis may be what the notices are about: they go out whether or not it can be read.
    const unread = await load(signal).then(() => undefined, failureOf);
    const next = nextStatus(status, entry, context);
    const told = nextAlarms(alarms, entry);
    ({ status } = next);
    ({ alarms } = told);
    const kept = { status, alarms };
    const unwritten =
      unread ??
      (await journal
        .record({ ...entry, beliefs: undefined, bursts: next.bursts }, kept, signal)
        .then(() => undefined, failureOf));
    onFailure('journal', unwritten);
    if (notifier && told.notices.length > 0) {
      const untold = await notifier
        .notify(told.notices, AbortSignal.timeout(LONGEST_NOTIFY_MS))
        .then(() => undefined, failureOf);
      onFailure('notices', untold);
    }
  };

  return {
    record(tick) {
      if (tick.standby) {
        // The clock that acts writes it meanwhile: when this one takes over, it goes on from there.
        loaded = false;
        status = undefined;
        alarms = NO_ALARMS;
        return;
      }
      if (waiting >= MOST_WAITING) return;
      waiting += 1;
      const entry = entryOf(tick);
      chain = chain.then(async () => {
        // Whatever is wrong with what is kept, the clock goes on, and the next tick begins it anew.
        await write(entry).catch((thrown: unknown) => {
          status = undefined;
          alarms = NO_ALARMS;
          onFailure('journal', failureOf(thrown));
        });
        waiting -= 1;
      });
    },
    latest: () => status && { status, alarms },
    done: async () => await chain,
  };
}
