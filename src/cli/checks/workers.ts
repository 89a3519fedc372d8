import type { ConnectedWorker } from '../../adapters/bullmq/connected-workers.ts';
import { cleanText, namePattern } from '../../adapters/bullmq/queue-names.ts';
import type { ProcessTypeSettings } from '../../config/settings.ts';
import { concurrencyOf, type WorkersReading } from '../../core/drain.ts';
import { parseWorkerName } from '../../worker-names.ts';
import type { Backlog } from '../../ports.ts';
import { counted, number } from '../views/figures.ts';
import { pass, warn, type Check } from './check.ts';
import type { CheckWords } from './words.ts';

/** More than this many queues or names are cut: the rest has the same reason. */
const MOST_LISTED = 5;

/** What is known of the workers of all process types. */
export type WorkerFacts = {
  /** Absent: the Redis user may not list clients. */
  readonly connected: readonly ConnectedWorker[] | undefined;
  /** The formation's quantities; absent: not known. */
  readonly quantities: ReadonlyMap<string, number> | undefined;
  /** Process types with workers that report to REDIS_URL while Drover reads STATE_REDIS_URL. */
  readonly reportingElsewhere: readonly string[];
};

/** What is known of the workers of one process type. */
export type TypeFacts = {
  readonly settings: ProcessTypeSettings;
  readonly backlog: Backlog;
  readonly reading: WorkersReading;
  /** Learned earlier; absent: not known. */
  readonly learnedConcurrency: number | undefined;
  /** The mean time of a job of the slowest queue, learned earlier; absent: not known. */
  readonly serviceMs?: number | undefined;
};

/** Whether the workers serve the queues that are selected, and are named after their dynos. */
export function checkWorkers(facts: WorkerFacts, types: readonly TypeFacts[], words: CheckWords): Check[] {
  return [
    ...types.flatMap((type) => [
      ...servingChecks(facts, type, words),
      ...nameChecks(facts, type, words),
      ...concurrencyChecks(type, words),
    ]),
    ...unselectedCheck(facts, types, words),
    ...facts.reportingElsewhere.map(elsewhere),
    ...(facts.connected === undefined
      ? [pass('workers', 'not listed: the Redis user may not run CLIENT LIST')]
      : []),
  ];
}

/** A process type at 0 dynos has no worker, and one whose queues are missing has another problem. */
function servingChecks(
  { connected, quantities }: WorkerFacts,
  { settings, backlog }: TypeFacts,
  { noun, workerLog }: CheckWords,
): Check[] {
  const { processType } = settings;
  const quantity = quantities?.get(processType) ?? 0;
  if (connected === undefined || quantity === 0) return [];
  const served = new Set(connected.map(({ queue }) => queue));
  const unserved = backlog.queues.map(({ name }) => name).filter((name) => !served.has(name));
  if (unserved.length === 0) return [];
  if (connected.length === 0) {
    return [
      warn(
        `workers of ${processType}`,
        `${counted(quantity, noun)} ${quantity === 1 ? 'is' : 'are'} set, but no BullMQ worker is connected to this Redis: ${noun}s would be started that process nothing`,
        'Compare REDIS_URL and the prefix with those of the workers, and look at their log: ' +
          workerLog(processType),
      ),
    ];
  }
  return [
    warn(
      `workers of ${processType}`,
      `none serves ${listed(unserved)}: jobs there start ${noun}s that cannot process them`,
      'Remove the queue from QUEUES, or start a Worker for it.',
    ),
  ];
}

