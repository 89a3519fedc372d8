import { createHash } from 'node:crypto';

import type { Random } from '../../src/sim/random.ts';
import { Keyspace } from './keyspace.ts';
import { NEEDS_MEMORY, runCommand, WRITES } from './redis-commands.ts';
import { Lua } from './lua.ts';
import type { RedisClient } from './redis-client.ts';
import { ReplyError, type Reply } from './reply.ts';
import type { Time } from './time.ts';

const SCRIPTS: ReadonlySet<string> = new Set(['EVAL', 'EVALSHA', 'EVAL_RO', 'EVALSHA_RO']);
/** One interpreter for all worlds of a process: scripts are compiled once. */
const lua = new Lua();

/** The server: its data, its scripts, and its faults. */
export class VirtualRedis {
  readonly data: Keyspace;
  readonly time: Time;
  readonly random: Random;
  readonly clients = new Set<RedisClient>();
  /** What its clock shows besides the true time. */
  skewMs = 0;
  /** Whether it has the commands for scripts that only read, as from Redis 7 on. */
  readOnlyScripts = true;
  reachable = true;
  /** It answers nothing for now, and what was sent is done later. */
  hanging = false;
  slowMs = 0;
  full = false;
  readonly #scripts = new Map<string, string>();
  readonly #waiting: (() => void)[] = [];

  constructor(time: Time, random: Random) {
    this.time = time;
    this.random = random;
    this.data = new Keyspace(() => Math.floor(this.time.now + this.skewMs));
  }

  /** One way through the network. */
  latencyMs(): number {
    return 0.5 + this.random() * 3 + this.slowMs / 2;
  }

  setReachable(reachable: boolean): void {
    this.reachable = reachable;
    if (!reachable) for (const client of this.clients) client.cut();
  }

  setHanging(hanging: boolean): void {
    this.hanging = hanging;
    if (hanging) {
      for (const client of this.clients) client.watch();
      return;
    }
    for (const work of this.#waiting.splice(0)) work();
  }

  /** Another node takes over. Those on the old one are cut off, but for those it keeps as a replica. */
  failOver(keeps: (client: RedisClient) => boolean): void {
    this.#scripts.clear();
    for (const client of this.clients) {
      if (keeps(client)) client.onReplica = true;
      else client.cut();
    }
  }

  /** What arrives now, or is done as soon as the server works again. */
  arrive(work: () => void): void {
    if (this.hanging) this.#waiting.push(work);
    else if (this.reachable) work();
  }

  /** Throws a ReplyError. */
  run(name: string, args: readonly string[], onReplica: boolean): Reply {
    if (!SCRIPTS.has(name)) return this.#plain(name, args, onReplica);
    if (name.endsWith('_RO') && !this.readOnlyScripts) throw new ReplyError(`ERR unknown command '${name}'`);
    const [given = '', count = '0', ...rest] = args;
    const script = name.startsWith('EVALSHA') ? this.#scripts.get(given) : given;
    if (script === undefined) throw new ReplyError('NOSCRIPT No matching script. Please use EVAL.');
    if (!name.startsWith('EVALSHA')) this.#scripts.set(shaOf(script), script);
    const keys = Number(count);
    return lua.run(script, rest.slice(0, keys), rest.slice(keys), (command, commandArgs) =>
      this.#plain(command, commandArgs, onReplica),
    );
  }

  #plain(name: string, args: readonly string[], onReplica: boolean): Reply {
    if (onReplica && WRITES.has(name))
      throw new ReplyError("READONLY You can't write against a read only replica.");
    if (this.full && NEEDS_MEMORY.has(name)) {
      throw new ReplyError("OOM command not allowed when used memory > 'maxmemory'.");
    }
    return runCommand(this.data, name, args);
  }
}

const shas = new Map<string, string>();
function shaOf(script: string): string {
  const known = shas.get(script) ?? createHash('sha1').update(script).digest('hex');
  shas.set(script, known);
  return known;
}
