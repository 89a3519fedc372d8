import {
  decidedIn,
  longestWaitMs,
  type Burst,
  type DecidedEntry,
  type Entry,
  type QueueEntry,
} from './entry.ts';
import { sumOf } from '../core/sum.ts';
import { flowOf, queueFlow, queueIn, spanMs } from './flow.ts';

export const MINUTE_MS = 60_000;

/** One minute of one queue. */
export type QueueMinute = {
  readonly name: string;
  /** Most jobs ready at one tick. */
  readonly ready: number;
  /** Mean number of running jobs. */
  readonly active: number;
  /** Longest wait at one tick. */
  readonly waitMs: number;
  readonly added: number;
};

/** One minute of one process type. */
export type TypeMinute = {
  readonly processType: string;
  readonly size: string;
  /** Ticks with a decision, and ticks without. */
  readonly ticks: number;
  readonly blind: number;
  /** The quantity after the last tick, and the one it decided. */
  readonly quantity: number;
  readonly wanted: number;
  readonly min: number;
  readonly max: number;
  /** Jobs one worker runs at once. */
  readonly concurrency: number;
  /** The longest wait allowed; 0 under the backlog rule. */
  readonly maxWaitMs: number;
  /** Milliseconds times workers: as they were set, and as a quantity fixed at the maximum would have been. */
  readonly dynoMs: number;
  readonly maxDynoMs: number;
  /** The same as the platform had them, where `dynoMs` is of a shadow. */
  readonly actualDynoMs?: number | undefined;
  /** Milliseconds times running jobs. */
  readonly activeMs: number;
  readonly ready: number;
  readonly active: number;
  readonly waitMs: number;
  readonly added: number;
  readonly done: number;
  readonly queues: readonly QueueMinute[];
};

export type Minute = { readonly at: number; readonly types: readonly TypeMinute[] };

/** A change of quantity that was made, or that failed. */
export type Change = {
  readonly at: number;
  readonly processType: string;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  readonly failed?: string | undefined;
};

/** The stored past: each minute that had a tick, in order of time. */
export type History = {
  readonly minutes: readonly Minute[];
  readonly changes: readonly Change[];
  readonly bursts: readonly Burst[];
};

export const NO_HISTORY: History = { minutes: [], changes: [], bursts: [] };

export function minuteAt(at: number): number {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS;
}

/**
 * Ticks as minutes. Only minutes that begin after the first entry are returned: the others may be incomplete, and flow is
 * the difference to the entry before. The last minute may still grow.
 */
export function rollUp(entries: readonly Entry[]): History {
  const [first] = entries;
  if (first === undefined) return NO_HISTORY;
  const whole = entries.filter(({ at }) => minuteAt(at) > first.at);
  const starts = [...new Set(whole.map(({ at }) => minuteAt(at)))];
  return {
    minutes: starts.map((start) => oneMinute(entries, start)),
    changes: whole.flatMap(changesIn),
    bursts: whole.flatMap(({ bursts = [] }) => bursts),
  };
}

function oneMinute(entries: readonly Entry[], start: number): Minute {
  const indices = entries.flatMap(({ at }, index) => (minuteAt(at) === start ? [index] : []));
  const names = new Set(
    indices.flatMap((index) => entries[index]?.types.map(({ processType }) => processType) ?? []),
  );
  return {
    at: start,
    types: [...names].flatMap((name) => oneType(entries, indices, name) ?? []),
  };
}

function oneType(
  entries: readonly Entry[],
  indices: readonly number[],
  processType: string,
): TypeMinute | undefined {
  const seen = indices.flatMap((index) => {
    const entry = entries[index];
    const decided = entry && decidedIn(entry, processType);
    if (!entry || !decided) return [];
    const after = entries[index + 1];
    return [
      { decided, before: lastBefore(entries, index, processType), ms: after ? spanMs(entry, after) : 0 },
    ];
  });
  const last = seen.at(-1)?.decided;
  if (!last) return undefined;
  const flows = seen.map(({ before, decided }) => flowOf(before, decided));
  return {
    processType,
    size: last.size,
    ticks: seen.length,
    blind: indices.length - seen.length,
    quantity: last.quantity,
    wanted: last.to,
    min: last.min,
    max: last.max,
    concurrency: last.concurrency,
    maxWaitMs: last.maxWaitMs ?? 0,
    dynoMs: sumOf(seen, ({ decided, ms }) => decided.quantity * ms),
    ...actualOf(seen),
    maxDynoMs: sumOf(seen, ({ decided, ms }) => decided.max * ms),
    activeMs: sumOf(seen, ({ decided, ms }) => activeIn(decided) * ms),
    ready: Math.max(...seen.map(({ decided }) => readyIn(decided))),
    active: Math.round(sumOf(seen, ({ decided }) => activeIn(decided)) / seen.length),
    waitMs: Math.max(...seen.map(({ decided }) => longestWaitMs(decided.queues))),
    added: sumOf(flows, ({ added }) => added),
    done: sumOf(flows, ({ done }) => done),
    queues: last.queues.map(({ name }) => oneQueue(seen, name)),
  };
}

/** Absent where a tick of the minute acted. */
function actualOf(
  seen: readonly { readonly decided: DecidedEntry; readonly ms: number }[],
): Pick<TypeMinute, 'actualDynoMs'> {
  if (seen.some(({ decided }) => decided.actual === undefined)) return {};
  return { actualDynoMs: sumOf(seen, ({ decided, ms }) => (decided.actual ?? 0) * ms) };
}

function oneQueue(
  seen: readonly { readonly decided: DecidedEntry; readonly before: DecidedEntry | undefined }[],
  name: string,
): QueueMinute {
  const rows = seen.flatMap(({ decided, before }): [QueueEntry | undefined, QueueEntry][] => {
    const queue = queueIn(decided, name);
    return queue ? [[queueIn(before, name), queue]] : [];
  });
  return {
    name,
    ready: Math.max(0, ...rows.map(([, { ready }]) => ready)),
    active: Math.round(sumOf(rows, ([, { active }]) => active) / Math.max(1, rows.length)),
    waitMs: longestWaitMs(rows.map(([, queue]) => queue)),
    added: sumOf(rows, ([before, queue]) => queueFlow(before, queue).added),
  };
}

/** The latest earlier entry with a decision, so that the flow during ticks without a reading counts afterwards. */
function lastBefore(entries: readonly Entry[], index: number, processType: string): DecidedEntry | undefined {
  for (let i = index - 1; i >= 0; i -= 1) {
    const entry = entries[i];
    const decided = entry && decidedIn(entry, processType);
    if (decided) return decided;
  }
  return undefined;
}

export function changesIn({ at, types }: Entry): Change[] {
  return types.flatMap((type): Change[] => {
    if (type.kind === 'blind') return [];
    const { processType, from, quantity, to, reason, result, failure } = type;
    if (failure) return [{ at, processType, from, to, reason, failed: failure.message }];
    return result === 'resized' || result === 'limited' || result === 'shadow'
      ? [{ at, processType, from, to: quantity, reason }]
      : [];
  });
}

export function readyIn({ queues }: DecidedEntry): number {
  return sumOf(queues, ({ ready }) => ready);
}

export function activeIn({ queues }: DecidedEntry): number {
  return sumOf(queues, ({ active }) => active);
}
