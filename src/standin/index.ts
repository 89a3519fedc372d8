/**
 * `drover/standin`: a local stand-in for Heroku's Platform API, for tests and examples. Start it with `startPlatform`, set
 * HEROKU_API_URL and HEROKU_API_KEY to its `url` and `token`, and look at `dynos`, `quantity` and `requests`.
 */
export {
  startPlatform,
  type Platform,
  type PlatformDyno,
  type PlatformLogEntry,
  type PlatformOptions,
} from './platform.ts';
export type { AppSpec } from './app.ts';
export type { DynoState, SpawnDyno } from './dyno.ts';
export type { Fault, Intercept, PlatformRequest } from './fault.ts';
export { startRedisServer, type RedisServer } from './redis-server.ts';
export { NoRedisError } from './redis-binary.ts';
export { DYNO_SIZES, type DynoSize } from '../heroku-sizes.ts';
