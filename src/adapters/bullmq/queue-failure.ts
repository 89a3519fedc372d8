import { Failure } from '../../failure.ts';
import { cleanText } from './queue-names.ts';

/** Why one queue cannot be read while others can, by the id of the error reply for one of its keys. */
export function unreadable(queue: string, errorId: string): Failure {
  const name = cleanText(queue);
  switch (errorId) {
    case 'WRONGTYPE':
      return new Failure(
        'QUEUE_UNREADABLE',
        `a key of queue ${name} has a type that BullMQ does not use for it`,
        'Another program writes keys of this name: correct QUEUES or BULLMQ_PREFIX.',
      );
    case 'NOPERM':
      return new Failure(
        'REDIS_NOPERM',
        `the Redis user is not allowed to read queue ${name}`,
        'Grant the missing right: `drover check` names it, docs/redis.md has the ACL line.',
      );
    case 'MOVED':
    case 'ASK':
    case 'TRYAGAIN':
      return new Failure(
        'QUEUE_UNREADABLE',
        `queue ${name} is on another node of the Redis cluster`,
        'Add ?cluster=true to REDIS_URL; if it is there, the slot is being moved and the next tick reads the queue.',
      );
    default:
      return new Failure(
        'QUEUE_UNREADABLE',
        `queue ${name} could not be read (${errorId})`,
        'The next tick tries again; run `drover check` if the error persists.',
      );
  }
}

/** For a name that no queue has. `near` are existing names that may have been meant. */
export function missing(queue: string, prefix: string, near: readonly string[]): Failure {
  const hint = near.length === 0 ? '' : ` Did you mean ${near.map(cleanText).join(', ')}?`;
  return new Failure(
    'QUEUE_MISSING',
    `there is no queue ${cleanText(queue)} under the prefix ${cleanText(prefix)}`,
    `Correct QUEUES or BULLMQ_PREFIX, or let the app create the queue first.${hint}`,
  );
}

/** For a queue of a cluster with no hash tag in its prefix or name. */
export function scattered(queue: string): Failure {
  return new Failure(
    'QUEUE_UNREADABLE',
    `the keys of queue ${cleanText(queue)} are spread over several nodes of the cluster, which BullMQ does not support`,
    'Use a prefix with a hash tag, such as {bull}, in the app and in BULLMQ_PREFIX.',
  );
}

export function ownerless(queue: string): Failure {
  return new Failure(
    'QUEUE_UNREADABLE',
    `no node of the cluster currently serves queue ${cleanText(queue)}`,
    'Nothing to do during a failover; otherwise check CLUSTER SLOTS.',
  );
}

/** For a pattern, while queue names may be missing: too many or too long for the directory, or not searched yet. */
export function namesIncomplete(overflowing: boolean): Failure {
  return overflowing
    ? new Failure(
        'QUEUE_UNREADABLE',
        'Redis has more or longer queue names than a pattern can match',
        'Name the queues in QUEUES instead of using *.',
      )
    : new Failure(
        'QUEUE_UNREADABLE',
        'the search for queue names is still running',
        'Nothing to do: the search continues with every tick. Naming the queues in QUEUES avoids it.',
      );
}

export function badReply(): Failure {
  return new Failure(
    'REDIS_REPLY',
    'Redis sent a reply of an unexpected shape',
    'Check that REDIS_URL points to Redis or Valkey; if it does, report this error with the server version.',
  );
}
