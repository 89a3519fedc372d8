import type { Forgettable } from '../core/beliefs.ts';
import type { WorkersReading } from '../core/drain.ts';
import type { ProcessTypeSettings } from '../config/settings.ts';
import { Failure, failureOf } from '../failure.ts';
import type { Backlog, Pause, Remembered } from '../ports.ts';
import type { FormationState } from '../ports/platform.ts';
import type { TickContext } from './context.ts';
import { located } from './drain.ts';
import { bootMsOf } from './policy.ts';

/** What one tick read for one process type. */
export type Reading = {
  readonly backlog: Backlog;
  readonly formation: FormationState;
  readonly workers: WorkersReading;
  /** Monotonic ms before which none of this was read. */
  readonly notBeforeMs: number;
  readonly pause: Pause | undefined;
};

export type ReadingOrFailure = Reading | Failure;

/** What one tick read of each process type, in their order, and which beliefs an operator wants forgotten. */
export type Readings = {
  readonly readings: readonly ReadingOrFailure[];
  readonly forget: readonly Forgettable[];
};

/** Reads everything at the same time, in as few requests as possible. Never throws. */
export async function observe(
  { ports, tickMs, at, signal }: TickContext,
  processTypes: readonly ProcessTypeSettings[],
  remembered: ReadonlyMap<string, Remembered>,
): Promise<Readings> {
  const notBeforeMs = ports.clock.monotonicMs();
  const selections = processTypes.map((settings) => ({
    patterns: settings.queues,
    horizonMs: bootMsOf(settings, remembered.get(settings.processType)?.scaling, at) + tickMs,
  }));
  const [backlogs, formations, reports, pause, forget] = await Promise.all([
    ports.backlog.read(selections, at, signal).catch(failureOf),
    ports.formation.read(namesOf(processTypes), signal).catch(failureOf),
    ports.workers.read(namesOf(processTypes), signal).catch(failureOf),
    ports.pause.read(at, signal).catch(failureOf),
    // An operator's request to forget can wait for a tick in which Redis answers.
    ports.forget.take(signal).catch(() => []),
  ]);
  const readings = processTypes.map(({ processType }, index): ReadingOrFailure => {
    const backlog = backlogs instanceof Failure ? backlogs : (backlogs[index] ?? missingReading());
    const formation =
      formations instanceof Failure ? formations : (formations.get(processType) ?? missingReading());
    if (backlog instanceof Failure) return backlog;
    if (formation instanceof Failure) return formation;
    if (reports instanceof Failure) return reports;
    if (pause instanceof Failure) return pause;
    const workers = located(reports.get(processType) ?? { reports: [] }, formation.naming);
    // Not one of the queues could be read: there is nothing to decide from.
    const [unreadable] = backlog.unreadable;
    return backlog.queues.length === 0 && unreadable
      ? unreadable.failure
      : { backlog, formation, workers, pause, notBeforeMs };
  });
  return { readings, forget };
}

export function missingReading(): Failure {
  return new Failure(
    'UNEXPECTED',
    'a reading is missing',
    'This is a bug in Drover: report it. Drover holds and tries again at the next tick.',
  );
}

export function namesOf(processTypes: readonly ProcessTypeSettings[]): string[] {
  return processTypes.map(({ processType }) => processType);
}
