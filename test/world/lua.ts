import {
  BOOLEAN,
  bytes,
  lauxlib,
  lua,
  lualib,
  NUMBER,
  STRING,
  TABLE,
  textAt,
  type State,
} from './fengari.ts';
import { jsonAt, pushJson } from './lua-json.ts';
import { ReplyError, Status, type Reply } from './reply.ts';

/** Runs one command of a script. Throws a ReplyError. */
export type Call = (name: string, args: readonly string[]) => Reply;

/** Redis's scripting, as far as scripts here use it: `redis.call`, `redis.pcall`, `cjson`, KEYS and ARGV. */
export class Lua {
  readonly #state: State;
  readonly #scripts = new Map<string, number>();
  #call: Call = () => null;

  constructor() {
    const state = lauxlib.luaL_newstate();
    this.#state = state;
    lualib.luaL_openlibs(state);
    this.#register('__call', (name, args) => this.#call(name, args));
    this.#registerJson();
    this.#run(this.#load(PRELUDE));
  }

  /** Throws a ReplyError for what the script, or a command that it calls, ends with. */
  run(script: string, keys: readonly string[], args: readonly string[], call: Call): Reply {
    let loaded = this.#scripts.get(script);
    if (loaded === undefined) this.#scripts.set(script, (loaded = this.#load(script)));
    this.#call = call;
    this.#global('KEYS', keys);
    this.#global('ARGV', args);
    return this.#run(loaded);
  }

  #load(script: string): number {
    const text = bytes(script);
    const status = lauxlib.luaL_loadbuffer(this.#state, text, text.length, bytes('@user_script'));
    if (status !== 0) throw new ReplyError(`ERR Error compiling script: ${textAt(this.#state, -1)}`);
    return lauxlib.luaL_ref(this.#state, lua.LUA_REGISTRYINDEX);
  }

  #run(loaded: number): Reply {
    const state = this.#state;
    lua.lua_rawgeti(state, lua.LUA_REGISTRYINDEX, loaded);
    const status = lua.lua_pcall(state, 0, 1, 0);
    try {
      if (status === 0) return this.#pull(-1);
      const thrown = this.#pull(-1, true);
      throw thrown instanceof ReplyError ? thrown : new ReplyError(`ERR ${JSON.stringify(thrown)}`);
    } finally {
      lua.lua_settop(state, 0);
    }
  }

  #global(name: string, values: readonly string[]): void {
    const state = this.#state;
    lua.lua_createtable(state, values.length, 0);
    for (const [index, value] of values.entries()) {
      lua.lua_pushstring(state, bytes(value));
      lua.lua_rawseti(state, -2, index + 1);
    }
    lua.lua_setglobal(state, bytes(name));
  }

  /** `__call(name, …)` answers the reply, or a table with `err`, which the prelude raises or hands on. */
  #register(name: string, call: Call): void {
    lua.lua_pushcfunction(this.#state, (state: State) => {
      const count = lua.lua_gettop(state);
      const args: string[] = [];
      for (let index = 1; index <= count; index += 1) args.push(this.#argument(state, index));
      try {
        this.#push(state, call((args[0] ?? '').toUpperCase(), args.slice(1)));
      } catch (thrown) {
        if (!(thrown instanceof ReplyError)) throw thrown;
        this.#push(state, thrown);
      }
      return 1;
    });
    lua.lua_setglobal(this.#state, bytes(name));
  }

  #registerJson(): void {
    const define = (name: string, work: (state: State) => void): void => {
      lua.lua_pushcfunction(this.#state, (state: State) => {
        work(state);
        return 1;
      });
      lua.lua_setglobal(this.#state, bytes(name));
    };
    define('__decode', (state) => {
      try {
        pushJson(state, JSON.parse(this.#argument(state, 1)));
      } catch {
        this.#push(state, new ReplyError('ERR no JSON'));
      }
    });
    define('__encode', (state) => {
      lua.lua_pushstring(state, bytes(JSON.stringify(jsonAt(state, 1))));
    });
  }

  /** A command's argument: numbers as Redis writes them. */
  #argument(state: State, index: number): string {
    if (lua.lua_type(state, index) === NUMBER) {
      const number = lua.lua_tonumber(state, index);
      return Number.isInteger(number) ? number.toFixed(0) : String(number);
    }
    return textAt(state, index);
  }

  #push(state: State, reply: Reply): void {
    if (typeof reply === 'string') lua.lua_pushstring(state, bytes(reply));
    else if (typeof reply === 'number') lua.lua_pushinteger(state, reply);
    else if (reply === null) lua.lua_pushboolean(state, 0);
    else if (reply instanceof ReplyError) this.#pushField(state, 'err', reply.message);
    else if (reply instanceof Status) this.#pushField(state, 'ok', reply.text);
    else {
      lua.lua_createtable(state, reply.length, 0);
      for (const [index, value] of reply.entries()) {
        this.#push(state, value);
        lua.lua_rawseti(state, -2, index + 1);
      }
    }
  }

  #pushField(state: State, name: string, text: string): void {
    lua.lua_createtable(state, 0, 1);
    lua.lua_pushstring(state, bytes(text));
    lua.lua_setfield(state, -2, bytes(name));
  }

  #pull(at: number, raw = false): Reply {
    const state = this.#state;
    const index = lua.lua_absindex(state, at);
    switch (lua.lua_type(state, index)) {
      case STRING:
        return textAt(state, index);
      case NUMBER:
        return Math.trunc(lua.lua_tonumber(state, index));
      case BOOLEAN:
        return lua.lua_toboolean(state, index) ? 1 : null;
      case TABLE:
        return this.#pullTable(index, raw);
      default:
        return null;
    }
  }

  #pullTable(index: number, raw: boolean): Reply {
    const state = this.#state;
    const field = (name: string): string | undefined => {
      const type = lua.lua_getfield(state, index, bytes(name));
      const text = type === STRING ? textAt(state, -1) : undefined;
      lua.lua_settop(state, -2);
      return text;
    };
    const error = field('err');
    if (error !== undefined) {
      if (raw) return new ReplyError(error);
      throw new ReplyError(error);
    }
    const ok = field('ok');
    if (ok !== undefined) return new Status(ok);
    const list: Reply[] = [];
    for (let position = 1; ; position += 1) {
      const type = lua.lua_rawgeti(state, index, position);
      if (type === 0) {
        lua.lua_settop(state, -2);
        return list;
      }
      list.push(this.#pull(-1));
      lua.lua_settop(state, -2);
    }
  }
}

/** Redis runs Lua 5.1, the interpreter is 5.3: what was called otherwise then. */
const PRELUDE = `
unpack = table.unpack
redis = {}
function redis.pcall(...) return __call(...) end
function redis.call(...)
  local reply = __call(...)
  if type(reply) == 'table' and reply.err then error(reply, 0) end
  return reply
end
function redis.error_reply(text) return { err = text } end
function redis.status_reply(text) return { ok = text } end
cjson = { encode = __encode }
function cjson.decode(text)
  local value = __decode(text)
  if type(value) == 'table' and value.err == 'ERR no JSON' then error('no JSON', 0) end
  return value
end
os = {}
`;
