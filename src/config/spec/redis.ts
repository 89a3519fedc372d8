import * as v from 'valibot';

import { isRedisUrl } from '../redis-url.ts';
import { checked, flag, list, matching, type Spec } from './kinds.ts';

const redisUrl = {
  ...checked(isRedisUrl, 'a redis:// or rediss:// URL'),
  secret: 'url',
} as const;

const queues = list(/^[^:]+$/, 'queue names separated by commas; a name may contain * but no colon');

export const REDIS = {
  REDIS_URL: {
    ...redisUrl,
    about: 'The Redis of the BullMQ queues: redis:// or rediss://.',
    required: 'redis://localhost:6379',
    perApp: true,
  },
  REDIS_TLS_URL: { ...redisUrl, about: 'Takes precedence over REDIS_URL.', perApp: true },
  REDIS_TLS_VERIFY: {
    ...flag,
    about:
      'Whether to verify the certificate of Redis. Unset: true, except on a Heroku dyno for hosts of Heroku Key-Value Store, which use self-signed certificates.',
    perApp: true,
  },
  QUEUES: {
    ...queues,
    schema: v.pipe(
      queues.schema,
      v.transform((names) => [...new Set(names)]),
    ),
    about: 'The queues to scale for, separated by commas; a name may contain *.',
    required: 'high,default',
    perType: true,
  },
  BULLMQ_PREFIX: {
    ...matching(/^[^:*]+$/, 'a key prefix without a colon or *'),
    about: "The prefix of BullMQ's keys.",
    default: 'bull',
    perApp: true,
  },
  STATE_REDIS_URL: {
    ...redisUrl,
    about: "The Redis for Drover's own state. Unset: the one above.",
    perApp: true,
  },
} as const satisfies Record<string, Spec<unknown>>;
