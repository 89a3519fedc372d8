import { Failure } from '../../failure.ts';
import { cleanText } from './clean-text.ts';

/** Why one queue cannot be read while others can, from the id of the error that one of its keys answered. */
export function unreadable(queue: string, errorId: string): Failure {
  const name = cleanText(queue);
  switch (errorId) {
    case 'WRONGTYPE':
      return new Failure(
        'QUEUE_UNREADABLE',
        `a key of queue ${name} is of a type BullMQ does not give it`,
        'Something else writes under this name: correct QUEUES or BULLMQ_PREFIX.',
      );
    case 'NOPERM':
      return new Failure(
        'REDIS_NOPERM',
        `the Redis user may not read queue ${name}`,
        'Grant it: docs/redis.md has the ACL line, `drover check` names the right.',
      );
    case 'MOVED':
    case 'ASK':
    case 'TRYAGAIN':
      return new Failure(
        'QUEUE_UNREADABLE',
        `queue ${name} lies on another node of the Redis cluster`,
        'Add ?cluster=true to REDIS_URL; where it is there, the slot is moving and the next tick finds it.',
      );
    default:
      return new Failure(
        'QUEUE_UNREADABLE',
        `queue ${name} could not be read (${errorId})`,
        'The next tick tries again; run `drover check` if it stays.',
      );
  }
}

/** A name that no queue has. `near` are the existing names it may stand for. */
export function missing(queue: string, prefix: string, near: readonly string[]): Failure {
  const hint = near.length === 0 ? '' : ` Did you mean ${near.map(cleanText).join(', ')}?`;
  return new Failure(
    'QUEUE_MISSING',
    `there is no queue ${cleanText(queue)} under the prefix ${cleanText(prefix)}`,
    `Correct QUEUES or BULLMQ_PREFIX, or let the app open the queue once.${hint}`,
  );
}

/** On a cluster, with no hash tag in prefix or name. */
export function scattered(queue: string): Failure {
  return new Failure(
    'QUEUE_UNREADABLE',
    `queue ${cleanText(queue)} lies on several nodes of the cluster, where BullMQ cannot work on it`,
    'Give the app and BULLMQ_PREFIX a hash tag, such as {bull}.',
  );
}

export function ownerless(queue: string): Failure {
  return new Failure(
    'QUEUE_UNREADABLE',
    `no node of the cluster serves queue ${cleanText(queue)} at the moment`,
    'Nothing to do during a failover; else look at CLUSTER SLOTS.',
  );
}
