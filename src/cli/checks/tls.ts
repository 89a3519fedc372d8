import { isHerokuRedis } from '../../config/heroku-redis.ts';
import type { RedisAddress, Settings } from '../../config/settings.ts';
import type { Check } from './check.ts';

/** Whether the certificate of each Redis over TLS is verified. */
export function checkTls({ redis, state }: Settings): Check[] {
  const addresses = state.url === redis.url ? [redis] : [redis, state];
  return addresses.filter(({ url }) => new URL(url).protocol === 'rediss:').map(tlsCheck);
}

function tlsCheck({ url, variable, tlsVerify }: RedisAddress): Check {
  const name = `TLS of ${variable}`;
  if (tlsVerify) return { name, state: 'pass', detail: 'the certificate is verified' };
  const detail = 'the certificate is not verified';
  // The operator cannot change it, and a permanent warning would hide others.
  if (isHerokuRedis(url))
    return { name, state: 'pass', detail: `${detail}: Heroku Key-Value Store uses self-signed ones` };
  return {
    name,
    state: 'warn',
    detail: `${detail}, so anyone between Drover and Redis can read and change the data`,
    remedy: 'Remove REDIS_TLS_VERIFY=false, unless this Redis has a self-signed certificate.',
  };
}
