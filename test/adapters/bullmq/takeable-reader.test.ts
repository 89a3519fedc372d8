import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { beforeAll, expect, test } from 'vitest';

import { bullmqBacklog } from '../../../src/adapters/bullmq/backlog.ts';
import { connectRedis } from '../../../src/adapters/redis/connect.ts';
import { takeableReader } from '../../../src/adapters/bullmq/takeable-reader.ts';
import { demandOf } from '../../../src/core/demand.ts';
import { localRedis } from '../../support/local-redis.ts';

const local = localRedis({ keep: true });
const signal = AbortSignal.timeout(60_000);

beforeAll(async () => {
  const open = (name: string): Queue => new Queue(name, { connection: local.redis });
  const mail = open('mail');
  await mail.addBulk(Array.from({ length: 5 }, () => ({ name: 'job', data: {} })));
  await mail.addBulk(Array.from({ length: 3 }, () => ({ name: 'job', data: {}, opts: { priority: 2 } })));
  await mail.addBulk(Array.from({ length: 2 }, () => ({ name: 'job', data: {}, opts: { delay: 1 } })));
  await mail.add('job', {}, { delay: 3_600_000 });
  const paused = open('mail-paused');
  await paused.add('job', {});
  await paused.pause();
  await open('mail-empty').waitUntilReady();
  await local.redis.set('bull:mail-broken:wait', 'a text');
  await local.redis.set('bull:mail-broken:id', '1');
});

const EXPECTED = { mail: 10, 'mail-paused': 0, 'mail-empty': 0 };

/** A user with the documented rights, with or without those to run scripts. */
async function urlFor(user: string, scripts: boolean): Promise<string> {
  const rights = '+llen +zcard +zcount +get +hmget +exists +lindex +zrange +lrange +mget +hget +pttl +scan';
  await local.redis.call('ACL', 'SETUSER', user, 'on', '>pw', '~bull:*', '-@all', ...rights.split(' '));
  if (scripts) await local.redis.call('ACL', 'SETUSER', user, '+eval_ro', '+evalsha_ro').catch(() => {});
  return local.url.replace('redis://', `redis://${user}:pw@`);
}

test.each([
  { name: 'by scripts', scripts: true },
  { name: 'by plain commands', scripts: false },
])('a peek shows what a reading counts as takeable, $name', async ({ scripts }) => {
  const connection = connectRedis(await urlFor(`user-${scripts}`, scripts), { tlsVerify: true });
  const source = bullmqBacklog(connection, { prefix: 'bull' });
  try {
    const at = Date.now() + 1000;
    const selections = [['mail*'], ['mail-empty', 'mail-missing']];
    const [backlog] = await source.read([{ patterns: ['mail*'], horizonMs: 0 }], at, signal);
    const read = backlog?.queues.map((queue) => [queue.name, demandOf(queue).takeable]) ?? [];
    expect(Object.fromEntries(read)).toEqual(EXPECTED);
    // Twice: the script is sent with the first.
    for (let time = 0; time < 2; time += 1) {
      const [all, named] = await source.peek(selections, at, signal);
      expect(Object.fromEntries(all ?? [])).toEqual(EXPECTED);
      expect(Object.fromEntries(named ?? [])).toEqual({ 'mail-empty': 0, 'mail-missing': 0 });
    }
  } finally {
    connection.close();
  }
});

test('reads hundreds of queues in requests of a hundred, and stops with the signal', async () => {
  const requests: number[] = [];
  const node = {
    call: async (_name: string, _script: string, _keys: string, ...args: string[]) => {
      requests.push(args.length - 1);
      return args.slice(1).map((_, index) => index);
    },
  } as unknown as Redis;
  const nodes = { masters: [node], ownerOf: () => node, scattered: (base: string) => base.includes('lost') };
  const names = [...Array.from({ length: 230 }, (_, index) => `q${index}`), 'lost'];
  const seen = await takeableReader('bull')(nodes, names, 0, signal);
  expect(requests).toEqual([100, 100, 30]);
  expect([seen.size, seen.get('q229'), seen.has('lost')]).toEqual([230, 29, false]);
  await expect(takeableReader('bull')(nodes, names, 0, AbortSignal.abort())).rejects.toThrow('aborted');
});
