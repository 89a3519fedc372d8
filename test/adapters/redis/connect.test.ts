import { connect, createServer, type Server } from 'node:net';
import { inspect } from 'node:util';
import { once } from 'node:events';

import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { connectRedis } from '../../../src/adapters/redis/connect.ts';
import { Failure } from '../../../src/failure.ts';
import { freePort, startRedisServer, type RedisServer } from '../../../src/standin/redis-server.ts';
import { patience, PATIENCE_MS } from '../../support/patience.ts';

const SECRET = 's3cr3t-pässword';

let server: RedisServer;
let silent: Server;

beforeAll(async () => {
  server = await startRedisServer({ args: ['--requirepass', 'right', '--maxclients', '40'] });
  silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
});

afterAll(async () => {
  silent.close();
  await server.stop();
});

async function failureOn(url: string, timeoutMs: number): Promise<Failure> {
  const options = { tlsVerify: true, connectTimeoutMs: timeoutMs, answerTimeoutMs: timeoutMs };
  const connection = connectRedis(url, options);
  try {
    await connection.use(patience(), async (client) => await client.llen('bull:x:wait'));
    throw new Error('it worked');
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  } finally {
    connection.close();
  }
}

function silentPort(): number {
  const address = silent.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}

test.each([
  {
    name: 'no server listens',
    url: async () => `redis://u:${SECRET}@127.0.0.1:${await freePort()}`,
    code: 'REDIS_UNREACHABLE',
  },
  {
    name: 'no such host',
    url: async () => `redis://u:${SECRET}@no-such-host.invalid`,
    code: 'REDIS_UNREACHABLE',
  },
  {
    name: 'a server that never replies',
    url: async () => `redis://u:${SECRET}@127.0.0.1:${silentPort()}`,
    code: 'REDIS_TIMEOUT',
  },
  { name: 'no password', url: async () => server.url, code: 'REDIS_AUTH' },
  {
    name: 'a wrong password',
    url: async () => `redis://:${SECRET}@127.0.0.1:${server.port}`,
    code: 'REDIS_AUTH',
  },
  {
    name: 'TLS to a server without TLS',
    url: async () => `rediss://:${SECRET}@127.0.0.1:${server.port}`,
    code: 'REDIS_TIMEOUT',
  },
])('$name: the failure has a code, a remedy and no secret', async ({ url, code }) => {
  const failure = await failureOn(await url(), code === 'REDIS_TIMEOUT' ? 500 : PATIENCE_MS);
  expect(failure.code).toBe(code);
  expect(failure.remedy).not.toBe('');
  // ioredis attaches the failed command to its errors, including AUTH with its arguments.
  expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain('s3cr3t');
});

test('the remedy names the variable that holds the URL', async () => {
  const connection = connectRedis(`redis://127.0.0.1:${await freePort()}`, {
    tlsVerify: true,
    variable: 'STATE_REDIS_URL',
  });
  await expect(connection.use(patience(), async () => 1)).rejects.toMatchObject({
    remedy: expect.stringContaining('STATE_REDIS_URL') as unknown,
  });
  connection.close();
});

test('a Redis before version 6 is named by the command that it does not know', async () => {
  const old = await startRedisServer({
    args: ['--rename-command', 'HELLO', '', '--rename-command', 'LLEN', ''],
  });
  try {
    expect(await failureOn(old.url, PATIENCE_MS)).toMatchObject({
      code: 'REDIS_REPLY',
      message: 'Redis does not know the command LLEN',
      remedy:
        'Drover and BullMQ need Redis 6 or newer, or Valkey: upgrade it, or point REDIS_URL to another.',
    });
  } finally {
    await old.stop();
  }
});

