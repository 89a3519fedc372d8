import { removalOf } from '../../../src/adapters/kubernetes/removal.ts';
import { removable, stepByName, whereJobsRun } from '../../../src/control/drain.ts';
import { nameStep, removalOrder } from '../../../src/core/drain-by-name.ts';
import { decide } from '../../../src/core/decide.ts';
import { initialMemory } from '../../../src/core/memory.ts';
import type { ListedWorker } from '../../../src/core/worker-naming.ts';
import { backlog, queue } from '../../support/ports.ts';
import { policyUpTo, readingOf, writeRequest } from '../shared.ts';
import { PODS, rankOf, requestOf, type Flaws, type State, type Tick } from './state.ts';

const POLICY = policyUpTo(PODS);

/** As the adapter lists them. */
function listed(pods: State['pods']): ListedWorker[] {
  return pods.flatMap((pod, index) =>
    pod === null
      ? []
      : [
          {
            name: String(index),
            startedAt: index,
            leaving: false,
            running: pod.up,
            rank: rankOf(pod),
            marked: pod.marked,
          },
        ],
  );
}

/** The reading and the decision of one tick, by the code that runs in the clock. It never sees a rollout. */
export function observe(state: State, flaws: Flaws, nextWanted?: number): Tick {
  const { replicas: quantity, request } = state;
  const reading = readingOf(state, state.reports, (place) => ({ dyno: String(place) }));
  const formation = {
    processType: 'worker',
    quantity,
    size: '',
    others: new Map(),
    readAt: 0,
    naming: { kind: 'listed', workers: listed(state.pods) },
  } as const;
  // No worker names: the reports alone must be enough to protect running jobs.
  const where = whereJobsRun(backlog(), reading, formation, 0);
  const seen = flaws.noDrainRequest === true ? { ...where.seen, restingAbove: 0 } : where.seen;
  const { decision } = decide(POLICY, initialMemory(POLICY, quantity, 0), {
    at: 1,
    quantity,
    nextWanted,
    // One pod per job, running or not: the model does not check the sizing.
    queues: [queue({ waiting: state.waiting + state.pods.filter((pod) => pod?.busy).length })],
    ...seen,
  });
  const working = nextWanted ?? decision.limited;
  const among = where.listed ?? { active: [], busy: new Set(), drained: new Set() };
  const { step, names } = flaws.releasesOutstanding
    ? withoutOutstanding(among, reading.request, working)
    : stepByName(among, reading.request, quantity, working);
  const { to } = decision;
  const all = among.active.map(({ name }) => name);
  const remove = flaws.noDrainRequest === true ? all : removable(where, names, to);
  return { from: quantity, to, step, readEpoch: request?.epoch ?? null, remove, stage: 'read', stale: false };
}

function withoutOutstanding(
  among: Parameters<typeof stepByName>[0],
  request: Parameters<typeof stepByName>[1],
  working: number,
): ReturnType<typeof stepByName> {
  const surplus = Math.max(0, among.active.length - working);
  const names = removalOrder(among.active, request, among).slice(0, surplus);
  return { step: nameStep(request, names, among.active), names };
}

/** What the tick does next. */
export function advance(state: State, tick: Tick, flaws: Flaws): State {
  if (tick.stage === 'read') return write(state, tick, flaws);
  return tick.stage === 'written' && tick.to < tick.from
    ? mark(state, tick, flaws)
    : setReplicas(state, tick, flaws);
}

function write(state: State, tick: Tick, flaws: Flaws): State {
  const { request, epochs, current } = writeRequest(state, tick, flaws, (epoch, { names }) =>
    requestOf(epoch, names),
  );
  const goesOn = tick.to > tick.from || (tick.to < tick.from && current);
  return { ...state, request, epochs, tick: goesOn ? { ...tick, stage: 'written' } : null };
}

/** Before a scale-down: the target's version, its pods, their owners, the rule, the marks. */
function mark(state: State, tick: Tick, flaws: Flaws): State {
  const withheld = { ...state, tick: null };
  const owners = new Set(state.pods.flatMap((pod) => pod?.old ?? []));
  if (state.replicas !== tick.from || (owners.size > 1 && flaws.ignoresOwner !== true)) return withheld;
  const active = listed(state.pods);
  const removal = removalOf(
    flaws.ignoresRank === true ? active.map((pod) => ({ ...pod, rank: 4 })) : active,
    tick.remove ?? [],
    tick.to,
  );
  if ('instead' in removal) return withheld;
  const pods = state.pods.map((pod, index) =>
    pod === null
      ? null
      : { ...pod, marked: flaws.neverMarks !== true && removal.marks.includes(String(index)) },
  );
  return { ...state, pods, tick: { ...tick, stage: 'marked', stale: false } };
}

/** The scale, refused where the target has changed since its version was read. */
function setReplicas(state: State, { from, to, stale }: Tick, flaws: Flaws): State {
  const done = { ...state, tick: null };
  return state.replicas !== from || (stale && flaws.ignoresVersion !== true)
    ? done
    : { ...done, replicas: to };
}
