import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { bullmqBacklog } from '../../../src/adapters/bullmq/backlog.ts';
import type { PaceClock } from '../../../src/adapters/bullmq/pace.ts';
import { connectRedis, type RedisConnection } from '../../../src/adapters/redis/connect.ts';
import { sumOf } from '../../../src/core/sum.ts';
import type { Backlog } from '../../../src/ports.ts';
import { fillQueues } from '../../support/fill-queues.ts';
import { startGateProxy, type GateProxy } from '../../support/gate-proxy.ts';
import { localRedis } from '../../support/local-redis.ts';
import { PATIENCE_MS, patience } from '../../support/patience.ts';
import { backlogOf } from './reading.ts';

/** The read commands, as MONITOR names them. Any other command is a write or unnecessary. */
const READS = new Set(
  'llen zcard zcount get hmget exists lindex zrange zrangebyscore lrange mget hget hstrlen pttl scan eval_ro evalsha_ro hello'.split(
    ' ',
  ),
);

/** The clock that paces scripts: it advances with the simulated network, on a machine of any speed. */
class FarClock implements PaceClock {
  #ms = 0;

  readonly now = (): number => this.#ms;

  readonly sleep = async (): Promise<void> => {};

  pass(ms: number): void {
    this.#ms += ms;
  }
}

const ROUND_TRIP_MS = 1500;
const NEEDS_SCRIPTS = 'needs Redis 7, for EVAL_RO';

let far: FarClock;
const local = localRedis({
  args: ['--slowlog-log-slower-than', '2000', '--slowlog-max-len', '100000'],
});
let proxy: GateProxy;
let connection: RedisConnection;
/** Redis 6 has no EVAL_RO: a reading by plain commands takes up to four trips. */
let hasScripts: boolean;

beforeAll(async () => {
  proxy = await startGateProxy(local.port);
  connection = connectRedis(`redis://127.0.0.1:${proxy.port}`, {
    tlsVerify: true,
    answerTimeoutMs: PATIENCE_MS,
  });
  hasScripts = Number(/redis_version:(\d+)/.exec(await local.redis.info('server'))?.[1]) >= 7;
});
afterAll(async () => {
  connection.close();
  await proxy.stop();
});
beforeEach(() => {
  far = new FarClock();
});

type Reader = () => Promise<Backlog>;

function readerOf(patterns: readonly string[]): Reader {
  const source = bullmqBacklog(connection, { prefix: 'bull', clock: far });
  return async () => await backlogOf(source, patterns);
}

/** The commands that Redis ran during the work, including those in scripts, in lower case; and the clients' addresses. */
async function monitored(
  work: () => Promise<unknown>,
): Promise<{ commands: string[]; clients: Set<string> }> {
  const monitor = await new Redis(local.url, { lazyConnect: true }).monitor();
  const commands: string[] = [];
  const clients = new Set<string>();
  monitor.on('monitor', (_time: string, args: string[], source: string) => {
    commands.push((args[0] ?? '').toLowerCase());
    if (source !== 'lua' && args[0] !== 'echo') clients.add(source);
  });
  await work();
  await local.redis.echo('end');
  await expect.poll(() => commands.includes('echo')).toBe(true);
  monitor.removeAllListeners('monitor');
  monitor.disconnect();
  return { commands: commands.filter((name) => name !== 'echo'), clients };
}

/**
 * The round trips of a reading from a distant Redis: no answer passes before every queue has been requested, so a reading
 * that waits for an answer never ends.
 */
async function farAway(names: readonly string[], read: Reader): Promise<{ result: Backlog; trips: number }> {
  // The first reading learns the distance.
  proxy.onAnswer = () => far.pass(ROUND_TRIP_MS);
  let result = await read();
  let trips = 0;
  // A script that runs out of time costs a second trip and makes later scripts smaller: then try again.
  for (let tries = 0; tries < 8 && trips !== 1; tries += 1) {
    await local.redis.config('RESETSTAT');
    const before = proxy.turns;
    proxy.holdUntilSent('\r\nbull:q', names.length);
    result = await read();
    trips = proxy.turns - before;
  }
  proxy.onAnswer = () => {};
  return { result, trips };
}

/** The scripts since the statistics were reset, and the commands in them. The benchmark measures their time. */
async function scriptStats(): Promise<{ scripts: number; commands: number }> {
  const found = [...(await local.redis.info('commandstats')).matchAll(/cmdstat_([a-z_]+):calls=(\d+)/g)];
  const calls = (counted: (name: string) => boolean): number =>
    sumOf(found, ([, name = '', count]) => (counted(name) ? Number(count) : 0));
  return {
    scripts: calls((name) => /^eval(sha)?_ro$/.test(name)),
    commands: calls((name) => !name.startsWith('eval')),
  };
}

/** The number of changes since the start of this Redis, which never saves and so never resets it. */
async function changes(): Promise<string | undefined> {
  return /rdb_changes_since_last_save:(\d+)/.exec(await local.redis.info('persistence'))?.[1];
}

