import type { Environment } from '../../config/environment.ts';
import { sumOf } from '../../core/sum.ts';
import type { Folder } from './folder.ts';
import type { FoundInRedis, FoundOnHeroku } from './found.ts';
import type { Prompt } from './prompt.ts';
import { candidates, monthlyUsd, proposedMaximum, seenConcurrency, typesInProcfile } from './proposal.ts';

/** Besides the last, whether to write. */
const MOST_QUESTIONS = 4;

/** A prompt, and how many questions may still be asked. */
export type Asked = Pick<Prompt, 'ask'> & { readonly left: () => number };

export function countingPrompt(prompt: Prompt): Asked {
  let left = MOST_QUESTIONS;
  return {
    left: () => left,
    ask: async (question) => {
      left -= 1;
      return await prompt.ask(question);
    },
  };
}

export type Choice = {
  readonly known: Environment;
  readonly found: FoundInRedis;
  readonly heroku: FoundOnHeroku | undefined;
  readonly asked: Asked;
  readonly folder: Folder;
};

/** The settings besides addresses and tokens. What is set already is the default, or kept where it is not asked for. */
export async function choose({
  known,
  found,
  heroku,
  asked,
  folder,
}: Choice): Promise<Record<string, string>> {
  const queues = await asked.ask({
    setting: 'QUEUES',
    text: 'Queues to scale for',
    fallback: known['QUEUES'] ?? servedQueues(found).join(','),
  });
  const types =
    heroku?.formation.map(({ processType }) => processType) ?? typesInProcfile(await folder.read('Procfile'));
  const likely = candidates(types);
  const processType = known['PROCESS_TYPE'] ?? likely[0] ?? 'worker';
  const maxWait = await asked.ask({
    setting: 'MAX_WAIT_SECONDS',
    text: 'Seconds that a job may wait',
    fallback: known['MAX_WAIT_SECONDS'] ?? '60',
  });
  const type =
    likely.length > 1 && asked.left() > 0
      ? await asked.ask({
          setting: 'PROCESS_TYPE',
          text: `Process type to scale (${likely.join(', ')})`,
          fallback: processType,
        })
      : processType;
  const row = heroku?.formation.find((each) => each.processType === type);
  const others = heroku?.formation.filter((each) => each.processType !== type) ?? [];
  const most = known['MAX_WORKERS'] ?? String(proposedMaximum(row, others, heroku?.generation ?? 'cedar'));
  const price = monthlyUsd(Number(most), row?.size);
  const cost = price === undefined ? '' : `; ${most} all month are $${price.toLocaleString('en')}`;
  const max =
    asked.left() > 0
      ? await asked.ask({ setting: 'MAX_WORKERS', text: `Most dynos at once${cost}`, fallback: most })
      : most;
  const concurrency =
    known['WORKER_CONCURRENCY'] ??
    seenConcurrency(found.completed, jobsIn(found.read), row?.quantity)?.toString();
  return {
    QUEUES: queues,
    ...(found.prefix === 'bull' ? {} : { BULLMQ_PREFIX: found.prefix }),
    ...(type === 'worker' ? {} : { PROCESS_TYPE: type }),
    MIN_WORKERS: known['MIN_WORKERS'] ?? '1',
    MAX_WORKERS: max,
    MAX_WAIT_SECONDS: maxWait,
    ...(concurrency === undefined ? {} : { WORKER_CONCURRENCY: concurrency }),
  };
}

function jobsIn(queues: FoundInRedis['read']): { readonly running: number; readonly waiting: number } {
  return {
    running: sumOf(queues, ({ active, orphaned = 0 }) => active - orphaned),
    waiting: sumOf(queues, ({ waiting, prioritized, paused }) => (paused ? 0 : waiting + prioritized)),
  };
}

/** Queues that no worker serves are most likely left over; where no worker is connected, all may be served. */
function servedQueues({ queues, workers = [] }: FoundInRedis): readonly string[] {
  const served = new Set(workers.map(({ queue }) => queue));
  const chosen = queues.filter((queue) => served.has(queue));
  return chosen.length === 0 ? queues : chosen;
}
