import { completedJobs, type CompletedJobs } from '../../adapters/bullmq/completed-jobs.ts';
import { bullmqBacklog } from '../../adapters/bullmq/backlog.ts';
import { connectedWorkers, type ConnectedWorker } from '../../adapters/bullmq/connected-workers.ts';
import { findQueues } from '../../adapters/bullmq/find-queues.ts';
import { herokuPreflight, type ProcessFacts } from '../../adapters/heroku/preflight.ts';
import { connectRedis } from '../../adapters/redis/connect.ts';
import { reportingTypes } from '../../adapters/redis/workers.ts';
import { Reader, type Environment } from '../../config/environment.ts';
import { parseWorkerName } from '../../worker-names.ts';
import type { QueueObservation } from '../../core/types.ts';
import { failureOf, type Failure } from '../../failure.ts';

const DEADLINE_MS = 20_000;
/** More queues are listed in the settings, but not read one by one. */
const MOST_READ = 100;

/** What Redis holds. */
export type FoundInRedis = {
  readonly prefix: string;
  /** All queues of the prefix. */
  readonly queues: readonly string[];
  readonly read: readonly QueueObservation[];
  /** Absent: the user may not list clients. */
  readonly workers: readonly ConnectedWorker[] | undefined;
  readonly completed: CompletedJobs;
  /** Whether workers of this process type have reported. */
  cooperating(app: string, processType: string): Promise<boolean>;
  close(): void;
};

/** The app as Heroku reports it. */
export type FoundOnHeroku = { readonly generation: string; readonly formation: readonly ProcessFacts[] };

/** `url` comes from `env` or from an answer. Throws a Failure where Redis cannot be read. */
export async function lookIntoRedis(env: Environment, url: string, variable: string): Promise<FoundInRedis> {
  const { tlsVerify } = new Reader(env).addressOf(variable, url);
  const connection = connectRedis(url, { tlsVerify, variable });
  const signal = AbortSignal.timeout(DEADLINE_MS);
  try {
    const wanted = env['BULLMQ_PREFIX']?.trim() || undefined;
    const byPrefix = await findQueues(connection, wanted, signal);
    const [prefix, queues] = [...byPrefix][0] ?? [wanted ?? 'bull', []];
    const at = Date.now();
    const patterns = queues.slice(0, MOST_READ);
    const [backlog] = await bullmqBacklog(connection, { prefix }).read(
      [{ patterns, horizonMs: 0 }],
      at,
      signal,
    );
    return {
      prefix,
      queues,
      read: backlog?.queues ?? [],
      workers: await connectedWorkers(connection, prefix, signal),
      completed: await completedJobs(connection, { prefix, queues: patterns }, at, signal),
      cooperating: async (app, processType) =>
        (await reportingTypes(connection, app, [processType], signal)).length > 0,
      close: () => connection.close(),
    };
  } catch (thrown) {
    connection.close();
    throw thrown;
  }
}

/** Undefined without a token; a Failure where Heroku refuses or does not answer. */
export async function lookIntoHeroku(
  env: Environment,
  appName: string,
): Promise<FoundOnHeroku | Failure | undefined> {
  const token = env['HEROKU_API_KEY']?.trim() ?? '';
  if (token === '') return undefined;
  const reader = new Reader(env);
  const baseUrl = reader.withDefault('HEROKU_API_URL').replace(/\/+$/, '');
  const preflight = herokuPreflight({ appName, token, baseUrl });
  const signal = AbortSignal.timeout(DEADLINE_MS);
  try {
    const [{ generation }, formation] = await Promise.all([
      preflight.app(signal),
      preflight.formation(signal),
    ]);
    return { generation, formation };
  } catch (thrown) {
    return failureOf(thrown);
  }
}

/** Whether the workers of the queues are named after their dynos. */
export function namingOf(workers: readonly ConnectedWorker[]): 'named' | 'unnamed' | 'none' {
  if (workers.length === 0) return 'none';
  return workers.every(({ name }) => parseWorkerName(name ?? '') !== undefined) ? 'named' : 'unnamed';
}
