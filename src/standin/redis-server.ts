import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { findRedisBinary } from './redis-binary.ts';
import { startWatchdog } from './watchdog.ts';

export type RedisServer = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Stops the server and removes its folder. Can be called again. */
  stop(): Promise<void>;
};

/** How long a server may take to accept connections. */
const START_TIMEOUT_MS = 10_000;

/**
 * Starts a Redis server on a loopback port, by default a free one. It persists nothing and ends with this process, by
 * SIGKILL too. `args` are further `redis-server` arguments, such as `['--requirepass', 'x']`; `say` gets a line if Redis is
 * installed for it. Throws a NoRedisError if there is no server on this machine.
 */
export async function startRedisServer(
  options: {
    readonly args?: readonly string[];
    readonly port?: number;
    readonly say?: (line: string) => void;
  } = {},
): Promise<RedisServer> {
  const binary = await findRedisBinary(options.say);
  const port = options.port ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'drover-redis-'));
  const watchdog = startWatchdog(folder);
  const child = spawn(
    binary.path,
    [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      folder,
      ...(options.args ?? []),
    ],
    // In a process group of its own, as Ctrl-C in a terminal would end it while we still read from it.
    { env: binary.env, stdio: 'ignore', detached: true },
  );
  const exited = once(child, 'exit');
  watchdog.watch(child.pid);
  child.once('exit', () => watchdog.watch(undefined));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await watchdog.end();
    await exited;
  };
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await stop();
      throw new Error(`redis-server did not start on port ${port}`);
    }
    await delay(10);
  }
  return { url: `redis://127.0.0.1:${port}`, port, pid: child.pid ?? 0, stop };
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
