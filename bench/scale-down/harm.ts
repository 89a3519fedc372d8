import type { Stopped } from '../../src/standin/stopped.ts';
import type { Run, WorkerProcess } from './record.ts';

/**
 * Why a job began again. `killed`: its process ended under it. `handed back`: the helper returned it to the queue.
 * `lock lapsed`: it still ran. `result lost`: it had ended, but BullMQ does not have the result.
 */
export type Cause = 'killed' | 'handed back' | 'lock lapsed' | 'result lost';

/** A job that did not begin once and end. `causes` are those of its executions that came to nothing, oldest first. */
export type Harm = { readonly job: string; readonly causes: readonly Cause[]; readonly runs: readonly Run[] };

/** Executions that still go on in a live process are no harm. */
export function harms(runs: readonly Run[]): readonly Harm[] {
  const byJob = new Map<string, Run[]>();
  for (const run of runs) {
    const known = byJob.get(run.job);
    if (known === undefined) byJob.set(run.job, [run]);
    else known.push(run);
  }
  return [...byJob].flatMap(([job, unsorted]) => {
    const own = unsorted.toSorted((a, b) => a.begunAt - b.begunAt);
    const causes = own.flatMap((run, index) => causeOf(run, own[index + 1]) ?? []);
    return causes.length === 0 ? [] : [{ job, causes, runs: own }];
  });
}

function causeOf(
  { process: { exitedAt }, endedAt, handedBackAt }: Run,
  next: Run | undefined,
): Cause | undefined {
  if (handedBackAt !== undefined) return 'handed back';
  const againAt = next?.begunAt ?? Infinity;
  if (endedAt !== undefined && endedAt <= againAt) return next === undefined ? undefined : 'result lost';
  if (exitedAt !== undefined && exitedAt <= againAt) return 'killed';
  return next === undefined ? undefined : 'lock lapsed';
}

/** Processes that got SIGKILL although they ran no job: shutting down took them longer than the grace time. */
export function killedIdle(stopped: readonly Stopped[], runs: readonly Run[]): number {
  const busy = new Set(
    runs.filter((run) => causeOf(run, undefined) === 'killed').map((run) => stopOf(stopped, run.process)),
  );
  return stopped.filter((stop) => stop.sigkillAt !== undefined && !busy.has(stop)).length;
}

/** How many of the stopped processes had run a job: the others were removed before one was left for them. */
export function hadWorked(stopped: readonly Stopped[], runs: readonly Run[]): number {
  return new Set(
    [...new Set(runs.map(({ process }) => process))].flatMap((each) => stopOf(stopped, each) ?? []),
  ).size;
}

/** One line for a person who looks for the cause. Times are in seconds since `from` (epoch ms). */
export function describeHarm({ job, causes, runs }: Harm, stopped: readonly Stopped[], from: number): string {
  const at = (ms: number | undefined): string => (ms === undefined ? '–' : ((ms - from) / 1000).toFixed(2));
  const lines = runs.map(({ process, begunAt, endedAt, handedBackAt }) => {
    const stop = stopOf(stopped, process);
    const end = `ended ${at(endedAt)}, handed back ${at(handedBackAt)}, process exited ${at(process.exitedAt)}`;
    const why =
      stop === undefined
        ? 'not stopped'
        : `${stop.because}: SIGTERM ${at(stop.sigtermAt)}, SIGKILL ${at(stop.sigkillAt)}`;
    return `begun ${at(begunAt)} in ${process.name} (${process.pid}), ${end}, ${why}`;
  });
  return `${job} ${causes.join(', ')}: ${lines.join('; ')}`;
}

/** A process id may be used again, so the times have to fit too. */
function stopOf(
  stopped: readonly Stopped[],
  { pid, startedAt, exitedAt = 0 }: WorkerProcess,
): Stopped | undefined {
  return stopped.find(
    (stop) => stop.pid === pid && stop.sigtermAt >= startedAt && stop.sigtermAt <= exitedAt,
  );
}
