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

/** The figures that a reader's process measures itself. */
type OwnFigures = {
  /** The median tick and the shortest. */
  readonly ms: number;
  readonly bestMs: number;
  readonly cpuMs: number;
  /** Growth of the process since before the reader was opened: after the ticks and a garbage collection, and at its peak. */
  readonly rssMb: number;
  /** The part in use: V8 also keeps pages for a nursery whose size does not depend on the reading. */
  readonly heapMb: number;
  readonly peakMb: number;
  readonly waiting: number;
};

/** The figures of a tick of one reader: its own and those of Redis. */
export type Measured = OwnFigures & {
  readonly commands: number;
  readonly redisMs: number;
  /** Sent to Redis and by it. */
  readonly bytes: number;
  /** The longest single command or script. */
  readonly longestMs: number;
  /** Writes and connections since the process started, not per tick. */
  readonly changes: number;
  readonly connections: number;
};

/** Runs a process before everything else on the machine, if permitted, so that other load does not distort the figures. */
function prioritise(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_HIGHEST);
    // Linux divides the processor between sessions first, and by priority within a session.
    writeFileSync(`/proc/${pid}/autogroup`, '-20');
  } catch {
    // Only root is permitted; without it the figures include other load.
  }
}

/** The benchmark's own commands, which the counters include. */
const OWN = new Set(['info', 'slowlog', 'flushall', 'eval', 'ping']);
const OWN_COMMANDS = 1;

const DISTURBANCE_ROUNDS = 7;

function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}

/** A Redis of its own, on which readers are measured one after the other. */
export class BenchRedis {
  readonly admin: Redis;
  readonly #server: RedisServer;
  readonly #env: Record<string, string>;

  private constructor(server: RedisServer, env: Record<string, string>) {
    this.#server = server;
    this.#env = env;
    this.admin = new Redis(server.url);
  }

  static async open(env: Record<string, string>): Promise<BenchRedis> {
    const args = ['--slowlog-log-slower-than', '50', '--slowlog-max-len', '1000000'];
    const server = await startRedisServer({ args });
    for (const pid of [server.pid, process.pid]) prioritise(pid);
    return new BenchRedis(server, env);
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
    const [seen] = (await once(child, 'message')) as [OwnFigures];
    const after = await this.#counters();
    const slow = (await this.admin.slowlog('GET', -1)) as [number, number, number, string[]][];
    await exited;
    await proxy?.stop();
    const others = slow.filter(([, , , [name = '']]) => !OWN.has(name.toLowerCase()));
    return {
      ...seen,
      commands: (after.commands - before.commands - OWN_COMMANDS) / ticks,
      redisMs: (after.cpuMs - before.cpuMs) / ticks,
      bytes: (after.bytes - before.bytes - before.ownBytes) / ticks,
      longestMs: Math.max(0, ...others.map(([, , micros]) => micros)) / 1000,
      changes: after.changes - start.changes,
      connections: after.connections - start.connections,
    };
  }

  /**
   * The 99th percentile of another client's PING, alone and while Drover ticks without a pause: the medians of several
   * rounds of both, as the load of the machine varies.
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
   * How long scripts with as many queues as Drover's block Redis, in ms: the mean processor time, and the wall time of
   * each, which includes the time that other processes have the processor.
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
      const queueArgs = names.flatMap((name) => [`bull:q${name}:`, String((now + 40_001) * 4096 - 1)]);
      const head = [SNAPSHOT_SCRIPT, '0', '1', '1000', String(now), String((now + 1) * 4096 - 1)];
      await this.admin.call('EVAL_RO', ...head, ...queueArgs);
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
    // Compiled beforehand, as Drover is: compiling while running would enlarge V8's heap.
    const child = fork(
      new URL('measure.js', import.meta.url),
      [reader, `redis://127.0.0.1:${port}`, String(queues), String(ticks)],
      { execArgv: ['--expose-gc'], env: { ...process.env, ...this.#env } },
    );
    if (child.pid !== undefined) prioritise(child.pid);
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

  /** `ownBytes`: of this request, which the next counters include. */
  async #counters(): Promise<
    Record<'cpuMs' | 'commands' | 'changes' | 'connections' | 'bytes' | 'ownBytes', number>
  > {
    const info = await this.admin.info();
    const field = (name: string): number => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1]);
    return {
      bytes: field('total_net_input_bytes') + field('total_net_output_bytes'),
      ownBytes: info.length,
      cpuMs: 1000 * (field('used_cpu_user') + field('used_cpu_sys')),
      commands: field('total_commands_processed'),
      changes: field('rdb_changes_since_last_save'),
      connections: field('total_connections_received'),
    };
  }
}
