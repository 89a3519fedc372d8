import { failureOf, type Failure } from '../failure.ts';
import { failureIn, type Tick } from '../control/outcome.ts';
import { NO_ALARMS, type Alarms } from '../journal/alarm.ts';
import type { StatusContext } from '../journal/status.ts';
import type { Journal, Notifier } from '../ports.ts';
import { NOTHING_LOGGED, logLines } from '../reporting/log-lines.ts';
import { track, type Absent } from '../reporting/problem-tracker.ts';
import { recorder, type Recorder } from '../reporting/recorder.ts';
import type { Logger } from './log.ts';

/** Logs and records each tick. */
export type TickLog = {
  readonly onTick: (tick: Tick) => void;
  readonly recorder: Recorder;
};

type Sinks = { readonly journal: Journal; readonly notifier: Notifier | undefined };

export function tickLog(logger: Logger, { journal, notifier }: Sinks, context: StatusContext): TickLog {
  let codes: ReadonlySet<string> = new Set();
  let logged = NOTHING_LOGGED;
  const records = recorder(
    journal,
    notifier,
    context,
    recordingProblems(logger, () => codes),
  );
  return {
    recorder: records,
    onTick: (tick) => {
      try {
        const next = logLines(logged, tick);
        logged = next.state;
        codes = codesOf(tick);
        records.record(tick);
        for (const { level, message, fields } of next.lines) logger[level](fields, message);
      } catch (thrown) {
        // A tick that cannot be logged must not stop the clock.
        const { code, message, remedy } = failureOf(thrown);
        logger.warn({ code }, `failed to log the tick: ${message}. ${remedy}`);
      }
    },
  };
}

const PROBLEMS = {
  journal: 'tick not recorded for status and report',
  notices: 'failed to send a notification',
} as const;

/** Logs a problem when it begins and when it is resolved, unless the tick reports the same failure. */
function recordingProblems(
  logger: Logger,
  codesOfTick: () => ReadonlySet<string>,
): (what: keyof typeof PROBLEMS, failure: Failure | undefined) => void {
  const state = new Map<string, Alarms>();
  return (what, failure) => {
    if (failure && codesOfTick().has(failure.code)) return;
    const problems = failure ? [{ key: failure.code, failure }] : [];
    // A failure that gives way to another one is not resolved.
    const absent = (): Absent => (failure ? 'drop' : 'resolved');
    const { alarms, begun, resolved } = track(state.get(what) ?? NO_ALARMS, problems, Date.now(), absent);
    state.set(what, alarms);
    for (const {
      failure: { code, message, remedy },
    } of begun)
      logger.warn({ what, code }, `${PROBLEMS[what]}: ${message}. ${remedy}`);
    if (resolved.length > 0) logger.info({ what }, `resolved: ${PROBLEMS[what]}`);
  };
}

function codesOf({ outcomes, unsaved }: Tick): ReadonlySet<string> {
  const failures = outcomes.flatMap((outcome) => failureIn(outcome) ?? []);
  return new Set([...failures, ...(unsaved ? [unsaved] : [])].map(({ code }) => code));
}
