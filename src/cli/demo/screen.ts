import { sumOf } from '../../core/sum.ts';
import type { QueueCounts } from '../../standin/demo-app.ts';
import type { DemoWorker } from '../../standin/demo-workers.ts';
import { number } from '../views/figures.ts';
import { table } from '../views/table.ts';
import { wrap } from '../views/wrap.ts';

/** What the screen shows. Times are milliseconds since the start of the demo. */
export type DemoState = {
  readonly elapsedMs: number;
  /** Absent: until Ctrl-C. */
  readonly lengthMs?: number | undefined;
  readonly queues: readonly QueueCounts[];
  /** What the platform calls one worker. */
  readonly noun: string;
  readonly workers: readonly DemoWorker[];
  /** One sample every `SAMPLE_MS`, oldest first. */
  readonly samples: readonly { readonly backlog: number; readonly workers: number; readonly done: number }[];
  readonly max: number;
  /** Log lines of the clock, oldest first. */
  readonly changes: readonly { readonly atMs: number; readonly words: string }[];
  /** The latest decision. */
  readonly now: string;
  /** Absent until the dashboard listens. */
  readonly dashboardUrl?: string | undefined;
};

export const SAMPLE_MS = 500;
const BARS = ' ▁▂▃▄▅▆▇█';
const LABEL = 10;

/** The live screen: at most `height` lines of at most `width` columns. */
export function demoScreen(state: DemoState, width: number, height: number): string {
  const chart = Math.max(10, width - LABEL - 16);
  const samples = state.samples.slice(-chart);
  const backlog = samples.map((sample) => sample.backlog);
  const up = samples.map((sample) => sample.workers);
  const top = [
    `Drover demo  ${clock(state.elapsedMs)}${state.lengthMs === undefined ? '' : ` of ${clock(state.lengthMs)}`}  Ctrl-C to stop`,
    state.dashboardUrl === undefined ? '' : `Dashboard    ${state.dashboardUrl}`,
    '',
    row('backlog', sparkline(backlog, Math.max(...backlog, 1), chart), `${number(backlog.at(-1) ?? 0)} jobs`),
    row(`${state.noun}s`, sparkline(up, state.max, chart), `${up.at(-1) ?? 0} of ${state.max}`),
    row(
      'delivered',
      sparkline(rates(samples), Math.max(...rates(samples), 1), chart),
      `${perSecond(samples)} per second`,
    ),
    '',
    ...table([
      ['queue', 'waiting', 'active', 'done', 'failed', ''],
      ...state.queues.map((queue) => [
        queue.name,
        number(queue.waiting),
        number(queue.active),
        number(queue.completed),
        number(queue.failed),
        '',
      ]),
    ]),
    '',
    ...workerLines(state, width),
    '',
    ...wrap('now    ', state.now, width),
    '',
  ];
  const room = Math.max(0, height - top.length - 1);
  const log = state.changes.flatMap(({ atMs, words }) => wrap(`${clock(atMs)}  `, words, width));
  return [...top, ...(room === 0 ? [] : log.slice(-room))]
    .slice(0, height - 1)
    .map((line) => cut(line, width))
    .join('\n');
}

/** The status line where there is no terminal. */
export function demoLine(state: DemoState): string {
  const backlog = sumOf(state.queues, ({ waiting, active }) => waiting + active);
  const done = sumOf(state.queues, ({ completed }) => completed);
  return `${clock(state.elapsedMs)}  backlog ${number(backlog)}, ${state.noun}s ${state.samples.at(-1)?.workers ?? 0}, done ${number(done)}`;
}

/** The newest values as bars, the latest at the right end of `width` columns. */
export function sparkline(values: readonly number[], most: number, width: number): string {
  const bars = values.slice(-width).map((value) => {
    const level = Math.ceil((Math.min(value, most) / most) * (BARS.length - 1));
    return BARS[level] ?? ' ';
  });
  return bars.join('').padStart(width);
}

const MARKS: Readonly<Record<DemoWorker['state'], string>> = {
  starting: '◌',
  up: '●',
  stopping: '◍',
  crashed: '✗',
};
const LONGEST_STATE = 'stopping'.length;

function workerLines({ workers, max }: DemoState, width: number): string[] {
  const longest = Math.max(0, ...workers.map(({ name }) => name.length));
  const cell = Math.max(24, longest + LONGEST_STATE + 5);
  const cells = workers.map(({ name, state }) => `${MARKS[state]} ${name} ${state}`.padEnd(cell));
  const columns = Math.max(1, Math.floor(width / cell));
  const lines: string[] = [];
  for (let i = 0; i < Math.max(cells.length, max); i += columns)
    lines.push(
      cells
        .slice(i, i + columns)
        .join('')
        .trimEnd(),
    );
  return lines;
}

function rates(samples: DemoState['samples']): number[] {
  return samples.map((sample, index) => Math.max(0, sample.done - (samples[index - 1]?.done ?? sample.done)));
}

/** Over the last two seconds. */
function perSecond(samples: DemoState['samples']): string {
  const window = samples.slice(-1 - 2000 / SAMPLE_MS);
  const [first, last] = [window[0], window.at(-1)];
  const seconds = ((window.length - 1) * SAMPLE_MS) / 1000;
  return first && last && seconds > 0 ? number(Math.round((last.done - first.done) / seconds)) : '0';
}

function row(label: string, chart: string, value: string): string {
  return `${label.padEnd(LABEL)}${chart} ${value}`;
}

function cut(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}
