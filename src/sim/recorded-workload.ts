import { sumOf } from '../journal/entry.ts';
import { MINUTE_MS, type History, type QueueMinute, type TypeMinute } from '../journal/minute.ts';
import { exponential, randomFrom } from './random.ts';
import type { Job, Workload } from './workload.ts';

/** Jobs of a minute that came together did so within about a tick. */
const AT_ONCE_MS = 10_000;
/** What is said to have come at once: when the queue grew by more than this share of what came. */
const MOST = 0.5;
/** Where no job was seen to end. */
const UNKNOWN_SERVICE_MS = 1000;

export type RecordedWorkload = {
  readonly workload: Workload;
  /** What the fleet cost then. */
  readonly dynoHours: number;
  /** Queues whose service time is a guess, as none of their jobs was seen to run. */
  readonly guessedQueues: readonly string[];
};

type Row = TypeMinute & { readonly at: number };

/** The process types that a history tells of. */
export function processTypesIn({ minutes }: History): string[] {
  return [...new Set(minutes.flatMap(({ types }) => types.map(({ processType }) => processType)))];
}

/**
 * The work of a past that the journal kept, to be played again. Each minute's arrivals are spread over it, or over its
 * first seconds where most of them were still there at a tick; a job runs for the mean of its queue (slot-time over
 * departures, Little), exponentially distributed, as the journal knows no more. Undefined without a minute of the type.
 */
export function recordedWorkload(history: History, processType: string, seed: number): RecordedWorkload | undefined {
  const rows = history.minutes.flatMap(({ at, types }): Row[] =>
    types.filter((type) => type.processType === processType).map((type) => ({ ...type, at })),
  );
  const [first] = rows;
  const last = rows.at(-1);
  if (!first || !last) return undefined;

  const random = randomFrom(seed);
  const jobs: Job[] = [];
  const guessed: string[] = [];
  for (const name of new Set(rows.flatMap(({ queues }) => queues.map((queue) => queue.name)))) {
    const serviceMs = serviceMsOf(rows, name);
    if (serviceMs === undefined) guessed.push(name);
    const add = (atMs: number): void => {
      jobs.push({ atMs, queue: name, serviceMs: exponential(random, serviceMs ?? UNKNOWN_SERVICE_MS) });
    };
    const before = queueIn(first, name);
    // What was there when the journal begins had come before.
    for (
      let count = (before?.ready ?? 0) + (before?.active ?? 0) - (before?.added ?? 0);
      count > 0;
      count -= 1
    )
      add(0);
    let known = 0;
    for (const row of rows) {
      const { added = 0, ready = 0 } = queueIn(row, name) ?? {};
      const spreadMs = ready - known > MOST * added ? AT_ONCE_MS : MINUTE_MS;
      for (let count = 0; count < added; count += 1) add(row.at - first.at + random() * spreadMs);
      known = ready;
    }
  }
  return {
    workload: {
      name: `${processType} as recorded`,
      jobs,
      lengthMs: last.at - first.at + MINUTE_MS,
      concurrency: Math.max(1, last.concurrency),
    },
    dynoHours: sumOf(rows, ({ dynoMs }) => dynoMs) / 3_600_000,
    guessedQueues: guessed,
  };
}

/** The type's slot-time by the queues' shares of it, over their jobs; undefined where none was seen to run. */
function serviceMsOf(rows: readonly Row[], name: string): number | undefined {
  const added = sumOf(rows, (row) => queueIn(row, name)?.added ?? 0);
  const running = sumOf(rows, (row) => queueIn(row, name)?.active ?? 0);
  const all = sumOf(rows, ({ queues }) => sumOf(queues, ({ active }) => active));
  const busyMs = sumOf(rows, ({ activeMs }) => activeMs);
  const done = sumOf(rows, (row) => row.done);
  if (busyMs === 0 || done === 0 || added === 0) return undefined;
  // A minute's mean is kept as a whole number, so a queue that hardly runs shows none: it gets the mean of them all.
  return running === 0 ? busyMs / done : (busyMs * running) / all / added;
}

function queueIn({ queues }: Row, name: string): QueueMinute | undefined {
  return queues.find((queue) => queue.name === name);
}
