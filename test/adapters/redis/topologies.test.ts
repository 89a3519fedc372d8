import { inspect } from 'node:util';

import { Queue } from 'bullmq';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { bullmqBacklog } from '../../../src/adapters/bullmq/backlog.ts';
import { slotOf } from '../../../src/adapters/bullmq/queue-reader.ts';
import { connectRedis, type RedisConnection } from '../../../src/adapters/redis/connect.ts';
import type { Backlog } from '../../../src/ports.ts';
import { freePort, startRedisServer, type RedisServer } from '../../../src/standin/redis-server.ts';
import {
  startCluster,
  startSentinel,
  startTlsServer,
  type TestCluster,
} from '../../support/redis-process.ts';
import { until } from '../../support/patience.ts';
import { backlogOf } from '../bullmq/reading.ts';

async function read(
  connection: RedisConnection,
  prefix: string,
  patterns: readonly string[],
): Promise<Backlog> {
  return await backlogOf(bullmqBacklog(connection, { prefix }), patterns);
}

function waiting({ queues }: Backlog): (readonly [string, number])[] {
  return queues.map((queue) => [queue.name, queue.waiting] as const).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

describe('TLS with a self-signed certificate, and an ACL user', () => {
  let server: Awaited<ReturnType<typeof startTlsServer>>;

  beforeAll(async () => {
    server = await startTlsServer(['--user', 'mon', 'on', '>p@ss', '~*', '+@all']);
    const connection = new Redis(server.plain.url);
    await new Queue('mail', { connection }).add('job', {});
    connection.disconnect();
  });
  afterAll(async () => await server?.stop());

  test('the connection fails, and the remedy names the setting that accepts the certificate', async () => {
    const connection = connectRedis(`rediss://mon:p%40ss@localhost:${server.tlsPort}`, { tlsVerify: true });
    const failure = await read(connection, 'bull', ['mail']).catch((thrown: unknown) => thrown);
    connection.close();
    expect(failure).toMatchObject({
      code: 'REDIS_UNREACHABLE',
      remedy: expect.stringContaining('REDIS_TLS_VERIFY=false'),
    });
  });

  test('queues are read with that setting', async () => {
    const connection = connectRedis(`rediss://mon:p%40ss@localhost:${server.tlsPort}`, { tlsVerify: false });
    const backlog = await read(connection, 'bull', ['mail']);
    connection.close();
    expect(waiting(backlog)).toEqual([['mail', 1]]);
  });
});

describe('sentinels', () => {
  let master: RedisServer;
  let replica: RedisServer;
  let sentinels: Awaited<ReturnType<typeof startSentinel>>[];

  beforeAll(async () => {
    master = await startRedisServer();
    replica = await startRedisServer({
      args: ['--replicaof', '127.0.0.1', String(master.port), '--repl-diskless-sync-delay', '0'],
    });
    sentinels = await Promise.all([1, 2, 3].map(async () => await startSentinel(master.port)));
    for (const { redis } of sentinels) {
      await until(async () => {
        const [seen] = (await redis.call('SENTINEL', 'MASTERS')) as string[][];
        const field = (name: string): string | undefined => seen?.[seen.indexOf(name) + 1];
        return field('num-slaves') === '1' && field('num-other-sentinels') === '2';
      });
    }
  });
  afterAll(async () => {
    for (const sentinel of sentinels ?? []) await sentinel.stop();
    await replica?.stop();
    await master?.stop();
  });

  test('lead to the master, also after a failover', async () => {
    const connection = new Redis(master.url);
    await new Queue('mail', { connection }).add('job', {});
    await connection.wait(1, 5_000);
    connection.disconnect();

    const [first, second, third] = sentinels.map(({ port }) => `127.0.0.1:${port}`);
    const url = `redis://${first}/0?sentinel=main&nodes=${second},${third}`;
    const drover = connectRedis(url, { tlsVerify: true });
    expect(waiting(await read(drover, 'bull', ['mail']))).toEqual([['mail', 1]]);
    await master.stop();
    await expect(read(drover, 'bull', ['mail'])).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
    let seen: Backlog | undefined;
    await until(async () => {
      seen = await read(drover, 'bull', ['mail']).catch(() => undefined);
      return seen !== undefined;
    });
    drover.close();
    expect(seen && waiting(seen)).toEqual([['mail', 1]]);
  });
});

describe('a sentinel and a master that require TLS, a user and a password', () => {
  let master: Awaited<ReturnType<typeof startTlsServer>>;
  let sentinel: Awaited<ReturnType<typeof startSentinel>>;
  let sentinelTlsPort: number;

  beforeAll(async () => {
    master = await startTlsServer([
      ...['--user', 'mon', 'on', '>p@ss', '~*', '+@all'],
      ...['--user', 'default', 'on', '>m@ster', '~*', '&*', '+@all'],
      ...['--tls-replication', 'yes'],
    ]);
    const connection = new Redis(master.plain.port, { password: 'm@ster' });
    await new Queue('mail', { connection }).add('job', {});
    connection.disconnect();
    sentinelTlsPort = await freePort();
    const tls = master.files.map(([name, file]) => `${name} ${file}`);
    sentinel = await startSentinel(
      master.tlsPort,
      [
        ...tls,
        'tls-auth-clients no',
        'tls-replication yes',
        `tls-port ${sentinelTlsPort}`,
        'sentinel auth-pass main m@ster',
        'user default off',
        'user watch on >s&cret ~* &* -@all +sentinel|get-master-addr-by-name +sentinel|sentinels',
        'user blind on >blind ~* &* -@all',
        'user admin on >admin ~* &* +@all',
      ],
      { username: 'admin', password: 'admin' },
    );
  });
  afterAll(async () => {
    await sentinel?.stop();
    await master?.stop();
  });

  async function readBy(query: string): Promise<Backlog> {
    const url = `rediss://mon:p%40ss@localhost:${sentinelTlsPort}/0?sentinel=main${query}`;
    const connection = connectRedis(url, { tlsVerify: false, connectTimeoutMs: 800 });
    try {
      return await read(connection, 'bull', ['mail']);
    } finally {
      connection.close();
    }
  }

  test('are read with the credentials of both', async () => {
    expect(waiting(await readBy('&sentinelUsername=watch&sentinelPassword=s%26cret'))).toEqual([['mail', 1]]);
  });

  test.each([
    { name: 'no password', query: '', code: 'REDIS_AUTH', remedy: 'sentinelPassword' },
    {
      name: 'a wrong password',
      query: '&sentinelUsername=watch&sentinelPassword=wr0ng',
      code: 'REDIS_AUTH',
      remedy: 'sentinelPassword',
    },
    {
      name: 'a user without any right',
      query: '&sentinelUsername=blind&sentinelPassword=blind',
      code: 'REDIS_NOPERM',
      remedy: '+sentinel|get-master-addr-by-name',
    },
  ])(
    '$name for the sentinel: the failure names the sentinel and no secret',
    async ({ query, code, remedy }) => {
      const failure: unknown = await readBy(query).catch((thrown: unknown) => thrown);
      expect(failure).toMatchObject({ code, remedy: expect.stringContaining(remedy) });
      expect(inspect(failure, { depth: 10, showHidden: true })).not.toMatch(/wr0ng|p@ss|p%40ss/);
    },
  );
});

describe('a cluster of three masters', () => {
  let cluster: TestCluster;
  let client: Cluster;
  let drover: RedisConnection;

  beforeAll(async () => {
    cluster = await startCluster(3, 1);
    const ports = cluster.nodes.map(({ server }) => server.port);
    client = new Cluster(ports.map((port) => ({ port, host: '127.0.0.1' })));
    client.on('error', () => {});
    drover = connectRedis(
      `redis://127.0.0.1:${ports[0]}?cluster=true&nodes=127.0.0.1:${ports[1]},127.0.0.1:${ports[2]}`,
      { tlsVerify: true },
    );
    for (const name of ['{a}', '{b}', '{c}', '{d}']) await add('bull', name);
  });
  afterAll(async () => {
    drover?.close();
    client?.disconnect();
    await cluster?.stop();
  });

  async function add(prefix: string, name: string): Promise<void> {
    await new Queue(name, { connection: client, prefix }).add('job', {});
  }

  function ownerOf(prefix: string, name: string): TestCluster['nodes'][number] {
    const port = Number(client.slots[slotOf(`${prefix}:${name}:`) ?? -1]?.[0]?.split(':')[1]);
    const node = cluster.nodes.find(({ server }) => server.port === port);
    if (!node) throw new Error('no node owns it');
    return node;
  }

  test('queues with their own hash tags are read from every node, by name and by pattern', async () => {
    const names = ['{a}', '{b}', '{c}', '{d}'];
    expect(new Set(names.map((name) => ownerOf('bull', name))).size).toBeGreaterThan(1);
    const expected = names.map((name) => [name, 1]);
    expect(waiting(await read(drover, 'bull', names))).toEqual(expected);
    expect(waiting(await read(drover, 'bull', ['*']))).toEqual(expected);
  });

  test('queues under a prefix with a hash tag are read', async () => {
    await add('{app}', 'x');
    await add('{app}', 'y');
    expect(waiting(await read(drover, '{app}', ['*']))).toEqual([
      ['x', 1],
      ['y', 1],
    ]);
  });

  test('the slot of a hash tag is the one that Redis computes', async () => {
    const keys = ['{a}b', 'a{b}{c}', 'ä{ö}', '}{x}', '{{a}}', 'b{a}}', `{${'x'.repeat(300)}}`, '{a:b}{}'];
    for (const key of keys) expect(slotOf(key)).toBe(await cluster.nodes[0]?.redis.cluster('KEYSLOT', key));
  });

  test.each(['', 'a', 'bull:mail:wait', '{}a', 'foo{}{bar}', 'ä{ö', '}{'])(
    'a base without a hash tag has no slot of its own: "%s"',
    (base) => {
      expect(slotOf(base)).toBeUndefined();
    },
  );

  test('a queue without a hash tag is unreadable, as BullMQ cannot use it', async () => {
    const { queues, unreadable } = await read(drover, 'bull', ['untagged', '{a}']);
    expect(queues.map(({ name }) => name)).toEqual(['{a}']);
    expect(unreadable[0]).toMatchObject({
      queue: 'untagged',
      failure: { code: 'QUEUE_UNREADABLE', remedy: expect.stringContaining('{bull}') },
    });
  });

  test('a URL without cluster=true fails with the remedy', async () => {
    const other = cluster.nodes.find((node) => node !== ownerOf('bull', '{a}'));
    const single = connectRedis(other?.server.url ?? '', { tlsVerify: true });
    const { unreadable } = await read(single, 'bull', ['{a}']);
    single.close();
    expect(unreadable[0]?.failure.remedy).toContain('?cluster=true');
  });

  test('a queue whose slot moves is never read as empty, and is read once the slot has moved', async () => {
    await add('bull', '{moving}');
    const slot = slotOf('bull:{moving}:');
    if (slot === undefined) throw new Error('no slot');
    const from = ownerOf('bull', '{moving}');
    const to = cluster.nodes.slice(0, 3).find((node) => node !== from);
    if (!to) throw new Error('no other master');
    await to.redis.cluster('SETSLOT', slot, 'IMPORTING', from.id);
    await from.redis.cluster('SETSLOT', slot, 'MIGRATING', to.id);
    const keys = await from.redis.cluster('GETKEYSINSLOT', slot, 100);
    expect(keys.length).toBeGreaterThan(2);
    await from.redis.migrate('127.0.0.1', to.server.port, '', 0, 5_000, 'KEYS', ...keys);
    const midway = await read(drover, 'bull', ['{moving}', '{a}']);
    expect(midway.queues.map(({ name }) => name)).toEqual(['{a}']);
    expect(midway.unreadable.map(({ queue }) => queue)).toEqual(['{moving}']);
    // As redis-cli does on every master: the third would learn of it later, and may be the one that is queried.
    const others = cluster.nodes.slice(0, 3).filter((node) => node !== to);
    for (const node of [to, ...others]) await node.redis.cluster('SETSLOT', slot, 'NODE', to.id);
    expect(waiting(await read(drover, 'bull', ['{moving}']))).toEqual([['{moving}', 1]]);
  });

  test('the queues of a dead node are unreadable until its replica takes over, the others are read', async () => {
    const [dying] = cluster.nodes;
    // Only the first master has a replica.
    const names = Array.from({ length: 40 }, (_, index) => `{q${index}}`);
    const on = names.find((name) => ownerOf('bull', name) === dying);
    const off = names.find((name) => ownerOf('bull', name) !== dying);
    if (on === undefined || off === undefined || !dying) throw new Error('all on one node');
    await add('bull', on);
    await add('bull', off);
    await dying.redis.wait(1, 5_000);
    expect(waiting(await read(drover, 'bull', [on, off]))).toHaveLength(2);
    await dying.server.stop();
    const during = await read(drover, 'bull', [on, off]);
    expect(during.unreadable.map(({ queue }) => queue)).toEqual([on]);
    expect(waiting(during)).toEqual([[off, 1]]);
    await until(async () => {
      const { queues } = await read(drover, 'bull', [on, off]).catch(() => ({ queues: [] }));
      return queues.length === 2;
    });
  });
});
