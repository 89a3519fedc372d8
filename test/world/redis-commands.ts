import type { Keyspace } from './keyspace.ts';
import { ReplyError, Status, type Reply } from './reply.ts';

const OK = new Status('OK');

type Command = (data: Keyspace, args: readonly string[]) => Reply;

/** Refused by a Redis that has no memory left. */
export const NEEDS_MEMORY: ReadonlySet<string> = new Set([
  'SET',
  'INCR',
  'INCRBY',
  'HSET',
  'LPUSH',
  'RPUSH',
  'SADD',
  'ZADD',
]);
/** Refused by a replica. */
export const WRITES: ReadonlySet<string> = new Set([
  ...NEEDS_MEMORY,
  'DEL',
  'UNLINK',
  'EXPIRE',
  'PEXPIRE',
  'HDEL',
  'LPOP',
  'RPOP',
  'LREM',
  'ZREM',
]);

/** Runs a command that Drover or its worker half sends, or a test needs. Throws a ReplyError. */
export function runCommand(data: Keyspace, name: string, args: readonly string[]): Reply {
  const command = COMMANDS[name];
  if (command === undefined) throw new ReplyError(`ERR unknown command '${name}'`);
  return command(data, args);
}

const COMMANDS: Readonly<Record<string, Command>> = {
  PING: () => new Status('PONG'),
  TIME: (data) => {
    const ms = data.now();
    return [String(Math.floor(ms / 1000)), String(Math.round((ms % 1000) * 1000))];
  },
  TYPE: (data, [key]) => new Status(data.typeOf(need(key))),
  EXISTS: (data, keys) => keys.filter((key) => data.typeOf(key) !== 'none').length,
  DEL: (data, keys) => keys.filter((key) => data.delete(key)).length,
  UNLINK: (data, keys) => keys.filter((key) => data.delete(key)).length,
  EXPIRE: (data, [key, s]) => Number(data.expire(need(key), data.now() + whole(s) * 1000)),
  PEXPIRE: (data, [key, ms]) => Number(data.expire(need(key), data.now() + whole(ms))),
  PTTL: (data, [key]) => data.ttlMs(need(key)),
  TTL: (data, [key]) => {
    const ms = data.ttlMs(need(key));
    return ms < 0 ? ms : Math.round(ms / 1000);
  },
  SCAN: (data, args) => {
    const match = args[args.findIndex((arg) => arg.toUpperCase() === 'MATCH') + 1];
    const pattern = args.length > 1 && match !== undefined ? globOf(match) : /^/;
    return ['0', data.keys().filter((key) => pattern.test(key))];
  },

  GET: (data, [key]) => data.text(need(key)),
  MGET: (data, keys) => keys.map((key) => (data.typeOf(key) === 'string' ? data.text(key) : null)),
  SET: (data, [key, text, ...options]) => set(data, need(key), need(text), options),
  INCR: (data, [key]) => add(data, need(key), 1),
  INCRBY: (data, [key, by]) => add(data, need(key), whole(by)),

  HGET: (data, [key, field]) => data.hash(need(key)).get(need(field)) ?? null,
  HMGET: (data, [key, ...fields]) => {
    const hash = data.hash(need(key));
    return fields.map((field) => hash.get(field) ?? null);
  },
  HGETALL: (data, [key]) => [...data.hash(need(key))].flat(),
  HVALS: (data, [key]) => [...data.hash(need(key)).values()],
  HKEYS: (data, [key]) => [...data.hash(need(key)).keys()],
  HSTRLEN: (data, [key, field]) => Buffer.byteLength(data.hash(need(key)).get(need(field)) ?? ''),
  HLEN: (data, [key]) => data.hash(need(key)).size,
  HEXISTS: (data, [key, field]) => Number(data.hash(need(key)).has(need(field))),
  HSET: (data, [key, ...pairs]) => {
    let added = 0;
    data.changeHash(need(key), (fields) => {
      for (let i = 0; i + 1 < pairs.length; i += 2) {
        if (!fields.has(need(pairs[i]))) added += 1;
        fields.set(need(pairs[i]), need(pairs[i + 1]));
      }
    });
    return added;
  },
  HDEL: (data, [key, ...names]) => {
    let gone = 0;
    data.changeHash(need(key), (fields) => {
      gone = names.filter((name) => fields.delete(name)).length;
    });
    return gone;
  },

  LLEN: (data, [key]) => data.list(need(key)).length,
  LINDEX: (data, [key, index]) => data.list(need(key)).at(whole(index)) ?? null,
  LRANGE: (data, [key, from, to]) => ranged(data.list(need(key)), whole(from), whole(to)),
  LPUSH: (data, [key, ...items]) => {
    data.changeList(need(key), (list) => list.unshift(...items.toReversed()));
    return data.list(need(key)).length;
  },
  RPUSH: (data, [key, ...items]) => {
    data.changeList(need(key), (list) => list.push(...items));
    return data.list(need(key)).length;
  },
  RPOP: (data, [key]) => {
    let popped: string | undefined;
    data.changeList(need(key), (list) => (popped = list.pop()));
    return popped ?? null;
  },
  LREM: (data, [key, count, item]) => {
    let gone = 0;
    data.changeList(need(key), (list) => {
      const most = whole(count) === 0 ? Infinity : Math.abs(whole(count));
      for (let at = list.indexOf(need(item)); at >= 0 && gone < most; at = list.indexOf(need(item))) {
        list.splice(at, 1);
        gone += 1;
      }
    });
    return gone;
  },

  SADD: (data, [key, ...members]) => {
    const before = data.members(need(key)).size;
    data.changeMembers(need(key), (all) => {
      for (const member of members) all.add(member);
    });
    return data.members(need(key)).size - before;
  },
  SMEMBERS: (data, [key]) => [...data.members(need(key))],

  ZADD: (data, [key, ...pairs]) => {
    let added = 0;
    data.changeScores(need(key), (scores) => {
      for (let i = 0; i + 1 < pairs.length; i += 2) {
        if (!scores.has(need(pairs[i + 1]))) added += 1;
        scores.set(need(pairs[i + 1]), Number(pairs[i]));
      }
    });
    return added;
  },
  ZREM: (data, [key, ...members]) => {
    let gone = 0;
    data.changeScores(need(key), (scores) => {
      gone = members.filter((member) => scores.delete(member)).length;
    });
    return gone;
  },
  ZCARD: (data, [key]) => data.scores(need(key)).size,
  ZCOUNT: (data, [key, from, to]) => {
    const [least, most] = [bound(from), bound(to)];
    let count = 0;
    for (const score of data.scores(need(key)).values()) if (score >= least && score <= most) count += 1;
    return count;
  },
  ZRANGE: (data, [key, from, to, withScores]) =>
    listed(ranged(data.sorted(need(key)), whole(from), whole(to)), withScores !== undefined),
  ZRANGEBYSCORE: (data, [key, from, to, ...options]) => {
    const [least, most] = [bound(from), bound(to)];
    const found = data.sorted(need(key)).filter(([, score]) => score >= least && score <= most);
    const limit = options.findIndex((option) => option.toUpperCase() === 'LIMIT');
    const [skip, count] = limit < 0 ? [0, Infinity] : [whole(options[limit + 1]), whole(options[limit + 2])];
    return listed(
      found.slice(skip, skip + count),
      options.some((option) => option.toUpperCase() === 'WITHSCORES'),
    );
  },
};