describe('10,000 queues', () => {
  test('are read completely in one round trip, and no script blocks Redis for long', async ({ skip }) => {
    skip(!hasScripts, NEEDS_SCRIPTS);
    const names = await fillQueues(local.redis, 10_000, {
      waiting: 2,
      prioritized: 1,
      delayed: 1,
      active: 1,
    });
    const read = readerOf(names);
    await read();
    const { result, trips } = await farAway(names, read);
    const { queues, unreadable, holders } = result;
    expect(trips).toBe(1);
    expect(unreadable).toEqual([]);
    expect(queues).toHaveLength(10_000);
    expect(
      queues.every(({ waiting, active, orphaned }) => waiting === 2 && active === 1 && orphaned === 0),
    ).toBe(true);
    expect(sumOf([...holders.values()], (jobs) => jobs)).toBe(10_000);
    const { scripts, commands } = await scriptStats();
    expect(scripts).toBeGreaterThan(150);
    // The number of its commands bounds how long a script blocks Redis.
    expect(commands / scripts).toBeLessThan(2000);
    expect(proxy.connections).toBe(1);
  });
});

test('a reading writes nothing, uses one connection, and only commands that docs/redis.md lists', async () => {
  const names = await fillQueues(local.redis, 50, { waiting: 5, prioritized: 5, delayed: 5, active: 20 });
  const before = await changes();
  const { commands, clients } = await monitored(async () => {
    await readerOf(names)();
    await readerOf(['q*', 'missing'])();
  });
  expect(await changes()).toBe(before);
  expect(commands.length).toBeGreaterThan(500);
  expect([...new Set(commands)].filter((name) => !READS.has(name))).toEqual([]);
  expect(clients.size).toBe(1);
});

test('the script is sent once, and again after SCRIPT FLUSH', async ({ skip }) => {
  skip(!hasScripts, NEEDS_SCRIPTS);
  const read = readerOf(await fillQueues(local.redis, 60));
  const sent = async (): Promise<string | undefined> =>
    /cmdstat_eval_ro:calls=(\d+)/.exec(await local.redis.info('commandstats'))?.[1];
  await local.redis.config('RESETSTAT');
  await read();
  await read();
  expect(await sent()).toBe('1');
  await local.redis.script('FLUSH');
  const { queues, unreadable } = await read();
  expect(unreadable).toEqual([]);
  expect(queues.map(({ waiting }) => waiting)).toEqual(queues.map(() => 5));
  expect(queues).toHaveLength(60);
  await read();
  expect(await sent()).toBe('2');
});

test('long lists cost no more than short ones', async ({ skip }) => {
  skip(!hasScripts, NEEDS_SCRIPTS);
  const [name] = await fillQueues(local.redis, 1, {
    waiting: 20_000,
    prioritized: 20_000,
    delayed: 20_000,
    active: 10_000,
  });
  const read = readerOf([name ?? '']);
  await read();
  await local.redis.config('RESETSTAT');
  const { queues, holdersComplete } = await read();
  expect(queues[0]).toMatchObject({ waiting: 20_000, prioritized: 20_000, active: 10_000 });
  expect(holdersComplete).toBe(false);
  const { scripts, commands } = await scriptStats();
  expect(scripts).toBe(1);
  expect(commands).toBeGreaterThan(10);
  expect(commands).toBeLessThan(2000);
});

test.for([
  { name: 'one long list', queues: 20, active: 1_000, most: 1_100 },
  { name: 'some hundred jobs of several', queues: 40, active: 100, most: 900 },
])(
  'no script inspects more than $name, even at the first reading',
  async ({ queues, active, most }, { skip }) => {
    skip(!hasScripts, NEEDS_SCRIPTS);
    const names = await fillQueues(local.redis, queues, { waiting: 5, prioritized: 3, delayed: 2, active });
    const { commands } = await monitored(async () => {
      const { queues: read } = await readerOf(names)();
      expect(read.filter((queue) => queue.active === active)).toHaveLength(queues);
    });
    const scripts: number[] = [];
    for (const name of commands) {
      if (name.startsWith('eval')) scripts.push(0);
      else if (scripts.length > 0) scripts[scripts.length - 1] = (scripts.at(-1) ?? 0) + 1;
    }
    expect(Math.max(...scripts)).toBeGreaterThan(active);
    expect(Math.max(...scripts)).toBeLessThan(most);
  },
);

test('many busy queues need a second trip once, then none', async ({ skip }) => {
  skip(!hasScripts, NEEDS_SCRIPTS);
  const names = await fillQueues(local.redis, 100, { waiting: 1, prioritized: 0, delayed: 0, active: 150 });
  const read = readerOf(names);
  const first = await read();
  expect(first.holdersComplete).toBe(true);
  for (let tick = 0; tick < 8; tick += 1) await read();
  const { result: last, trips } = await farAway(names, read);
  expect(trips).toBe(1);
  expect(last.holdersComplete).toBe(true);
  expect(sumOf([...last.holders.values()], (jobs) => jobs)).toBe(15_000);
});

test('selections that share queues share one reading', async () => {
  await fillQueues(local.redis, 3);
  const source = bullmqBacklog(connection, { prefix: 'bull' });
  await source.read([{ patterns: ['q0'], horizonMs: 0 }], Date.now(), patience());
  const before = proxy.turns;
  const backlogs = await source.read(
    [
      { patterns: ['q0', 'q1'], horizonMs: 0 },
      { patterns: ['q1', 'q2'], horizonMs: 4_000_000 },
    ],
    Date.now(),
    patience(),
  );
  expect(proxy.turns - before).toBe(hasScripts ? 1 : 4);
  expect(backlogs.map(({ queues }) => queues.map(({ name, dueSoon }) => [name, dueSoon]))).toEqual([
    [
      ['q0', 0],
      ['q1', 0],
    ],
    [
      ['q1', 2],
      ['q2', 2],
    ],
  ]);
});