describe('a database that Redis refuses is a failure, and database 0 is never read instead', () => {
  const LIMITED = 'ACL SETUSER limited on >pw ~* +@all -select';

  test.each([
    { name: 'a number that is too high', user: ':right', code: 'REDIS_REPLY' },
    { name: 'one the user is not allowed to select', user: 'limited:pw', code: 'REDIS_NOPERM' },
  ])('$name', async ({ user, code }) => {
    const admin = new Redis({ port: server.port, password: 'right' });
    await admin.call('ACL', ...LIMITED.split(' ').slice(1));
    const connection = connectRedis(`redis://${user}@127.0.0.1:${server.port}/77`, { tlsVerify: true });
    const read = async (): Promise<unknown> =>
      await connection.use(patience(), async (client) => await client.llen('bull:x:wait'));
    try {
      // At once and again after a reconnect; never a reply.
      for (let round = 0; round < 3; round += 1) {
        const answers = await Promise.allSettled([read(), read()]);
        expect(answers).toEqual(
          answers.map(() => ({ status: 'rejected', reason: expect.objectContaining({ code }) as unknown })),
        );
      }
    } finally {
      connection.close();
      admin.disconnect();
    }
  });

  test('is read once the right is granted', async () => {
    const admin = new Redis({ port: server.port, password: 'right' });
    await admin.call('ACL', ...LIMITED.split(' ').slice(1));
    const connection = connectRedis(`redis://limited:pw@127.0.0.1:${server.port}/7`, { tlsVerify: true });
    const select = async (): Promise<unknown> =>
      await connection.use(patience(), async (client) => {
        await client.set('here', '1');
        return await client.exists('here');
      });
    try {
      await expect(select()).rejects.toMatchObject({ code: 'REDIS_NOPERM' });
      await admin.call('ACL', 'SETUSER', 'limited', '+select');
      await expect.poll(select).toBe(1);
      expect(await admin.exists('here')).toBe(0);
    } finally {
      connection.close();
      admin.disconnect();
    }
  });
});

test('the connection recovers when the server restarts', async () => {
  const port = await freePort();
  const first = await startRedisServer({ port });
  const connection = connectRedis(first.url, { tlsVerify: true });
  const ping = async (): Promise<unknown> =>
    await connection.use(patience(), async (client) => await client.ping());
  expect(await ping()).toBe('PONG');
  await first.stop();
  await expect(ping()).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
  const second = await startRedisServer({ port });
  try {
    await expect.poll(ping).toBe('PONG');
  } finally {
    connection.close();
    await second.stop();
  }
});

test('an aborted signal ends the wait for a server that never replies', async () => {
  const connection = connectRedis(`redis://127.0.0.1:${silentPort()}`, { tlsVerify: true });
  const reason = new Failure('TICK_DEADLINE', 'the tick took too long', 'none');
  const abort = new AbortController();
  const pending = connection.use(abort.signal, async (client) => await client.ping());
  abort.abort(reason);
  await expect(pending).rejects.toBe(reason);
  connection.close();
});

test('the client leaves a master that became a replica and reconnects by name', async () => {
  const [old, promoted] = [await startRedisServer(), await startRedisServer()];
  let target = old.port;
  const name = createServer((client) => {
    const upstream = connect({ port: target, host: '127.0.0.1' });
    client.on('error', () => {}).on('close', () => upstream.destroy());
    upstream.on('error', () => {}).on('close', () => client.destroy());
    client.pipe(upstream).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(name, 'listening');
  const { port } = name.address() as { port: number };
  const connection = connectRedis(`redis://127.0.0.1:${port}`, { tlsVerify: true });
  const admin = new Redis({ port: old.port });
  const write = async (): Promise<unknown> =>
    await connection.use(patience(), async (client) => await client.set('a', '1'));
  try {
    await write();
    await admin.replicaof('127.0.0.1', promoted.port);
    target = promoted.port;
    // The socket to the old master stays open.
    await expect(write()).rejects.toMatchObject({ code: 'REDIS_READONLY' });
    await expect.poll(async () => await write().catch(() => 'not yet')).toBe('OK');
  } finally {
    connection.close();
    admin.disconnect();
    name.close();
    await Promise.all([old.stop(), promoted.stop()]);
  }
});

test('a tick over many process types, each of which listens to its signal, is no leak', async () => {
  const warned: string[] = [];
  const onWarning = ({ message }: Error): number => warned.push(message);
  process.on('warning', onWarning);
  const connection = connectRedis(`redis://:${encodeURIComponent('right')}@127.0.0.1:${server.port}`, {
    tlsVerify: true,
  });
  try {
    const { signal } = new AbortController();
    const types = Array.from({ length: 30 }, async () => {
      await connection.use(signal, async (client) => await client.llen('bull:x:wait'));
    });
    await Promise.all(types);
    // Node warns in a later turn.
    await new Promise((resolve) => setImmediate(resolve));
    expect(warned).toEqual([]);
  } finally {
    connection.close();
    process.off('warning', onWarning);
  }
});
