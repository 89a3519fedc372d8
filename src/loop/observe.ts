import type { Forgettable } from '../core/beliefs.ts';
import type { CrewReading } from '../core/crew.ts';
import type { ProcessTypeSettings } from '../config/settings.ts';
import { Failure, failureOf } from '../failure.ts';
import type { Backlog, FormationState, Pause, Ports, Remembered } from '../ports.ts';
import { bootMsOf } from './policy.ts';

/** What one tick read for one process type. */
export type Sight = {
  readonly backlog: Backlog;
  readonly formation: FormationState;
  readonly crew: CrewReading;
  /** Monotonic ms before which none of this was read. */
  readonly seenAtMs: number;
  readonly pause: Pause | undefined;
};

/** Or why it did not. */
export type Seen = Sight | Failure;

/** What one tick read, of each process type in their order, and what an operator wants forgotten. */
export type Observed = { readonly seen: readonly Seen[]; readonly forget: readonly Forgettable[] };

/** Everything in as few requests as it takes, each part beside the others. Never throws. */
export async function observe(
  ports: Ports,
  processTypes: readonly ProcessTypeSettings[],
  remembered: ReadonlyMap<string, Remembered>,
  tickMs: number,
  at: number,
  signal: AbortSignal,
): Promise<Observed> {
  const seenAtMs = ports.clock.monotonicMs();
  const selections = processTypes.map((settings) => ({
    patterns: settings.queues,
    horizonMs: bootMsOf(settings, remembered.get(settings.processType)?.standing, at) + tickMs,
  }));
  const [backlogs, formations, crews, pause, forget] = await Promise.all([
    ports.backlog.read(selections, at, signal).catch(failureOf),
    ports.formation.read(namesOf(processTypes), signal).catch(failureOf),
    ports.crew.read(namesOf(processTypes), signal).catch(failureOf),
    ports.pause.read(at, signal).catch(failureOf),
    // It can wait for a tick in which Redis answers.
    ports.forget.take(signal).catch(() => []),
  ]);
  const seen = processTypes.map(({ processType }, index): Seen => {
    const backlog = backlogs instanceof Failure ? backlogs : (backlogs[index] ?? unseen());
    const formation = formations instanceof Failure ? formations : (formations.get(processType) ?? unseen());
    if (backlog instanceof Failure) return backlog;
    if (formation instanceof Failure) return formation;
    if (crews instanceof Failure) return crews;
    if (pause instanceof Failure) return pause;
    const crew = crews.get(processType) ?? { reports: [] };
    // Nothing to decide from: not one of the queues could be read.
    const [unreadable] = backlog.unreadable;
    return backlog.queues.length === 0 && unreadable
      ? unreadable.failure
      : { backlog, formation, crew, pause, seenAtMs };
  });
  return { seen, forget };
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
