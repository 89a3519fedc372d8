import { describe, describeHold } from './describe.ts';
import type { Hold, Outcome, Tick } from '../control/outcome.ts';

/** A line for the log. `fields` are for machines, `message` is whole without them. */
export type Line = {
  readonly level: 'debug' | 'info' | 'warn';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
};

/** What has been said already, so that a trouble is told once when it begins and once when it ends. */
export type LogState = {
  /** Troubles that go on, by what they are, with the epoch ms of their begin. */
  readonly troubles: ReadonlyMap<string, number>;
  readonly started: boolean;
};

export const NOTHING_LOGGED: LogState = { troubles: new Map(), started: false };

/** Holds that somebody should hear of, by what they are called when they are over. The others come and go by themselves. */
const WORTH_TELLING: Readonly<Partial<Record<Hold['kind'], string>>> = {
  paused: 'paused',
  manual: 'set by hand',
  maintenance: 'maintenance mode',
  release: 'a release in progress',
};

type Trouble = { readonly what: string; readonly line: Line };

/** What one tick adds to the log: every change, every trouble's begin and end; a plain hold only for `debug`. */
export function logLines(
  told: LogState,
  tick: Tick,
): { readonly lines: readonly Line[]; readonly told: LogState } {
  const troubles = troublesOf(tick);
  const begun = troubles.filter(({ what }) => !told.troubles.has(what)).map(({ line }) => line);
  const going = new Map(troubles.map(({ what }) => [what, told.troubles.get(what) ?? tick.at]));
  const ended = [...told.troubles]
    .filter(([what]) => !going.has(what))
    .map(([what, since]) => over(what, tick.at - since));
  const routine = tick.outcomes.flatMap((outcome) => routineLine(outcome, told.started));
  return { lines: [...routine, ...begun, ...ended], told: { troubles: going, started: true } };
}

function over(what: string, ms: number): Line {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return { level: 'info', message: `over after ${seconds} s: ${what}`, fields: { what, seconds } };
}

/** What is worth a line of its own: a change, or the first look. Everything else is for whoever asks for `debug`. */
function routineLine(outcome: Outcome, started: boolean): Line[] {
  if (outcome.kind === 'blind') return [];
  const { processType, decision, formation, backlog, resized } = outcome;
  const queues = backlog.queues.map(({ name, waiting, prioritized, due, active }) => ({
    name,
    waiting,
    prioritized,
    due,
    active,
  }));
  return [
    {
      level: resized !== undefined || !started ? 'info' : 'debug',
      message: describe(outcome),
      fields: {
        processType,
        from: decision.from,
        to: decision.to,
        size: formation.size,
        steps: decision.steps,
        queues,
      },
    },
  ];
}

function troublesOf(tick: Tick): Trouble[] {
  const troubles = tick.outcomes.flatMap(troublesWith);
  if (tick.standby) {
    const message = 'standing by: another clock holds the lease';
    troubles.push({ what: 'standing by', line: { level: 'info', message, fields: {} } });
  }
  if (tick.forgetful) {
    const { code, message, remedy } = tick.forgetful;
    troubles.push(
      trouble(`${code}, not remembering`, `acting, but not remembering: ${message}. ${remedy}`, { code }),
    );
  }
  return troubles;
}

function troublesWith(outcome: Outcome): Trouble[] {
  const { processType } = outcome;
  const of = (what: string, message: string, code?: string): Trouble =>
    trouble(`${processType}: ${what}`, message, { processType, ...(code === undefined ? {} : { code }) });
  if (outcome.kind === 'blind') return [of(outcome.failure.code, describe(outcome), outcome.failure.code)];
  const { backlog, failure, hold } = outcome;
  const told = hold && WORTH_TELLING[hold.kind];
  return [
    ...backlog.unreadable.map(({ queue, failure: { code, message, remedy } }) =>
      of(`${code} ${queue}`, `${processType}: ${message}. ${remedy}`, code),
    ),
    ...(failure ? [of(failure.code, describe(outcome), failure.code)] : []),
    ...(hold && told !== undefined ? [of(told, `${processType}: ${describeHold(hold)}`)] : []),
  ];
}

function trouble(what: string, message: string, fields: Line['fields']): Trouble {
  return { what, line: { level: 'warn', message, fields } };
}
