import { randomUUID } from 'node:crypto';

import type { DrainRequest, WorkerReport, WorkersReading } from '../../core/drain.ts';
import type { WorkerNaming } from '../../core/worker-naming.ts';
import { Failure } from '../../failure.ts';
import type { Clock, DrainChange, MemoryStore, Workers } from '../../ports.ts';
import type { Formation, FormationState } from '../../ports/platform.ts';

/** What a shadow is cast by: the adapters that would act. */
type Real = {
  readonly formation: Formation;
  readonly workers: Workers;
  readonly store: MemoryStore;
  readonly clock: Pick<Clock, 'monotonicMs'>;
};

/** What is kept of one process type. */
type Shade = {
  quantity?: number | undefined;
  naming?: WorkerNaming | undefined;
  request?:
    | { readonly of: Omit<DrainRequest, 'ageMs'>; readonly sinceMs: number; readonly untilMs: number }
    | undefined;
};

/**
 * The same ports, but the platform and the workers are only read: what is set changes the quantity of a shadow, which is
 * read back in place of the platform's own, and workers that are asked to drain count as drained at once. The quantity of
 * the shadow begins with the platform's, or with what was saved.
 */
export function shadowOf({
  formation,
  workers,
  store,
  clock,
}: Real): Pick<Real, 'formation' | 'workers' | 'store'> {
  const shades = new Map<string, Shade>();
  const shadeOf = (processType: string): Shade => {
    const shade = shades.get(processType) ?? {};
    shades.set(processType, shade);
    return shade;
  };
  const requestOf = (shade: Shade): DrainRequest | undefined => {
    const nowMs = clock.monotonicMs();
    if (shade.request === undefined || nowMs >= shade.request.untilMs) return undefined;
    return { ...shade.request.of, ageMs: nowMs - shade.request.sinceMs };
  };

  return {
    formation: {
      platform: formation.platform,
      requestsLeft: () => formation.requestsLeft(),
      standstill: (processType, signal) => formation.standstill(processType, signal),
      unmark: async () => {},
      async read(processTypes, signal) {
        const states = await formation.read(processTypes, signal);
        return new Map(
          [...states].map(([processType, state]): [string, FormationState | Failure] => {
            if (state instanceof Failure) return [processType, state];
            const shade = shadeOf(processType);
            shade.naming = state.naming;
            shade.quantity ??= state.quantity;
            // The platform limits real workers, and a shadow starts none.
            return [
              processType,
              { ...state, quantity: shade.quantity, actual: state.quantity, limit: undefined },
            ];
          }),
        );
      },
      async resize({ processType, to }) {
        shadeOf(processType).quantity = to;
        return { kind: 'shadow', answered: true, quantity: to };
      },
    },

    workers: {
      async read(processTypes, signal) {
        const readings = await workers.read(processTypes, signal);
        return new Map(
          [...readings].map(([processType, { reports }]) => {
            const shade = shadeOf(processType);
            return [processType, drained(reports, requestOf(shade), shade)];
          }),
        );
      },
      async write({ processType, request, step, forMs }: DrainChange) {
        const shade = shadeOf(processType);
        const current = requestOf(shade);
        const nowMs = clock.monotonicMs();
        if (step.kind === 'release') shade.request = undefined;
        else {
          const { limit, names } = step;
          const epoch = step.kind === 'ask' ? randomUUID() : step.epoch;
          const sinceMs = step.kind === 'ask' ? nowMs : (shade.request?.sinceMs ?? nowMs);
          shade.request = { of: { epoch, limit, names }, sinceMs, untilMs: nowMs + forMs };
        }
        return current !== undefined && current.epoch === request?.epoch;
      },
    },

    store: {
      async load(processTypes, signal) {
        const saved = await store.load(processTypes, signal);
        for (const [processType, { scaling }] of saved) shadeOf(processType).quantity ??= scaling.quantity;
        return saved;
      },
      save: (remembered, signal) => store.save(remembered, signal),
      end: (remembered, signal) => store.end(remembered, signal),
    },
  };
}

/** The reports as they would be once the request had been followed. */
function drained(
  reports: readonly WorkerReport[],
  request: DrainRequest | undefined,
  { naming, quantity = 0 }: Shade,
): WorkersReading {
  const [first] = reports;
  if (request === undefined || first === undefined) return { reports };
  const surplus = request.names ?? numberedAbove(request.limit, quantity, naming);
  const { epoch } = request;
  return {
    request,
    reports: [
      ...reports.filter(({ dyno }) => dyno === undefined || !surplus.includes(dyno)),
      ...surplus.map((dyno) => ({ ...first, dyno, ageMs: 0, resting: epoch })),
    ],
  };
}

/** The names of the workers above a limit, by their own count. */
function numberedAbove(limit: number, quantity: number, naming: WorkerNaming | undefined): string[] {
  if (naming?.kind !== 'numbered') return [];
  const { prefix, base, first } = naming;
  const count = Math.max(0, quantity + first - base - limit);
  return Array.from({ length: count }, (_, index) => `${prefix}${limit + index + base}`);
}
