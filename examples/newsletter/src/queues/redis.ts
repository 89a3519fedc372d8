import { Redis } from 'ioredis';

/** One connection for all queues or workers of a process: a small plan allows twenty for all dynos together. */
export function openRedis(url: string): Redis {
  const redis = new Redis(url, {
    // What BullMQ asks for: a worker waits for Redis to come back instead of giving up.
    maxRetriesPerRequest: null,
    // Heroku Key-Value Store has a self-signed certificate.
    ...(url.startsWith('rediss:') ? { tls: { rejectUnauthorized: false } } : {}),
  });
  redis.on('error', ({ message }: Error) => process.stderr.write(`redis: ${message}\n`));
  return redis;
}
