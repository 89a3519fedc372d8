import { LATE_ALLOWED, type SimulationRun } from '../../src/sim/index.ts';
import { table } from '../../src/cli/views/table.ts';

/** One workload under all policies, with the cost that no schedule can go below. */
export type Compared = {
  readonly workload: string;
  readonly boundHours: number;
  readonly runs: readonly SimulationRun[];
};

/** One row per policy: its cost and the waits, in seconds. */
export function comparisonTable({ workload, boundHours, runs }: Compared): string {
  const heading = [workload, 'dyno-h', '/bound', 'p50', 'p95', 'p99', 'late %', 'kills', 'changes', ''];
  const rows = runs.map(({ name, figures: { dynoHours, wait, late, kills, changes } }) => [
    name,
    dynoHours.toFixed(1),
    (dynoHours / boundHours).toFixed(2),
    ...[wait.p50, wait.p95, wait.p99].map((seconds) => seconds.toFixed(0)),
    (100 * late).toFixed(1),
    String(kills),
    String(changes),
    '',
  ]);
  return table([heading, ['clairvoyant bound', boundHours.toFixed(1), '1.00'], ...rows].map(filled)).join(
    '\n',
  );
}

function filled(row: readonly string[]): string[] {
  return Array.from({ length: 10 }, (_, column) => row[column] ?? '');
}

/** Per policy: the geometric mean of its cost by the bound, on how many workloads it was in time, and its kills. */
export function summaryTable(all: readonly Compared[]): string {
  const names = all[0]?.runs.map(({ name }) => name) ?? [];
  const rows = names.map((name) => {
    const runs = runsOf(all, name);
    const inTime = runs.filter(({ played }) => played.figures.late <= LATE_ALLOWED).length;
    const kills = runs.reduce((sum, { played }) => sum + played.figures.kills, 0);
    return [name, geomean(runs).toFixed(2), `${inTime} of ${runs.length}`, String(kills), ''];
  });
  return table([['all workloads', 'cost/bound', 'in time', 'kills', ''], ...rows]).join('\n');
}

/** Drover's targets: one line each, with a mark and the exceptions. */
export function targets(all: readonly Compared[], ours: string, others: readonly string[]): string {
  const runs = runsOf(all, ours);
  const mean = geomean(runs);
  const late = runs
    .filter(({ played }) => played.figures.late > LATE_ALLOWED)
    .map(({ workload }) => workload);
  const killed = runs.filter(({ played }) => played.figures.kills > 0).map(({ workload }) => workload);
  const beaten = runs.flatMap(({ workload, played, all: beside }) =>
    beside
      .filter(({ name }) => !others.includes(name))
      .filter((peer) => beats(peer, played))
      .map(
        ({ name, figures: { kills } }) => `${workload} by ${name}${kills > 0 ? ` (killed ${kills})` : ''}`,
      ),
  );
  const line = (reached: boolean, text: string): string => `  ${reached ? '✓' : '✗'} ${text}`;
  return [
    `${ours}:`,
    line(mean <= 1.25, `cost by the bound is ${mean.toFixed(3)} (wanted: at most 1.25 at a wait of 60 s)`),
    line(late.length === 0, `no more than 5 % late${list(late)}`),
    line(killed.length === 0, `no job killed${list(killed)}`),
    line(beaten.length === 0, `no peer cheaper at equal or less lateness${list(beaten)}`),
  ].join('\n');
}

function list(names: readonly string[]): string {
  return names.length === 0 ? '' : `; except: ${names.join(', ')}`;
}

function beats(peer: SimulationRun, ours: SimulationRun): boolean {
  return peer.figures.dynoHours <= ours.figures.dynoHours && peer.figures.late <= ours.figures.late;
}

type Run = {
  readonly workload: string;
  readonly played: SimulationRun;
  readonly boundHours: number;
  readonly all: readonly SimulationRun[];
};

function runsOf(all: readonly Compared[], name: string): Run[] {
  return all.flatMap(({ workload, boundHours, runs }) => {
    const own = runs.find((run) => run.name === name);
    return own ? [{ workload, played: own, boundHours, all: runs }] : [];
  });
}

function geomean(runs: readonly Run[]): number {
  const logs = runs.map(({ played, boundHours }) => Math.log(played.figures.dynoHours / boundHours));
  return Math.exp(logs.reduce((sum, value) => sum + value, 0) / logs.length);
}
