import { table } from '../../src/cli/views/table.ts';
import { sumOf } from '../../src/core/sum.ts';
import { LATE_ALLOWED, type SimulationRun } from '../../src/sim/index.ts';
import { FEEDBACK } from './feedback.ts';
import { estimateOf } from './t-interval.ts';

/** One workload under all policies, by seed, with the cost that no schedule of the first seed's jobs can go below. */
export type Compared = {
  readonly workload: string;
  readonly boundHours: number;
  readonly hours: number;
  readonly seeds: readonly (readonly SimulationRun[])[];
};

const TITLES = ['dyno-h', '/bound', '/fb', 'p95', 'p99', 'late %', '±', 'kills', 'chg/h', ''];

/** One row per policy: its cost, also by the bound and by the feedback (fb), the waits in seconds and the lateness with its 95 % interval, over all seeds. */
export function comparisonTable(compared: Compared): string {
  const { workload, boundHours, hours } = compared;
  const rows = policiesOf(compared).map((policy) => {
    const runs = runsUnder(compared, policy);
    const mean = (valueOf: (run: SimulationRun) => number): number => sumOf(runs, valueOf) / runs.length;
    const late = estimateOf(runs.map(({ figures }) => 100 * figures.late));
    return [
      policy,
      mean(({ figures }) => figures.dynoHours).toFixed(1),
      costByBound(compared, policy).toFixed(2),
      costByFeedback(compared, policy).toFixed(2),
      ...(['p95', 'p99'] as const).map((part) => mean(({ figures }) => figures.wait[part]).toFixed(0)),
      late.mean.toFixed(1),
      late.half.toFixed(1),
      String(sumOf(runs, ({ figures }) => figures.kills)),
      (mean(({ figures }) => figures.changes) / hours).toFixed(1),
      '',
    ];
  });
  const bound = ['lower bound', boundHours.toFixed(1), '1.00', ...TITLES.slice(2).map(() => '')];
  return table([[workload, ...TITLES], bound, ...rows]).join('\n');
}

/**
 * Per policy: the geometric means of its cost by the bound (first seed) and by the feedback (all seeds), on how many
 * workloads it was in time on average, and its kills.
 */
export function summaryTable(all: readonly Compared[]): string {
  const [first] = all;
  const rows = (first === undefined ? [] : policiesOf(first)).map((policy) => {
    const inTime = all.filter((compared) => lateOf(compared, policy) <= LATE_ALLOWED).length;
    const kills = sumOf(all, (compared) =>
      sumOf(runsUnder(compared, policy), ({ figures }) => figures.kills),
    );
    return [
      policy,
      geomean(all.map((compared) => costByBound(compared, policy))).toFixed(3),
      geomean(all.map((compared) => costByFeedback(compared, policy))).toFixed(3),
      `${inTime} of ${all.length}`,
      (100 * Math.max(...all.map((compared) => lateOf(compared, policy)))).toFixed(1),
      String(kills),
      '',
    ];
  });
  return table([['all workloads', '/bound', '/fb', 'in time', 'worst late %', 'kills', ''], ...rows]).join(
    '\n',
  );
}

/** Drover's targets: one line each, with a mark and the exceptions. */
export function targets(all: readonly Compared[], ours: string, others: readonly string[]): string {
  const late = all.filter((compared) => lateOf(compared, ours) > LATE_ALLOWED);
  const killed = all.filter((compared) => runsUnder(compared, ours).some(({ figures }) => figures.kills > 0));
  const [first] = all;
  const peers =
    first === undefined
      ? []
      : policiesOf(first).filter((policy) => policy !== FEEDBACK && !others.includes(policy));
  const beaten = all.flatMap((compared) =>
    peers.filter((peer) => beats(compared, peer, ours)).map((peer) => `${compared.workload} by ${peer}`),
  );
  const byFeedback = geomean(all.map((compared) => costByFeedback(compared, ours)));
  const line = (reached: boolean, text: string): string => `  ${reached ? '✓' : '✗'} ${text}`;
  const names = (exceptions: readonly Compared[]): string => list(exceptions.map(({ workload }) => workload));
  return [
    `${ours}:`,
    line(byFeedback <= 1, `cost by that of the feedback is ${byFeedback.toFixed(3)} (wanted: at most 1)`),
    line(late.length === 0, `no more than 5 % late${names(late)}`),
    line(killed.length === 0, `no job killed${names(killed)}`),
    // Without peers there is nothing to say.
    ...(peers.length === 0
      ? []
      : [line(beaten.length === 0, `no peer cheaper at equal or less lateness${list(beaten)}`)]),
  ].join('\n');
}

function list(names: readonly string[]): string {
  return names.length === 0 ? '' : `; except: ${names.join(', ')}`;
}

function policiesOf({ seeds: [first = []] }: Compared): string[] {
  return first.map(({ name }) => name);
}

function runsUnder({ seeds }: Compared, policy: string): SimulationRun[] {
  return seeds.flatMap((runs) => runs.filter(({ name }) => name === policy));
}

function lateOf(compared: Compared, policy: string): number {
  return estimateOf(runsUnder(compared, policy).map(({ figures }) => figures.late)).mean;
}

function costOf(compared: Compared, policy: string): number {
  const runs = runsUnder(compared, policy);
  return sumOf(runs, ({ figures }) => figures.dynoHours) / runs.length;
}

function costByBound(compared: Compared, policy: string): number {
  return (runsUnder(compared, policy)[0]?.figures.dynoHours ?? NaN) / compared.boundHours;
}

function costByFeedback(compared: Compared, policy: string): number {
  return costOf(compared, policy) / costOf(compared, FEEDBACK);
}

function beats(compared: Compared, peer: string, ours: string): boolean {
  return costOf(compared, peer) <= costOf(compared, ours) && lateOf(compared, peer) <= lateOf(compared, ours);
}

function geomean(values: readonly number[]): number {
  return Math.exp(sumOf(values, Math.log) / values.length);
}
