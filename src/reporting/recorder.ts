import { NO_ALARMS } from '../journal/alarm.ts';
import type { Entry } from '../journal/entry.ts';
import { nextStatus, type Status, type StatusContext } from '../journal/status.ts';
import { failureOf, type Failure } from '../failure.ts';
import type { Journal, Kept, Notifier } from '../ports.ts';
import { nextAlarms } from './notices.ts';
import type { Tick } from '../control/outcome.ts';
import { entryOf } from './entry-of.ts';

/** A write that takes longer is abandoned: the next tick writes again. */
const LONGEST_WRITE_MS = 3000;
const LONGEST_NOTIFY_MS = 5000;
/** Ticks that may wait to be written; beyond that the journal has a gap. */
const MOST_WAITING = 5;

export type Recorder = {
  /** Takes the tick and returns at once: no tick waits for the journal. */
  record(tick: Tick): void;
  /** The status after the last tick; undefined before the first, and while another clock acts. */
  latest(): Kept | undefined;
  /** Resolves when everything recorded so far is written or abandoned. */
  done(): Promise<void>;
};

/**
 * Keeps a journal of the ticks and sends the notices that are due. `onFailure` is called after each attempt, with undefined
 * where it succeeded: its caller logs a failure once.
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
    // Notices may be about Redis: they are sent whether or not it can be read.
    const unread = await load(signal).then(() => undefined, failureOf);
    const next = nextStatus(status, entry, context);
    const due = nextAlarms(alarms, entry, context.noun);
    ({ status } = next);
    ({ alarms } = due);
    const kept = { status, alarms };
    const unwritten =
      unread ??
      (await journal
        .record({ ...entry, beliefs: undefined, bursts: next.bursts }, kept, signal)
        .then(() => undefined, failureOf));
    onFailure('journal', unwritten);
    if (notifier && due.notices.length > 0) {
      const unsent = await notifier
        .notify(due.notices, AbortSignal.timeout(LONGEST_NOTIFY_MS))
        .then(() => undefined, failureOf);
      onFailure('notices', unsent);
    }
  };

  return {
    record(tick) {
      if (tick.standby) {
        // The acting clock writes the journal; when this one takes over, it continues from there.
        loaded = false;
        status = undefined;
        alarms = NO_ALARMS;
        return;
      }
      if (waiting >= MOST_WAITING) return;
      waiting += 1;
      const entry = entryOf(tick);
      chain = chain.then(async () => {
        // Whatever is wrong with the saved status, the clock goes on: the next tick starts a new one.
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
