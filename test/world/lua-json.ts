import { BOOLEAN, bytes, lua, NUMBER, STRING, TABLE, textAt, type State } from './fengari.ts';

/** What cjson decodes `null` to: neither nil nor false. */
const NULL = {};

/** Puts a decoded value on the stack. */
export function pushJson(state: State, value: unknown): void {
  if (typeof value === 'string') lua.lua_pushstring(state, bytes(value));
  else if (typeof value === 'number') lua.lua_pushnumber(state, value);
  else if (typeof value === 'boolean') lua.lua_pushboolean(state, value ? 1 : 0);
  // cjson has a value of its own for it, which is neither nil nor false.
  else if (value === null || value === undefined) lua.lua_pushlightuserdata(state, NULL);
  else {
    lua.lua_createtable(state, 0, 0);
    const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
    for (const [key, field] of entries) {
      pushJson(state, field);
      if (typeof key === 'number') lua.lua_rawseti(state, -2, key + 1);
      else lua.lua_setfield(state, -2, bytes(key));
    }
  }
}

/** As cjson writes it: numbers with 14 digits, an empty table as an object. */
export function jsonAt(state: State, index: number): unknown {
  switch (lua.lua_type(state, index)) {
    case STRING:
      return textAt(state, index);
    case NUMBER:
      return Number(lua.lua_tonumber(state, index).toPrecision(14));
    case BOOLEAN:
      return lua.lua_toboolean(state, index);
    case TABLE:
      return jsonTable(state, lua.lua_absindex(state, index));
    default:
      return null;
  }
}

function jsonTable(state: State, index: number): unknown {
  const entries: [string | number, unknown][] = [];
  lua.lua_pushnil(state);
  while (lua.lua_next(state, index) !== 0) {
    const numeric = lua.lua_type(state, -2) === NUMBER;
    const key = numeric ? lua.lua_tonumber(state, -2) : textAt(state, -2);
    entries.push([key, jsonAt(state, -1)]);
    lua.lua_settop(state, -2);
  }
  const list = entries.length > 0 && entries.every(([key]) => typeof key === 'number');
  if (!list) return Object.fromEntries(entries);
  return entries.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
}
