import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { connectRedis } from '../../src/adapters/redis/connect.ts';
import { redisJournal } from '../../src/adapters/redis/journal.ts';
import { stateKeys } from '../../src/adapters/redis/keys.ts';
import { T0 } from '../support/entries.ts';
import { until } from '../support/patience.ts';
import { TestEnvironment } from '../support/test-environment.ts';
import { Site, TOKEN } from '../support/site.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const sockets = new Set<Socket>();

afterAll(() => {
  for (const socket of sockets) socket.destroy();
});

function dial(url: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  sockets.add(socket);
  return socket;
}

describe.concurrent('the server closes a connection that sends too slowly', () => {
  test.each([
    { name: 'nothing at all', text: '' },
    { name: 'half a header', text: 'GET / HTTP/1.1\r\nHost: x\r\nX-Half: ' },
    {
      name: 'half a body',
      text: 'POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\ntoken=',
    },
    {
      name: 'a body byte by byte',
      text: 'POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\ntoken=',
      drip: true,
    },
  ])('$name', { timeout: 60_000 }, async ({ text, drip = false }) => {
    const site = await new Site(T0).start();
    const socket = dial(site.url);
    socket.resume().write(text);
    const dripping = setInterval(() => drip && socket.write('x'), 500);
    try {
      // Well above the server's limit (12 s), and well below Node's default (up to 90 s).
      const closed = once(socket, 'close', { signal: AbortSignal.timeout(20_000) });
      await expect(closed).resolves.toBeDefined();
    } finally {
      clearInterval(dripping);
      await site.stop();
    }
  });
});

describe('the clock keeps working while clients hold every connection they can get', () => {
  let scene: TestEnvironment;
  let clock: ChildProcess | undefined;

  beforeAll(async () => {
    scene = await TestEnvironment.start();
  });
  afterEach(async () => {
    if (clock?.exitCode === null) {
      clock.kill('SIGKILL');
      await once(clock, 'exit');
    }
  });
  afterAll(async () => {
    await scene.stop();
  });

  test.each([96, 256])('with %i descriptors', { timeout: 60_000 }, async (descriptors) => {
    await scene.reset();
    await scene.add('mail', 700);
    scene.queue('mail').on('error', () => {});
    const started = spawn(
      'sh',
      ['-c', `ulimit -n ${descriptors}; exec "$0" "$1" run`, process.execPath, MAIN],
      {
        env: {
          PATH: process.env['PATH'] ?? '',
          ...scene.env,
          SCHEDULE: '* * * * * *',
          DASHBOARD: 'true',
          DASHBOARD_TOKEN: TOKEN,
          HOST: '127.0.0.1',
          PORT: '0',
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    clock = started;
    let printed = '';
    started.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    await until(() => printed.includes('dashboard at '));
    const [, url = ''] = /dashboard at (http:[^"]+)"/.exec(printed) ?? [];

    // Each closed connection is replaced, so that a free descriptor is taken at once.
    let stopped = false;
    const hold = (onUp: () => void): void => {
      const socket = dial(url);
      socket.resume().write('GET / HTTP/1.1\r\nHost: x\r\nX-Half: ');
      socket.once('connect', onUp).once('close', () => {
        sockets.delete(socket);
        if (!stopped) setTimeout(() => hold(onUp), 20);
      });
    };
    await Promise.all(Array.from({ length: 400 }, async () => await new Promise<void>((up) => hold(up))));
    const connection = connectRedis(scene.redisUrl, { tlsVerify: true });
    const journal = redisJournal(connection, stateKeys(scene.app));
    const decidedAfter = async (since: number): Promise<boolean> => {
      const entries = await journal.entries(20, AbortSignal.timeout(5000)).catch(() => []);
      return entries.some(({ at, types }) => at > since && types.every(({ kind }) => kind === 'decided'));
    };
    try {
      // The clock must be able to open connections, not only to keep them: kill them again and again.
      for (let times = 0; times < 5; times += 1) {
        await scene.redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        const killedAt = Date.now();
        await until(async () => await decidedAfter(killedAt));
      }
    } finally {
      stopped = true;
      for (const socket of sockets) socket.destroy();
      connection.close();
    }
    expect(printed).not.toContain('EMFILE');
  });
});
