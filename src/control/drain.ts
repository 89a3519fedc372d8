import { busyNames, busyOrdinal, unattributed } from '../core/busy-workers.ts';
import {
  drainedAbove,
  drainStep,
  REPORT_FRESH_MS,
  type DrainRequest,
  type DrainStep,
  type WorkersReading,
} from '../core/drain.ts';
import { drainedNames, fittingNames, nameStep, removalOrder } from '../core/drain-by-name.ts';
import type { Observation } from '../core/types.ts';
import {
  activeOf,
  numbersSkipped,
  ordinalOf,
  type ListedWorker,
  type ListedWorkers,
  type WorkerNaming,
} from '../core/worker-naming.ts';
import { LATE_WRITE_MS } from '../core/writes.ts';
import type { Backlog } from '../ports.ts';
import type { FormationState } from '../ports/platform.ts';
import type { TickContext } from './context.ts';

/** From the reading behind a scale-down to the moment after which its PATCH is no longer sent. */
export const LONGEST_UNTIL_SENT_MS = 30_000;
/** From the platform's change of the quantity to its SIGTERM. */
const SIGTERM_MS = 5_000;
/** A drain request outlives its tick by two, so that one tick that is late or fails changes nothing. */
const REQUEST_TICKS = 3;
/**
 * A worker that loses Redis stays drained for as long as its last report may still cause its removal: the report counts
 * for a while, the PATCH is sent some time after the reading, and may be carried out late.
 */
const SHORTEST_REQUEST_MS = REPORT_FRESH_MS + LONGEST_UNTIL_SENT_MS + LATE_WRITE_MS + SIGTERM_MS;
/** A clock that ticks seldom must find its request again, but must not leave workers drained for hours when it dies. */
const LONGEST_REQUEST_MS = 5_400_000;

/** For how long a drain request is good. */
export function requestMs(tickMs: number): number {
  return Math.max(SHORTEST_REQUEST_MS, Math.min(LONGEST_REQUEST_MS, tickMs * REQUEST_TICKS));
}

/** The reports with each worker's place, and the limit by the same count. */
export function located(reading: WorkersReading, naming: WorkerNaming): WorkersReading {
  if (naming.kind === 'listed') return reading;
  const { request, reports } = reading;
  const skipped = numbersSkipped(naming);
  return {
    ...(request === undefined
      ? {}
      : { request: { ...request, limit: Math.max(0, request.limit - skipped) } }),
    reports: reports.map((report) => ({
      ...report,
      ordinal: report.dyno === undefined ? undefined : ordinalOf(report.dyno, naming),
    })),
  };
}

/** Where jobs run, as far as it is known: by the names on them, and by the reports of cooperating workers (if any). */
export type WhereJobsRun = {
  readonly seen: Pick<Observation, 'busyOrdinal' | 'unattributed' | 'restingAbove' | 'stillDraining'>;
  /** Of listed workers, those that are not being removed, and which of them run a job or are drained. */
  readonly listed?: ListedState | undefined;
};

type ListedState = {
  readonly active: readonly ListedWorker[];
  readonly busy: ReadonlySet<string>;
  readonly drained: ReadonlySet<string>;
};

export function whereJobsRun(
  backlog: Backlog,
  workers: WorkersReading | undefined,
  { quantity, naming }: FormationState,
  bootMs: number,
): WhereJobsRun {
  const unmapped = unattributed(backlog.holders, backlog.holdersComplete, naming);
  const silentMayGo = unmapped === 0;
  if (naming.kind === 'listed') return amongListed(backlog, workers, { naming, quantity, bootMs, unmapped });
  return {
    seen: {
      busyOrdinal: busyOrdinal(backlog.holders.keys(), naming),
      unattributed: unmapped,
      ...(workers === undefined
        ? {}
        : { restingAbove: drainedAbove(workers, { quantity, bootMs, silentMayGo }) }),
    },
  };
}

function amongListed(
  { holders }: Backlog,
  workers: WorkersReading | undefined,
  {
    naming,
    quantity,
    bootMs,
    unmapped,
  }: {
    readonly naming: ListedWorkers;
    readonly quantity: number;
    readonly bootMs: number;
    readonly unmapped: number;
  },
): WhereJobsRun {
  const active = activeOf(naming);
  const busy = busyNames(holders, active);
  if (workers === undefined)
    return {
      seen: { busyOrdinal: busy.size, unattributed: unmapped },
      listed: { active, busy, drained: new Set() },
    };
  const drained = drainedNames(active, workers, { bootMs, busy, silentMayGo: unmapped === 0 });
  const draining = removalOrder(active, workers.request, { busy, drained }).find(
    (name) => !drained.has(name),
  );
  return {
    seen: {
      unattributed: unmapped,
      restingAbove: Math.min(quantity, active.length - drained.size),
      ...(draining === undefined ? {} : { stillDraining: draining }),
    },
    listed: { active, busy, drained },
  };
}

