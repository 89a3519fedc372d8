import { connectedWorkers } from '../../adapters/bullmq/connected-workers.ts';
import { reportingTypes } from '../../adapters/redis/workers.ts';
import type { ActingSettings } from '../../config/settings.ts';
import { serviceMsOf } from '../../core/learn.ts';
import type { Memory } from '../../core/memory.ts';
import { concurrencyAt } from '../../core/scaling-state.ts';
import { failureOf } from '../../failure.ts';
import type { Clock, Remembered } from '../../ports.ts';
import type { Assembly } from '../composition.ts';
import { failed, type Check, type PlatformChecks } from './check.ts';
import { checkPods } from './pods.ts';
import { checkQueues } from './queues.ts';
import type { CheckWords } from './words.ts';
import { checkWorkers, type TypeFacts } from './workers.ts';

/** What is checked, and with what. */
export type Subject = {
  readonly settings: ActingSettings;
  readonly assembly: Assembly;
  readonly words: CheckWords;
  readonly clock: Pick<Clock, 'now'>;
  readonly signal: AbortSignal;
};

/** The queues that are selected, and the workers that serve them. */
export async function jobChecks(
  { settings, assembly, words, clock, signal }: Subject,
  remembered: ReadonlyMap<string, Remembered>,
  { quantities, pods }: PlatformChecks,
): Promise<Check[]> {
  const { redis, ports } = assembly;
  const { processTypes } = settings;
  const names = processTypes.map(({ processType }) => processType);
  try {
    const selections = processTypes.map(({ queues }) => ({ patterns: queues, horizonMs: 0 }));
    const [backlogs, connected, readings, reportingElsewhere] = await Promise.all([
      ports.backlog.read(selections, clock.now(), signal),
      connectedWorkers(redis, settings.redis.prefix, signal),
      ports.workers.read(names, signal).catch(() => new Map<string, TypeFacts['reading']>()),
      assembly.state === redis ? [] : reportingTypes(redis, settings.appName, names, signal).catch(() => []),
    ]);
    const types = processTypes.flatMap((type, index): TypeFacts[] => {
      const backlog = backlogs[index];
      const reading = readings.get(type.processType) ?? { reports: [] };
      const saved = remembered.get(type.processType);
      const learnedConcurrency = concurrencyAt(saved?.scaling, clock.now());
      const serviceMs = slowestMs(saved?.memory);
      return backlog ? [{ settings: type, backlog, reading, learnedConcurrency, serviceMs }] : [];
    });
    const facts = { connected, quantities, reportingElsewhere };
    return [
      ...(await checkQueues(redis, { ...settings, noun: words.noun }, backlogs, signal)),
      ...checkWorkers(facts, types, words),
      ...(pods === undefined ? [] : checkPods(facts, types, { pods, keda: settings.platform === 'keda' })),
    ];
  } catch (thrown) {
    return [failed('queues', failureOf(thrown))];
  }
}

/** Of the queues of a process type, the longest mean service time that is known. */
function slowestMs(memory: Memory | undefined): number | undefined {
  const known = (memory?.queues ?? []).flatMap(([, learned]) => serviceMsOf(learned) ?? []);
  return known.length === 0 ? undefined : Math.max(...known);
}
