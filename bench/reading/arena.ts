import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

import { Redis } from 'ioredis';

import { SNAPSHOT_SCRIPT } from '../../src/adapters/bullmq/snapshot-script.ts';
import { startRedisServer, type RedisServer } from '../../src/standin/redis-server.ts';
import { startDelayProxy } from '../../test/support/delay-proxy.ts';
import { QUEUES_A_SCRIPT } from './readers.ts';

/** What one reader says of itself. */
type Told = {
  /** The median tick, and the shortest. */
  readonly ms: number;
  readonly bestMs: number;
  readonly cpuMs: number;
  /** Growth of the process from before the reader was opened to after the ticks and a collection, and at its largest. */
  readonly rssMb: number;
  /** What of it is in use: V8 keeps pages for a nursery that is as large whatever was read. */
  readonly heapMb: number;
  readonly peakMb: number;
  readonly waiting: number;
};

/** What a tick of one reader took: seen by itself, and by Redis. */
export type Measured = Told & {
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

const DISTURBANCE_ROUNDS = 7;

function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}

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
    const [seen] = (await once(child, 'message')) as [Told];
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

  /**
   * The 99th percentile of another client's PING, alone and while Drover ticks without a pause: the medians of several
   * rounds, each first the one and then the other, as the machine has better and worse moments.
   */
  async disturbance(queues: number): Promise<{ readonly idleMs: number; readonly busyMs: number }> {
    const [idle, busy]: number[][] = [[], []];
    for (let round = 0; round < DISTURBANCE_ROUNDS; round += 1) {
      const child = this.#child('drover', this.#server.port, queues, 10);
      const exited = once(child, 'exit');
      await once(child, 'message');
      idle?.push(await this.#ping(delay(3_000)));
      child.send('go');
      busy?.push(await this.#ping(once(child, 'message')));
      await exited;
    }
    return { idleMs: medianOf(idle ?? []), busyMs: medianOf(busy ?? []) };
  }

  /**
   * How long scripts of as many queues as Drover puts into one hold Redis, in ms: the mean of its processor time, and
   * each one by its clock on the wall, which also runs while another process has the processor.
   */
  async scripts(queues: number): Promise<{ readonly cpuMs: number; readonly wallMs: readonly number[] }> {
    const now = Date.now();
    await this.admin.slowlog('RESET');
    const before = await this.#counters();
    let count = 0;
    for (let from = 0; from < queues; from += QUEUES_A_SCRIPT, count += 1) {
      const names = Array.from(
        { length: Math.min(QUEUES_A_SCRIPT, queues - from) },
        (_, index) => from + index,
      );
      const asked = names.flatMap((name) => [`bull:q${name}:`, String((now + 40_001) * 4096 - 1)]);
      const head = [SNAPSHOT_SCRIPT, '0', '1', '1000', String(now), String((now + 1) * 4096 - 1)];
      await this.admin.call('EVAL_RO', ...head, ...asked);
    }
    const after = await this.#counters();
    const slow = (await this.admin.slowlog('GET', -1)) as [number, number, number, string[]][];
    const wallMs = slow.filter(([, , , [name]]) => name === 'EVAL_RO').map(([, , micros]) => micros / 1000);
    return { cpuMs: (after.cpuMs - before.cpuMs) / count, wallMs: wallMs.toSorted((a, b) => a - b) };
  }

  async close(): Promise<void> {
    this.admin.disconnect();
    await this.#server.stop();
  }

  #child(reader: string, port: number, queues: number, ticks: number): ChildProcess {
    // Compiled, as what is measured is used: to compile on the way would leave V8 a larger heap than its own.
    const child = fork(
      new URL('measure.js', import.meta.url),
      [reader, `redis://127.0.0.1:${port}`, String(queues), String(ticks)],
      { execArgv: ['--expose-gc'], env: { ...process.env, ...this.#env } },
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