/** What came of a drain request: whether the one that was read is still in force, and which listed workers it names. */
export type DrainRequested = { readonly inForce: boolean; readonly names: readonly string[] };

/** How many workers are to work, of how many; `added`: some of them began after the request that is in force. */
type Working = { readonly working: number; readonly most: number; readonly added: boolean };

/**
 * Asks the workers beyond `working` to drain and all others to work; always before the platform is asked to scale. Not in
 * force: the request that was read had expired or was replaced, so nothing may be removed in this tick.
 */
export async function requestDrain(
  { ports, tickMs, signal }: TickContext,
  { processType, quantity, naming }: Pick<FormationState, 'processType' | 'quantity' | 'naming'>,
  { request, listed }: Pick<WorkersReading, 'request'> & Pick<WhereJobsRun, 'listed'>,
  { working, most, added }: Working,
): Promise<DrainRequested> {
  const before = added && working < most ? undefined : request;
  const { step, names } =
    listed === undefined
      ? { step: shifted(drainStep(before, working, most), naming), names: [] }
      : stepByName(listed, request, quantity, working);
  if (step.kind === 'nothing') return { inForce: true, names };
  const inForce = await ports.workers.write({ processType, request, step, forMs: requestMs(tickMs) }, signal);
  return { inForce, names };
}

/**
 * Which listed workers drain so that no more than `working` work, and the step to that. More may be listed than are set:
 * those the platform has yet to remove stay drained, whatever is wanted by now.
 */
export function stepByName(
  listed: ListedState,
  request: DrainRequest | undefined,
  quantity: number,
  working: number,
): { readonly step: DrainStep; readonly names: readonly string[] } {
  const count = listed.active.length;
  const most = count > quantity ? Math.min(quantity, working) : working;
  const surplus = Math.max(0, count - most);
  const order = removalOrder(listed.active, request, listed);
  // Any of those marked for a removal that is still to come may go at any moment, so none of them is called back.
  const going = count > quantity ? order.filter((name) => isMarked(listed, name)) : [];
  const names = fittingNames([...new Set([...going, ...order])].slice(0, Math.max(surplus, going.length)));
  return { step: nameStep(request, names, listed.active), names };
}

function isMarked({ active }: ListedState, name: string): boolean {
  return active.some((worker) => worker.name === name && worker.marked);
}

/** The step by the workers' own count of their numbers. */
function shifted(step: DrainStep, naming: WorkerNaming): DrainStep {
  return naming.kind === 'numbered' && 'limit' in step
    ? { ...step, limit: step.limit + numbersSkipped(naming) }
    : step;
}

/**
 * The listed workers that a scale-down to `to` may remove, most wanted first: those that are drained, or idle where none
 * reports; where running jobs have delayed it for as long as the operator allows, the others too.
 */
export function removable(
  { seen, listed }: WhereJobsRun,
  draining: readonly string[] | undefined,
  to: number,
): readonly string[] | undefined {
  if (listed === undefined) return undefined;
  const { restingAbove, busyOrdinal: busyCount = 0, unattributed: unmapped = 0 } = seen;
  if (draining !== undefined)
    return to < (restingAbove ?? 0) ? draining : draining.filter((name) => listed.drained.has(name));
  const all = removalOrder(listed.active, undefined, listed);
  return unmapped > 0 || to < busyCount ? all : all.filter((name) => !listed.busy.has(name));
}

/** Workers that an earlier scale-down marked, and that are not to go any more. */
export function wronglyMarked(
  { listed }: WhereJobsRun,
  draining: readonly string[],
  quantity: number,
): readonly string[] {
  // While the platform still has some to remove, without its marks it would choose others.
  if (listed === undefined || listed.active.length > quantity) return [];
  const stays = ({ name, marked }: ListedWorker): boolean => marked && !draining.includes(name);
  return listed.active.filter(stays).map(({ name }) => name);
}

/**
 * Workers without numbers report too, but on a platform that does not list them, which of them it would stop cannot be
 * known. `before`: workers of the type reported recently. If none does now, all of them boot, and each may take a job
 * between a reading and its PATCH.
 */
export function cooperates(
  { request, reports }: WorkersReading,
  { kind }: Pick<WorkerNaming, 'kind'>,
  before: boolean,
): boolean {
  if (reports.length === 0 && before) return true;
  return request !== undefined || reports.some(({ ordinal }) => kind === 'listed' || ordinal !== undefined);
}
