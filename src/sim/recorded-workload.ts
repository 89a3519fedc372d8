import { sumOf } from '../core/sum.ts';
import { MINUTE_MS, type History, type QueueMinute, type TypeMinute } from '../journal/minute.ts';
import { exponential, randomFrom } from './random.ts';
import type { Job, Workload } from './workload.ts';

/** Jobs that arrived together in a minute are spread over about one tick. */
const TOGETHER_MS = 10_000;
/** A minute's jobs count as arrived together when the queue grew by more than this share of them. */
const TOGETHER_SHARE = 0.5;
/** A guess for queues without a finished job. */
const UNKNOWN_SERVICE_MS = 1000;

export type RecordedWorkload = {
  readonly workload: Workload;
  /** What the workers cost at the time of the recording. */
  readonly dynoHours: number;
  /** Queues whose service time is a guess, because no reading showed a running job. */
  readonly guessedQueues: readonly string[];
};

type Row = TypeMinute & { readonly at: number };

/** The process types in a history. */
export function processTypesIn({ minutes }: History): string[] {
  return [...new Set(minutes.flatMap(({ types }) => types.map(({ processType }) => processType)))];
}

/**
 * A workload rebuilt from the journal, which keeps counts by the minute and no single jobs. Arrivals are spread over their
 * minute, or over its first seconds where most of them were still waiting at a tick. Service times are exponential with
 * the queue's mean (slot-time over departures, by Little's law). Undefined where no minute shows the process type.
 */
export function recordedWorkload(
  history: History,
  processType: string,
  seed: number,
): RecordedWorkload | undefined {
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
    const initial = queueIn(first, name);
    // Jobs that are in the first minute but did not arrive in it were there when the journal began.
    const earlier = (initial?.ready ?? 0) + (initial?.active ?? 0) - (initial?.added ?? 0);
    for (let count = 0; count < earlier; count += 1) add(0);
    let readyBefore = 0;
    for (const row of rows) {
      const { added = 0, ready = 0 } = queueIn(row, name) ?? {};
      const spreadMs = ready - readyBefore > TOGETHER_SHARE * added ? TOGETHER_MS : MINUTE_MS;
      for (let count = 0; count < added; count += 1) add(row.at - first.at + random() * spreadMs);
      readyBefore = ready;
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

/** The queue's share of the process type's slot-time, over its jobs; undefined where no job was seen to run. */
function serviceMsOf(rows: readonly Row[], name: string): number | undefined {
  const added = sumOf(rows, (row) => queueIn(row, name)?.added ?? 0);
  const running = sumOf(rows, (row) => queueIn(row, name)?.active ?? 0);
  const all = sumOf(rows, ({ queues }) => sumOf(queues, ({ active }) => active));
  const busyMs = sumOf(rows, ({ activeMs }) => activeMs);
  const done = sumOf(rows, (row) => row.done);
  if (busyMs === 0 || done === 0 || added === 0) return undefined;
  // The journal rounds a minute's mean to a whole number, so a queue that seldom runs shows 0: it gets the mean of all.
  return running === 0 ? busyMs / done : (busyMs * running) / all / added;
}

function queueIn({ queues }: Row, name: string): QueueMinute | undefined {
  return queues.find((queue) => queue.name === name);
}
