import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

import { Redis } from 'ioredis';

import { startRedisServer, type RedisServer } from '../../src/standin/redis-server.ts';
import { startDelayProxy } from '../../test/support/delay-proxy.ts';

/** What a tick of one reader took: seen by itself (`ms`, `cpuMs`, `rssMb`) and by Redis (the rest). */
export type Measured = {
  readonly ms: number;
  readonly cpuMs: number;
  /** Growth of the process from before the reader was opened to after the ticks. */
  readonly rssMb: number;
  readonly waiting: number;
  readonly commands: number;
  readonly redisMs: number;
  /** The longest single command or script. */
  readonly longestMs: number;
  /** Writes and connections since the process started, not per tick. */
  readonly changes: number;
  readonly connections: number;
};

/** Before whatever else the machine does, where we may: what is measured is not how busy it is. */
function putFirst(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_HIGHEST);
    // Linux shares the processor between sessions before it looks at priorities within one.
    writeFileSync(`/proc/${pid}/autogroup`, '-20');
  } catch {
    // Only root may; then the figures hold what else runs.
  }
}

/** Our own questions, which the counters include. */
const OWN = new Set(['info', 'slowlog', 'flushall', 'eval', 'ping']);
const OWN_COMMANDS = 1;

/** A Redis of its own, in which readers are measured one after the other. */
export class Arena {
  readonly admin: Redis;
  readonly #server: RedisServer;
  readonly #env: Record<string, string>;

  private constructor(server: RedisServer, env: Record<string, string>) {
    this.#server = server;
    this.#env = env;
    this.admin = new Redis(server.url);
  }

  static async open(env: Record<string, string>): Promise<Arena> {
    const args = ['--slowlog-log-slower-than', '50', '--slowlog-max-len', '1000000'];
    const server = await startRedisServer({ args });
    for (const pid of [server.pid, process.pid]) putFirst(pid);
    return new Arena(server, env);
  }

  async measure(reader: string, queues: number, rttMs: number, ticks: number): Promise<Measured> {
    const proxy = rttMs > 0 ? await startDelayProxy(this.#server.port, rttMs / 2) : undefined;
    const start = await this.#counters();
    const child = this.#child(reader, proxy?.port ?? this.#server.port, queues, ticks);
    const exited = once(child, 'exit');
    await once(child, 'message');
    await this.admin.slowlog('RESET');
    const before = await this.#counters();
    child.send('go');
    const [seen] = (await once(child, 'message')) as [Pick<Measured, 'ms' | 'cpuMs' | 'rssMb' | 'waiting'>];
    const after = await this.#counters();
    const slow = (await this.admin.slowlog('GET', -1)) as [number, number, number, string[]][];
    await exited;
    await proxy?.stop();
    const others = slow.filter(([, , , [name = '']]) => !OWN.has(name.toLowerCase()));
    return {
      ...seen,
      commands: (after.commands - before.commands - OWN_COMMANDS) / ticks,
      redisMs: (after.cpuMs - before.cpuMs) / ticks,
      longestMs: Math.max(0, ...others.map(([, , micros]) => micros)) / 1000,
      changes: after.changes - start.changes,
      connections: after.connections - start.connections,
    };
  }

  /** The 99th percentile of another client's PING, alone and while Drover ticks without a pause. */
  async disturbance(queues: number): Promise<{ readonly idleMs: number; readonly busyMs: number }> {
    const child = this.#child('drover', this.#server.port, queues, 40);
    const exited = once(child, 'exit');
    await once(child, 'message');
    const idleMs = await this.#ping(delay(3_000));
    child.send('go');
    const busyMs = await this.#ping(once(child, 'message'));
    await exited;
    return { idleMs, busyMs };
  }

  async close(): Promise<void> {
    this.admin.disconnect();
    await this.#server.stop();
  }

  #child(reader: string, port: number, queues: number, ticks: number): ChildProcess {
    const child = fork(
      new URL('measure.ts', import.meta.url),
      [reader, `redis://127.0.0.1:${port}`, String(queues), String(ticks)],
      { execArgv: ['--expose-gc', '--import', 'tsx'], env: { ...process.env, ...this.#env } },
    );
    if (child.pid !== undefined) putFirst(child.pid);
    return child;
  }

  async #ping(until: Promise<unknown>): Promise<number> {
    const times: number[] = [];
    const end = new AbortController();
    void until.then(() => end.abort());
    while (!end.signal.aborted) {
      const from = performance.now();
      await this.admin.ping();
      times.push(performance.now() - from);
      await delay(1);
    }
    times.sort((a, b) => a - b);
    return times[Math.floor(times.length * 0.99)] ?? NaN;
  }

  async #counters(): Promise<{ cpuMs: number; commands: number; changes: number; connections: number }> {
    const info = await this.admin.info();
    const field = (name: string): number => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1]);
    return {
      cpuMs: 1000 * (field('used_cpu_user') + field('used_cpu_sys')),
      commands: field('total_commands_processed'),
      changes: field('rdb_changes_since_last_save'),
      connections: field('total_connections_received'),
    };
  }
}
