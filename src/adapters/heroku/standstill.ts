import type { Formation, Standstill } from '../../ports.ts';
import { readingMayAgeMs } from './budget.ts';
import type { HerokuClient } from './client.ts';
import { fieldsOf } from './fields.ts';

/** A maintenance or a release lasts minutes; while one does, each tick that wants a change would ask anew. */
const MAY_AGE_MS = 15_000;
/** It only delays the change, so the tick does not wait long for it. */
const LONGEST_ASK_MS = 2_000;

type Answer = { readonly atMs: number; readonly answer: Promise<Standstill | undefined> };

/**
 * Whether the app is in maintenance mode, or runs its release phase: that shows as a dyno of type `release`, which a
 * token of scope `write` may list, while the releases themselves it may not.
 */
export function standstills(client: HerokuClient): Formation['standstill'] {
  let last: Answer | undefined;
  return async (signal) => {
    const nowMs = client.clock.monotonicMs();
    const mayAgeMs = Math.max(MAY_AGE_MS, readingMayAgeMs(client.budget()));
    // Process types that change in the same tick share one question.
    if (last === undefined || nowMs - last.atMs >= mayAgeMs)
      last = { atMs: nowMs, answer: ask(client, signal) };
    return await last.answer;
  };
}

async function ask(client: HerokuClient, signal: AbortSignal): Promise<Standstill | undefined> {
  const soon = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_ASK_MS)]);
  const [maintenance, release] = await Promise.all([
    client.get('', undefined, soon).then(({ json }) => fieldsOf(json)['maintenance'] === true, unknown),
    client
      .get('/dynos', undefined, soon)
      .then(({ json }) => Array.isArray(json) && json.some(releases), unknown),
  ]);
  if (maintenance) return { kind: 'maintenance' };
  return release ? { kind: 'release' } : undefined;
}

function releases(json: unknown): boolean {
  const { type, state } = fieldsOf(json);
  return type === 'release' && (state === 'starting' || state === 'up');
}

function unknown(): false {
  return false;
}
