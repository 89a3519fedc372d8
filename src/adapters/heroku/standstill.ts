import type { Standstill } from '../../ports/platform.ts';
import { fieldsOf } from '../http/answer.ts';
import type { HerokuClient } from './client.ts';

/** A maintenance or a release lasts minutes, and meanwhile every tick that wants a change would make the requests. */
const MAY_AGE_MS = 15_000;
/** The answer only delays a change, so the tick does not wait long for it. */
const TIMEOUT_MS = 2_000;

type Reading = { readonly atMs: number; readonly standstill: Promise<Standstill | undefined> };

/**
 * Reads whether the app is in maintenance mode or runs its release phase. The latter shows as a dyno of type `release`: a
 * token of scope `write` may list dynos but not releases.
 */
export function standstillReader(
  client: HerokuClient,
): (signal: AbortSignal) => Promise<Standstill | undefined> {
  let last: Reading | undefined;
  return async (signal) => {
    const nowMs = client.clock.monotonicMs();
    const mayAgeMs = Math.max(MAY_AGE_MS, client.account.readingMayAgeMs());
    // Process types that change in the same tick share one reading.
    if (last === undefined || nowMs - last.atMs >= mayAgeMs)
      last = { atMs: nowMs, standstill: read(client, signal) };
    return await last.standstill;
  };
}

async function read(client: HerokuClient, signal: AbortSignal): Promise<Standstill | undefined> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const [maintenance, release] = await Promise.all([
    client.get('', undefined, bounded).then(({ json }) => fieldsOf(json)['maintenance'] === true, unknown),
    client
      .get('/dynos', undefined, bounded)
      .then(({ json }) => Array.isArray(json) && json.some(isReleasing), unknown),
  ]);
  if (maintenance) return { kind: 'maintenance' };
  return release ? { kind: 'release' } : undefined;
}

function isReleasing(json: unknown): boolean {
  const { type, state } = fieldsOf(json);
  return type === 'release' && (state === 'starting' || state === 'up');
}

/** A failed reading is no reason to leave jobs waiting. */
function unknown(): false {
  return false;
}
