import type { Forgettable } from '../core/beliefs.ts';
import type { WorkersReading } from '../core/drain.ts';
import type { ProcessTypeSettings } from '../config/settings.ts';
import { Failure, failureOf } from '../failure.ts';
import type { Backlog, FormationState, Pause, Ports, Remembered } from '../ports.ts';
import { bootMsOf } from './policy.ts';

/** What one tick read for one process type. */
export type Reading = {
  readonly backlog: Backlog;
  readonly formation: FormationState;
  readonly workers: WorkersReading;
  /** Monotonic ms before which none of this was read. */
  readonly seenAtMs: number;
  readonly pause: Pause | undefined;
};

/** Or why it did not. */
export type ReadingOrFailure = Reading | Failure;

/** What one tick read, of each process type in their order, and what an operator wants forgotten. */
export type Readings = {
  readonly readings: readonly ReadingOrFailure[];
  readonly forget: readonly Forgettable[];
};

/** Everything in as few requests as it takes, each part beside the others. Never throws. */
export async function observe(
  ports: Ports,
  processTypes: readonly ProcessTypeSettings[],
  remembered: ReadonlyMap<string, Remembered>,
  tickMs: number,
  at: number,
  signal: AbortSignal,
): Promise<Readings> {
  const seenAtMs = ports.clock.monotonicMs();
  const selections = processTypes.map((settings) => ({
    patterns: settings.queues,
    horizonMs: bootMsOf(settings, remembered.get(settings.processType)?.scaling, at) + tickMs,
  }));
  const [backlogs, formations, reports, pause, forget] = await Promise.all([
    ports.backlog.read(selections, at, signal).catch(failureOf),
    ports.formation.read(namesOf(processTypes), signal).catch(failureOf),
    ports.workers.read(namesOf(processTypes), signal).catch(failureOf),
    ports.pause.read(at, signal).catch(failureOf),
    // It can wait for a tick in which Redis answers.
    ports.forget.take(signal).catch(() => []),
  ]);
  const readings = processTypes.map(({ processType }, index): ReadingOrFailure => {
    const backlog = backlogs instanceof Failure ? backlogs : (backlogs[index] ?? unseen());
    const formation = formations instanceof Failure ? formations : (formations.get(processType) ?? unseen());
    if (backlog instanceof Failure) return backlog;
    if (formation instanceof Failure) return formation;
    if (reports instanceof Failure) return reports;
    if (pause instanceof Failure) return pause;
    const workers = reports.get(processType) ?? { reports: [] };
    // Nothing to decide from: not one of the queues could be read.
    const [unreadable] = backlog.unreadable;
    return backlog.queues.length === 0 && unreadable
      ? unreadable.failure
      : { backlog, formation, workers, pause, seenAtMs };
  });
  return { readings, forget };
}

export function unseen(): Failure {
  return new Failure(
    'UNEXPECTED',
    'a reading is missing',
    'Report it; Drover holds and tries again on the next tick.',
  );
}

export function namesOf(processTypes: readonly ProcessTypeSettings[]): string[] {
  return processTypes.map(({ processType }) => processType);
}