/** Workers of process types that Drover does not scale are left out, where their names say so. */
function unselectedCheck(
  { connected = [], quantities }: WorkerFacts,
  types: readonly TypeFacts[],
  { noun }: CheckWords,
): Check[] {
  const patterns = types.flatMap(({ settings }) => settings.queues.map(namePattern));
  const scaled = new Set(types.map(({ settings }) => settings.processType));
  const others = new Set([...(quantities?.keys() ?? [])].filter((name) => !scaled.has(name)));
  const queues = connected
    .filter(({ name }) => !others.has(parseWorkerName(name ?? '')?.owner ?? ''))
    .map(({ queue }) => queue)
    .filter((queue) => !patterns.some((matches) => matches(queue)));
  if (queues.length === 0) return [];
  return [
    warn(
      'QUEUES',
      `workers serve ${listed([...new Set(queues)])}, which QUEUES does not select: jobs there start no ${noun}`,
      'Add them to QUEUES if the workers of this process type serve them.',
    ),
  ];
}

/** A job of an unnamed worker may run on any dyno, so no dyno is known to be idle. */
function nameChecks(
  { connected = [] }: WorkerFacts,
  { settings, backlog, reading }: TypeFacts,
  { noun, nameVariable }: CheckWords,
): Check[] {
  const name = `workers of ${settings.processType}`;
  const remedy = `Name workers after their ${noun}: new Worker(queue, processor, { name: process.env.${nameVariable}, … }), or use cooperate(worker).`;
  const running = backlog.holders.get(null) ?? 0;
  if (running > 0) {
    const jobs = running === 1 ? 'job' : 'jobs';
    return [
      warn(name, `${number(running)} running ${jobs} cannot be mapped to a ${noun}: no worker name`, remedy),
    ];
  }
  // Dynos that cooperate say themselves when they have drained.
  if (reading.reports.length > 0) return [];
  const selected = new Set(backlog.queues.map((queue) => queue.name));
  const own = connected.filter(({ queue }) => selected.has(queue));
  const unnamed = own.filter((worker) => worker.name === undefined).length;
  if (unnamed > 0) {
    return [
      warn(
        name,
        `${number(unnamed)} ${unnamed === 1 ? 'has' : 'have'} no name: while any job runs, no ${noun} is known to be idle and none is removed`,
        remedy,
      ),
    ];
  }
  const foreign = own
    .flatMap((worker) => worker.name ?? [])
    .filter((each) => parseWorkerName(each) === undefined);
  if (foreign.length === 0) return [];
  return [
    warn(
      name,
      `named ${listed([...new Set(foreign)])}, which is no ${noun}: while they run a job, no ${noun} is removed`,
      remedy,
    ),
  ];
}

function concurrencyChecks(
  { settings, reading, learnedConcurrency }: TypeFacts,
  { noun }: CheckWords,
): Check[] {
  const { processType, concurrency, maxWaitMs } = settings;
  const name = `concurrency of ${processType}`;
  const reported = concurrencyOf(reading.reports) ?? learnedConcurrency;
  if (concurrency === undefined) {
    // The backlog rule counts jobs per dyno, however many of them run at once.
    if (reported !== undefined || maxWaitMs === undefined) return [];
    return [
      warn(
        name,
        `not known, so 1 job per ${noun} is assumed: workers that run more get too many ${noun}s`,
        `Set WORKER_CONCURRENCY to the jobs that all workers of one ${noun} run at once, or use cooperate(worker), which reports it.`,
      ),
    ];
  }
  if (reported === undefined || reported === concurrency) return [];
  return [
    warn(
      name,
      `WORKER_CONCURRENCY is ${number(concurrency)}, but the workers report ${number(reported)} per ${noun}: the setting takes precedence, so the sizing is wrong by that factor`,
      'Unset WORKER_CONCURRENCY: it is learned from the reports.',
    ),
  ];
}

function elsewhere(processType: string): Check {
  return warn(
    `reports of ${processType}`,
    'the cooperating workers report to REDIS_URL, but Drover reads STATE_REDIS_URL, so it does not drain them',
    'Give cooperate() a connection to STATE_REDIS_URL: cooperate(worker, { connection: new Redis(process.env.STATE_REDIS_URL) }).',
  );
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_LISTED).map(cleanText).join(', ');
  return names.length > MOST_LISTED ? `${shown} and ${names.length - MOST_LISTED} more` : shown;
}
