import { expect, test } from 'vitest';

import { randomFrom, type Random } from '../../src/sim/random.ts';
import { localRedis } from '../support/local-redis.ts';
import { virtually } from './virtually.ts';

const real = localRedis();

const KEYS = ['a', 'b', 'c'];
const WORDS = ['x', 'y', 'z', '1', '2', '-3'];

type Command = readonly [name: string, ...args: string[]];
type Ask = (name: string, ...args: string[]) => Promise<unknown>;

function anyCommand(random: Random): Command {
  const one = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? '';
  const [key, word, other] = [one(KEYS), one(WORDS), one(WORDS)];
  const index = String(Math.floor(random() * 6) - 3);
  const commands: Command[] = [
    ['SET', key, word],
    ['SET', key, word, 'PX', '100000'],
    ['SET', key, word, 'NX'],
    ['SET', key, word, 'XX'],
    ['GET', key],
    ['MGET', key, one(KEYS)],
    ['INCR', key],
    ['DEL', key],
    ['EXISTS', key, one(KEYS)],
    ['TYPE', key],
    ['PEXPIRE', key, '100000'],
    ['TTL', key],
    ['HSET', key, word, other],
    ['HGET', key, word],
    ['HMGET', key, word, other],
    ['HDEL', key, word],
    ['HLEN', key],
    ['HEXISTS', key, word],
    ['HSTRLEN', key, word],
    ['SADD', key, word, other],
    ['HGETALL', key],
    ['HVALS', key],
    ['LPUSH', key, word, other],
    ['RPUSH', key, word],
    ['RPOP', key],
    ['LLEN', key],
    ['LRANGE', key, index, '-1'],
    ['LRANGE', key, '0', index],
    ['LINDEX', key, index],
    ['LREM', key, '0', word],
    ['LREM', key, '1', word],
    ['ZADD', key, index, word],
    ['ZCARD', key],
    ['ZCOUNT', key, '-inf', index],
    ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
    ['ZRANGE', key, '-1', '-1'],
    ['ZRANGEBYSCORE', key, index, '+inf', 'LIMIT', '0', '1'],
    ['ZREM', key, word],
    ['EVAL', SCRIPT, '1', key, word],
    ['NONSENSE', key],
  ];
  return commands[Math.floor(random() * commands.length)] ?? ['GET', key];
}

/** What scripts meet: absent values, errors, numbers, tables. */
const SCRIPT = `
local reply = redis.pcall('GET', KEYS[1])
if type(reply) == 'table' and reply.err then return reply end
local good, decoded = pcall(cjson.decode, reply or 'no json')
local set = redis.call('SET', KEYS[1], cjson.encode({ list = { 1.5, ARGV[1], 1 / 3, 1772438891908 } }))
return { reply, good and 1 or 0, tonumber(ARGV[1]) or false, 2.9, set.ok, #KEYS }
`;

/** An error counts by its first word: the rest is for people. Of a remaining time it counts that there is one. */
async function said([name, ...args]: Command, answer: Ask): Promise<unknown> {
  const reply = await answer(name, ...args).catch(
    (thrown: Error) => `error ${/^\w+/.exec(thrown.message)?.[0] ?? ''}`,
  );
  return name === 'TTL' && typeof reply === 'number' && reply > 0 && reply <= 100 ? 'some seconds' : reply;
}

test.each([1, 2, 3, 4, 5])('commands by chance are answered as Redis does (%i)', async (seed) => {
  const random = randomFrom(seed);
  const commands = Array.from({ length: 400 }, () => anyCommand(random));
  const expected: unknown[] = [];
  const ask: Ask = async (name, ...args) => await real.redis.call(name, ...args);
  for (const command of commands) expected.push(await said(command, ask));
  const answers = await virtually(async (client) => {
    const all: unknown[] = [];
    for (const command of commands) {
      all.push(await said(command, async (name, ...args) => await client.call(name, ...args)));
    }
    return all;
  });
  expect(expected).toContain('some seconds');
  for (const [index, command] of commands.entries()) {
    expect([command, answers[index]]).toEqual([command, expected[index]]);
  }
});
