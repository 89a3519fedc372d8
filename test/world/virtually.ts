import { randomFrom } from '../../src/sim/random.ts';
import { RedisClient } from './redis-client.ts';
import { VirtualRedis } from './redis.ts';
import { Time } from './time.ts';

/** Runs work in a world of its own, whose time goes on until the work is done. */
export async function virtually<T>(
  work: (client: RedisClient, redis: VirtualRedis) => Promise<T>,
): Promise<T> {
  const time = new Time(Date.now());
  const redis = new VirtualRedis(time, randomFrom(1));
  const machine = time.machine('test');
  const client = new RedisClient(redis, machine, true);
  const restore = time.install();
  try {
    const ended: ({ value: T } | { thrown: unknown })[] = [];
    time.on(machine, 0, () => {
      work(client, redis).then(
        (value) => ended.push({ value }),
        (thrown: unknown) => ended.push({ thrown }),
      );
    });
    for (let i = 0; i < 1000 && ended.length === 0; i += 1) await time.advance(time.now + 100);
    const [end] = ended;
    if (end === undefined) throw new Error('the work did not end');
    if ('thrown' in end) throw end.thrown;
    return end.value;
  } finally {
    restore();
  }
}
