import type { QueueObservation } from '../../core/types.ts';
import { Failure } from '../../failure.ts';
import type { Backlog } from '../../ports.ts';
import { redisFailure } from '../redis/redis-failure.ts';
import { cleanText } from './clean-text.ts';
import { nearMisses } from './near-misses.ts';
import type { QueueDirectory } from './queue-directory.ts';
import { observe, type QueueRequest, type Snapshot } from './snapshot.ts';
import { missing } from './unreadable.ts';

/** What one selection came to. `named`: the settings name this queue, so it has to be there. */
export type Selected = {
  readonly queues: readonly { readonly request: QueueRequest; readonly named: boolean }[];
  /** Patterns that no queue found so far matches. */
  readonly unmatched: readonly string[];
  /** Whether any of the selection's names is a pattern. */
  readonly searching: boolean;
};

/** The reading of one selection from the results of all. */
export function assemble(
  { queues, unmatched, searching }: Selected,
  results: ReadonlyMap<QueueRequest, Snapshot | Failure>,
  directory: QueueDirectory,
  prefix: string,
): Backlog {
  const observed: QueueObservation[] = [];
  const unreadable: { queue: string; failure: Failure }[] = [];
  const holders = new Map<string | null, number>();
  let holdersComplete = true;
  const refuse = (queue: string, failure: Failure): void => {
    unreadable.push({ queue: cleanText(queue), failure });
    holdersComplete = false;
  };

  for (const { request, named } of queues) {
    const { queue } = request;
    const seen = results.get(request);
    if (seen === undefined || seen instanceof Failure) {
      if (seen) refuse(queue, seen);
      continue;
    }
    const observation = observe(cleanText(queue), seen);
    if (observation) {
      observed.push(observation);
      holdersComplete &&= seen.sample.complete;
      for (const [name, jobs] of seen.sample.holders) holders.set(name, (holders.get(name) ?? 0) + jobs);
    } else if (named) {
      refuse(queue, missing(queue, prefix, nearMisses(queue, directory.names)));
    }
  }
  if (searching && !(directory.complete && !directory.overflowing)) refuse('*', unfinished(directory));
  else
    for (const pattern of unmatched)
      refuse(pattern, missing(pattern, prefix, nearMisses(pattern, directory.names)));
  return { queues: observed, unreadable, holders, holdersComplete };
}

/** Why a pattern may stand for more queues than were found. */
function unfinished({ error, overflowing }: QueueDirectory): Failure {
  if (error !== undefined) return redisFailure(error);
  return overflowing
    ? new Failure(
        'QUEUE_UNREADABLE',
        'there are queues whose names are too many or too long to be found by a pattern',
        'Name the queues in QUEUES instead of using *.',
      )
    : new Failure(
        'QUEUE_UNREADABLE',
        'the search for queue names is not finished yet',
        'It goes on with every tick; naming the queues in QUEUES makes it needless.',
      );
}
