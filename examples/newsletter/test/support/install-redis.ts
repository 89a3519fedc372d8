import { startRedisServer } from 'drover/standin';

/** Starts a Redis once before any test file runs: files run side by side, and each would install a missing one. */
export default async function setup(): Promise<void> {
  const redis = await startRedisServer({ say: (line) => console.log(line) });
  await redis.stop();
}
