import { isHerokuRedis } from '../config/heroku-redis.ts';
import type { RedisAddress, Settings } from '../config/settings.ts';
import type { Check } from './checks.ts';

/** For each Redis over TLS, whether its certificate is verified. */
export function checkTls({ redis, state }: Settings): Check[] {
  const addresses = state.url === redis.url ? [redis] : [redis, state];
  return addresses.filter(({ url }) => new URL(url).protocol === 'rediss:').map(tlsCheck);
}

function tlsCheck({ url, variable, tlsVerify }: RedisAddress): Check {
  const name = `TLS of ${variable}`;
  if (tlsVerify) return { name, state: 'pass', detail: 'the certificate is verified' };
  const detail = 'the certificate is not verified';
  // Nothing can be done about it: a warning that never ends would hide the next one.
  if (isHerokuRedis(url))
    return { name, state: 'pass', detail: `${detail}: Heroku's Key-Value Store signs its own` };
  return {
    name,
    state: 'warn',
    detail: `${detail}, so anyone between Drover and Redis can read and change the data`,
    remedy: 'Remove REDIS_TLS_VERIFY=false, unless this Redis signs its own certificate.',
  };
}