function set(data: Keyspace, key: string, text: string, options: readonly string[]): Reply {
  let expiresAt = Infinity;
  for (const [index, option] of options.entries()) {
    const there = data.typeOf(key) !== 'none';
    switch (option.toUpperCase()) {
      case 'PX':
        expiresAt = data.now() + positive(options[index + 1]);
        break;
      case 'EX':
        expiresAt = data.now() + positive(options[index + 1]) * 1000;
        break;
      case 'NX':
        if (there) return null;
        break;
      case 'XX':
        if (!there) return null;
        break;
      default:
    }
  }
  data.set(key, text, expiresAt);
  return OK;
}

function add(data: Keyspace, key: string, by: number): number {
  const number = Number(data.text(key) ?? '0');
  if (!Number.isSafeInteger(number)) throw new ReplyError('ERR value is not an integer or out of range');
  const ttlMs = data.ttlMs(key);
  data.set(key, String(number + by), ttlMs < 0 ? Infinity : data.now() + ttlMs);
  return number + by;
}

function positive(text: string | undefined): number {
  const number = whole(text);
  if (number <= 0) throw new ReplyError("ERR invalid expire time in 'set' command");
  return number;
}

function need(text: string | undefined): string {
  if (text === undefined) throw new ReplyError('ERR wrong number of arguments');
  return text;
}

function whole(text: string | undefined): number {
  const number = Number(text);
  if (text === undefined || text === '' || !Number.isInteger(number)) {
    throw new ReplyError('ERR value is not an integer or out of range');
  }
  return number;
}

function bound(text: string | undefined): number {
  if (text === '-inf') return -Infinity;
  return text === '+inf' ? Infinity : Number(text);
}

/** As LRANGE: both ends included, negative ones from the end. */
function ranged<T>(items: readonly T[], from: number, to: number): T[] {
  const end = to < 0 ? items.length + to : to;
  return items.slice(from < 0 ? Math.max(0, items.length + from) : from, end + 1);
}

function listed(members: readonly (readonly [string, number])[], withScores: boolean): Reply[] {
  return members.flatMap(([member, score]) => (withScores ? [member, String(score)] : [member]));
}

function globOf(glob: string): RegExp {
  const parts = glob.split('*').map((part) => part.replaceAll(/[\\^$.+?(){}|]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
