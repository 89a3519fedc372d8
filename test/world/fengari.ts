import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const fengari = require('fengari') as Fengari;
export const { lua, lauxlib, lualib } = fengari;

/** What is used of the interpreter, which brings no types. A state is opaque. */
export type State = object;
type Lua53 = {
  readonly LUA_REGISTRYINDEX: number;
  lua_absindex(state: State, index: number): number;
  lua_createtable(state: State, list: number, record: number): void;
  lua_getfield(state: State, index: number, name: Uint8Array): number;
  lua_gettop(state: State): number;
  lua_next(state: State, index: number): number;
  lua_pcall(state: State, args: number, results: number, handler: number): number;
  lua_pushboolean(state: State, value: number): void;
  lua_pushcfunction(state: State, run: (state: State) => number): void;
  lua_pushinteger(state: State, value: number): void;
  lua_pushlightuserdata(state: State, value: unknown): void;
  lua_pushnil(state: State): void;
  lua_pushnumber(state: State, value: number): void;
  lua_pushstring(state: State, value: Uint8Array): void;
  lua_rawgeti(state: State, index: number, position: number): number;
  lua_rawseti(state: State, index: number, position: number): void;
  lua_setfield(state: State, index: number, name: Uint8Array): void;
  lua_setglobal(state: State, name: Uint8Array): void;
  lua_settop(state: State, index: number): void;
  lua_toboolean(state: State, index: number): boolean;
  lua_tojsstring(state: State, index: number): string | null;
  lua_tonumber(state: State, index: number): number;
  lua_type(state: State, index: number): number;
};
type Fengari = {
  readonly lua: Lua53;
  readonly lauxlib: {
    luaL_newstate(): State;
    luaL_loadbuffer(state: State, text: Uint8Array, size: number, name: Uint8Array): number;
    luaL_ref(state: State, table: number): number;
  };
  readonly lualib: { luaL_openlibs(state: State): void };
  readonly to_luastring: (text: string) => Uint8Array;
};

const kept = new Map<string, Uint8Array>();
/** Names and keys come again and again: their bytes are kept, as the interpreter changes none. */
export function bytes(text: string): Uint8Array {
  if (text.length > 60) return fengari.to_luastring(text);
  let found = kept.get(text);
  if (found === undefined) {
    if (kept.size > 5000) kept.clear();
    kept.set(text, (found = fengari.to_luastring(text)));
  }
  return found;
}

/** What a value is, as `lua_type` says it. */
export const [BOOLEAN, NUMBER, STRING, TABLE] = [1, 3, 4, 5];

/** The text on the stack. */
export function textAt(state: State, index: number): string {
  return lua.lua_tojsstring(state, index) ?? '';
}
