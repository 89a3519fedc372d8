import {
  decidedOf,
  failureIn,
  type Decided,
  type Hold,
  type Outcome,
  type Tick,
} from '../control/outcome.ts';
import { NO_ALARMS, type Alarms } from '../journal/alarm.ts';
import type { ObservedLimit } from '../ports/platform.ts';
import { describe, describeHold, describeLimit } from './describe.ts';
import { track, type Problem } from './problem-tracker.ts';

/** A line for the log. `fields` are for machines, `message` is complete without them. */
export type Line = {
  readonly level: 'debug' | 'info' | 'warn';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
};

/** What has been logged already, so that a problem is logged once when it begins and once when it is resolved. */
export type LogState = {
  readonly problems: Alarms;
  readonly started: boolean;
  /** By process type, what was published last, as long as that is not set. */
  readonly published: ReadonlyMap<string, number>;
};

export const NOTHING_LOGGED: LogState = { problems: NO_ALARMS, started: false, published: new Map() };

/** Holds worth a line of their own, by what they are called when they end. The others come and go by themselves. */
const LOGGED_HOLDS: Readonly<Partial<Record<Hold['kind'], string>>> = {
  paused: 'paused',
  manual: 'scaled manually',
  maintenance: 'maintenance mode',
  release: 'a release in progress',
  autoscaler: 'another autoscaler',
};

type LoggedProblem = Problem & { readonly line: Line };

/** What one tick adds to the log: each change, the begin and end of each problem; unchanged quantities only for `debug`. */
export function logLines(
  before: LogState,
  tick: Tick,
): { readonly lines: readonly Line[]; readonly state: LogState } {
  const { alarms, begun, resolved } = track(before.problems, problemsOf(tick), tick.at);
  const routine = tick.outcomes.flatMap((outcome) => routineLine(outcome, before, tick.early));
  const ended = resolved.map(({ key, since }) => resolvedLine(key, tick.at - since));
  return {
    lines: [...routine, ...begun.map(({ line }) => line), ...ended],
    state: { problems: alarms, started: true, published: publishedIn(tick) },
  };
}

function resolvedLine(what: string, ms: number): Line {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return { level: 'info', message: `resolved after ${seconds} s: ${what}`, fields: { what, seconds } };
}

/** The first decision and every change are `info`; the rest is for `debug`. */
function routineLine(outcome: Outcome, { started, published }: LogState, early: true | undefined): Line[] {
  const decided = decidedOf(outcome);
  if (decided === undefined) return [];
  const { processType, decision, formation, backlog } = decided;
  const { from, to, steps } = decision;
  const queues = backlog.queues.map(({ name, waiting, prioritized, due, active }) => ({
    name,
    waiting,
    prioritized,
    due,
    active,
  }));
  return [
    {
      level: (outcome.kind === 'resized' && !repeats(outcome, published)) || !started ? 'info' : 'debug',
      message: `${describe(outcome)}${early ? ' (before its slot: more jobs came)' : ''}`,
      fields: { processType, from, to, size: formation.size, steps, queues, early },
    },
  ];
}

function publishedIn({ outcomes }: Tick): ReadonlyMap<string, number> {
  return new Map(
    outcomes.flatMap((outcome): [string, number][] =>
      outcome.kind === 'resized' && outcome.resized.kind === 'published'
        ? [[outcome.processType, outcome.resized.wanted]]
        : [],
    ),
  );
}

/** The same quantity is published in each tick until it is set. */
function repeats(
  { processType, resized }: Extract<Outcome, { kind: 'resized' }>,
  published: ReadonlyMap<string, number>,
): boolean {
  return resized.kind === 'published' && published.get(processType) === resized.wanted;
}

function problemsOf(tick: Tick): LoggedProblem[] {
  const problems = tick.outcomes.flatMap(problemsOfType);
  if (tick.standby) {
    const message = 'standing by: another clock holds the lease';
    problems.push({ key: 'standing by', line: { level: 'info', message, fields: {} } });
  }
  if (tick.unsaved) {
    const { code, message, remedy } = tick.unsaved;
    problems.push(
      warning(`${code}, state not saved`, `scaling, but cannot save state: ${message}. ${remedy}`, { code }),
    );
  }
  return problems;
}

function problemsOfType(outcome: Outcome): LoggedProblem[] {
  const { processType } = outcome;
  const problem = (what: string, message: string, code?: string): LoggedProblem =>
    warning(`${processType}: ${what}`, message, { processType, ...(code === undefined ? {} : { code }) });
  const failure = failureIn(outcome);
  const unreadable = decidedOf(outcome)?.backlog.unreadable ?? [];
  const hold = outcome.kind === 'held' ? outcome.hold : undefined;
  const heldAs = hold && LOGGED_HOLDS[hold.kind];
  const decided = decidedOf(outcome);
  const limit = decided?.formation.limit;
  return [
    ...unreadable.map(({ queue, failure: { code, message, remedy } }) =>
      problem(`${code} ${queue}`, `${processType}: ${message}. ${remedy}`, code),
    ),
    ...(failure ? [problem(failure.code, describe(outcome), failure.code)] : []),
    ...(limit ? [problem('a limit of the platform', `${processType}: ${limitText(limit, decided)}`)] : []),
    ...(hold && heldAs !== undefined ? [problem(heldAs, `${processType}: ${describeHold(hold)}`)] : []),
  ];
}

function limitText(limit: ObservedLimit, { formation, policy }: Decided): string {
  const { message, remedy } = describeLimit(limit, formation.quantity, policy.noun);
  return `${message}. ${remedy}`;
}

function warning(key: string, message: string, fields: Line['fields']): LoggedProblem {
  return { key, line: { level: 'warn', message, fields } };
}
