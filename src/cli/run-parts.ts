import type { ActingSettings, Problem } from '../config/settings.ts';
import { failureOf, type Failure } from '../failure.ts';
import { failureIn, type Tick } from '../control/outcome.ts';
import { recorder, type Recorder } from '../reporting/recorder.ts';
import { NOTHING_LOGGED, logLines } from '../reporting/log-lines.ts';
import { assemble, type Assembly } from './composition.ts';
import { checkTls } from './checks-tls.ts';
import { createLogger, type Logger } from './log.ts';
import { secretsOf } from './settings.ts';

/** What `run` works with: the real parts, and those who hear of each tick. */
export type RunParts = {
  readonly assembly: Assembly;
  readonly logger: Logger;
  readonly recorder: Recorder;
  /** Logs what is worth it and keeps the rest. */
  readonly onTick: (tick: Tick) => void;
  /** Writes what is not written yet, and closes every connection. */
  readonly end: () => Promise<void>;
};

/** `acts` false: nothing is written anywhere, and nobody is told. Logs go to `stream`. */
export async function startRunParts(
  settings: ActingSettings,
  hints: readonly Problem[],
  acts: boolean,
  stream: NodeJS.WriteStream,
): Promise<RunParts> {
  const { heroku, timeZone, notifyUrl } = settings;
  const logger = await createLogger(stream, settings.logLevel, secretsOf(settings));
  for (const { variable, message } of hints) logger.warn({ variable }, `${variable} ${message}`);
  for (const { name, detail } of checkTls(settings)) logger.info(`${name}: ${detail}`);
  const assembly = await assemble(settings, acts, (processType) =>
    logger.warn({ processType }, `${processType}: saved state unreadable; starting fresh`),
  );
  const notifier =
    notifyUrl === undefined || !acts
      ? undefined
      : (await import('../adapters/notify/webhook.ts')).webhookNotifier(notifyUrl, heroku.appName);
  const records = recorder(
    assembly.journal,
    notifier,
    { appName: heroku.appName, timeZone, noun: assembly.ports.formation.noun },
    besideTheTick(logger, () => codes),
  );
  let codes: ReadonlySet<string> = new Set();
  let told = NOTHING_LOGGED;
  return {
    assembly,
    logger,
    recorder: records,
    onTick: (tick) => {
      try {
        const said = logLines(told, tick);
        told = said.state;
        codes = codesOf(tick);
        records.record(tick);
        for (const { level, message, fields } of said.lines) logger[level](fields, message);
      } catch (thrown) {
        // Whatever is wrong with what a tick left to say, the next one has to come.
        const { code, message, remedy } = failureOf(thrown);
        logger.warn({ code }, `the tick could not be logged: ${message}. ${remedy}`);
      }
    },
    end: async () => {
      await records.done();
      assembly.close();
    },
  };
}

const TROUBLE = {
  journal: 'not recorded for status and report',
  notices: 'nobody could be told of a trouble',
} as const;

/** Tells when recording or telling fails, and when that is over: once, and not where the tick has the same to say. */
function besideTheTick(
  logger: Logger,
  codesOfTick: () => ReadonlySet<string>,
): (what: keyof typeof TROUBLE, failure: Failure | undefined) => void {
  const told = new Map<string, string>();
  return (what, failure) => {
    if (failure === undefined) {
      if (told.delete(what)) logger.info({ what }, `over: ${TROUBLE[what]}`);
    } else if (told.get(what) !== failure.code && !codesOfTick().has(failure.code)) {
      told.set(what, failure.code);
      logger.warn({ what, code: failure.code }, `${TROUBLE[what]}: ${failure.message}. ${failure.remedy}`);
    }
  };
}

function codesOf({ outcomes, unsaved }: Tick): ReadonlySet<string> {
  const failures = outcomes.flatMap((outcome) => failureIn(outcome) ?? []);
  return new Set([...failures, ...(unsaved ? [unsaved] : [])].map(({ code }) => code));
}
