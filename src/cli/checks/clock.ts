import { leaseConflict } from '../../adapters/redis/lease.ts';
import { failed, pass, warn, type Check } from './check.ts';
import { decidedIn, type Entry } from '../../journal/entry.ts';
import { healthOf, type Status } from '../../journal/status.ts';
import type { Pause, Remembered } from '../../ports.ts';
import { instant, span } from '../views/figures.ts';
import type { CheckWords } from './words.ts';

/** An operator changes a quantity now and then; a program does it again and again. */
const FEWEST_FOREIGN_CHANGES = 3;

/** What the clocks of this app left in Redis. */
export type ClockFacts = {
  /** The process types of the clock that has the lease. */
  readonly holder: string | undefined;
  readonly status: Status | undefined;
  /** The last ticks, oldest first. */
  readonly entries: readonly Entry[];
  readonly pause: Pause | undefined;
  readonly remembered: ReadonlyMap<string, Remembered>;
};

/** What keeps a clock of this app from scaling, and whether something else scales too. `at`: epoch ms. */
export function checkClock(
  facts: ClockFacts,
  processTypes: readonly string[],
  at: number,
  words: CheckWords,
): Check[] {
  return [
    ...leaseCheck(facts, processTypes),
    ...tickCheck(facts, at, words),
    ...pauseCheck(facts),
    ...processTypes.flatMap((processType) => [
      ...manualCheck(facts, processType, words),
      ...foreignCheck(facts.entries, processType),
    ]),
  ];
}

function leaseCheck({ holder }: ClockFacts, processTypes: readonly string[]): Check[] {
  const own = processTypes.toSorted().join();
  if (holder === undefined) return [];
  return holder === own
    ? [pass('lease', `held by a clock that scales ${own}`)]
    : [failed('lease', leaseConflict(holder, own))];
}

function tickCheck({ holder, status }: ClockFacts, at: number, words: CheckWords): Check[] {
  if (status === undefined || healthOf(status, at).ok) return [];
  const stopped = holder === undefined && at > status.at + status.tickMs;
  return [
    warn(
      'clock',
      stopped
        ? `stopped: its last tick was ${span(at - status.at)} ago, and nothing has been scaled since`
        : `runs, but is unhealthy: ${healthOf(status, at).words}`,
      stopped
        ? `Start it: ${words.startClock}. If it runs, look at its log: ${words.clockLog}. For \`run --once\`, set SCHEDULE to the interval of its scheduler.`
        : 'Run `drover status` for the failure and its remedy.',
    ),
  ];
}

function pauseCheck({ pause }: ClockFacts): Check[] {
  if (pause === undefined) return [];
  const until = pause.until === undefined ? '' : ` until ${instant(pause.until)}`;
  return [
    warn(
      'pause',
      `scaling was paused by ${pause.by}${until}: nothing is changed meanwhile`,
      'Run `drover resume`.',
    ),
  ];
}

function manualCheck({ remembered }: ClockFacts, processType: string, { setToOne }: CheckWords): Check[] {
  const manual = remembered.get(processType)?.scaling.manual;
  if (manual === undefined || manual.until !== undefined) return [];
  return [
    warn(
      `quantity of ${processType}`,
      'was scaled to 0 manually: autoscaling is suspended until it is above 0',
      `Run ${setToOne(processType)}, or \`drover forget manual\`.`,
    ),
  ];
}

/** Quantities that are neither what the tick before read nor what it set. */
function foreignCheck(entries: readonly Entry[], processType: string): Check[] {
  const decided = entries.flatMap((entry) => decidedIn(entry, processType) ?? []);
  const changes = decided.filter((tick, index) => {
    const before = decided[index - 1];
    // Of a change without a reply, and of one in a dry run, the quantity is not known.
    return before !== undefined && before.result !== 'unknown' && tick.from !== before.quantity;
  }).length;
  const [first] = entries;
  const last = entries.at(-1);
  if (changes < FEWEST_FOREIGN_CHANGES || first === undefined || last === undefined) return [];
  return [
    warn(
      `quantity of ${processType}`,
      `was changed ${changes} times within ${span(last.at - first.at)} by another client: a second autoscaler undoes Drover's changes, and Drover holds after each change that is not its own`,
      'Turn the other one off for this process type: an add-on, a script, another Drover.',
    ),
  ];
}
