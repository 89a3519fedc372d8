/**
 * The parts of Drover's checkout that are no part of its package: the local stand-in for Heroku, and a Redis of one's
 * own. An app outside the checkout needs none of them.
 */
export { startPlatform, type Platform } from '../../../../dist/standin/platform.js';
export { DYNO_SIZES, type DynoSize } from '../../../../dist/standin/platform-sizes.js';
export { findRedisBinary } from '../../../../dist/standin/redis-binary.js';
export { startRedisServer } from '../../../../dist/standin/redis-server.js';
