import { DEFAULT_GRACE_SECONDS, HANDED_BACK_BEFORE_SECONDS } from '../../core/grace-period.ts';
import { parseWorkerName } from '../../worker-names.ts';
import { span } from '../views/figures.ts';
import { fail, warn, type Check, type PodFacts } from './check.ts';
import type { TypeFacts, WorkerFacts } from './workers.ts';

/** When `cooperate()` hands running jobs back unless it is given another grace period. */
const HANDED_BACK_SECONDS = DEFAULT_GRACE_SECONDS - HANDED_BACK_BEFORE_SECONDS;

type Platform = {
  /** By process type. */
  readonly pods: ReadonlyMap<string, PodFacts>;
  /** KEDA sets the replicas, seconds after it has read the number. */
  readonly keda: boolean;
};

/** Whether the pods of each process type can be removed without cutting a job off. */
export function checkPods(
  facts: WorkerFacts,
  types: readonly TypeFacts[],
  { pods, keda }: Platform,
): Check[] {
  return types.flatMap((type) => {
    const own = pods.get(type.settings.processType);
    if (own === undefined) return [];
    const cooperate =
      type.reading.reports.length > 0 || facts.reportingElsewhere.includes(type.settings.processType);
    return [
      ...(cooperate || !isNamedAfter(own, facts, type) ? [] : cooperationCheck(type, own, keda)),
      ...graceCheck(type, own, cooperate),
    ];
  });
}

/** Whether workers are named after pods of the target. Other names are reported already: while such a worker runs a job, no pod goes. */
function isNamedAfter({ name: target }: PodFacts, { connected = [] }: WorkerFacts, { backlog }: TypeFacts) {
  const queues = new Set(backlog.queues.map(({ name }) => name));
  return connected.some(
    ({ queue, name = '' }) => queues.has(queue) && parseWorkerName(name)?.owner === target,
  );
}

function cooperationCheck(
  { settings: { processType } }: TypeFacts,
  { byName }: PodFacts,
  keda: boolean,
): Check[] {
  const name = `workers of ${processType}`;
  const remedy = 'Use cooperate(worker) from drover/worker in the worker process.';
  if (keda)
    return [
      fail(
        name,
        'do not cooperate: KEDA acts some seconds after it has read the number, and cuts off a job that began meanwhile',
        remedy,
      ),
    ];
  if (!byName) return [];
  return [
    warn(
      name,
      'do not cooperate: a job that begins between the reading and the removal of its pod is cut off when the grace period ends',
      remedy,
    ),
  ];
}

function graceCheck(
  { settings: { processType }, serviceMs = 0 }: TypeFacts,
  { graceSeconds }: PodFacts,
  cooperate: boolean,
): Check[] {
  if (graceSeconds === undefined) return [];
  const name = `grace period of ${processType}`;
  const given = `terminationGracePeriodSeconds is ${graceSeconds}`;
  if (serviceMs > graceSeconds * 1000)
    return [
      warn(
        name,
        `${given}, and jobs take ${span(serviceMs)} on average: rollouts, node drains and evictions cut them off`,
        'Set it longer than the longest job, and pass the same number: cooperate(worker, { gracePeriodSeconds }).',
      ),
    ];
  if (!cooperate || graceSeconds >= DEFAULT_GRACE_SECONDS) return [];
  return [
    warn(
      name,
      `${given}, but cooperate() hands running jobs back ${HANDED_BACK_SECONDS} s after SIGTERM, when the pod is killed already`,
      `Set it to ${DEFAULT_GRACE_SECONDS} or more, or pass it: cooperate(worker, { gracePeriodSeconds: ${graceSeconds} }).`,
    ),
  ];
}
