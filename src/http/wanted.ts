import { LONGEST_UNTIL_SENT_MS } from '../control/drain.ts';
import type { Status } from '../journal/status.ts';

/** What an autoscaler of the platform is to set for a process type, or why that is not known now. */
export type Wanted =
  | { readonly kind: 'wanted'; readonly count: number }
  | { readonly kind: 'unknown'; readonly words: string }
  | { readonly kind: 'missing' };

/** A number that lowers nothing is good until the third tick after it is missing. */
const GOOD_FOR_TICKS = 3;

/**
 * A lower number is given for as long as a write of our own might be sent after its reading: workers that are drained stay
 * so for longer than an autoscaler that reads it then takes to act. What is held keeps the quantity. `now` is epoch ms.
 */
export function wantedOf(status: Status | undefined, processType: string, now: number): Wanted {
  if (status === undefined) return unknown('no tick yet');
  const type = status.types.find((candidate) => candidate.processType === processType);
  if (type === undefined) return { kind: 'missing' };
  const { latest, latestAt } = type;
  if (latest === undefined || latestAt === undefined) return unknown('no decision yet');
  const { result, failure, quantity, from, to } = latest;
  if (failure !== undefined) return unknown(`the last decision failed: ${failure.code}`);
  if (result === 'dry-run' || result === 'shadow' || status.shadow) return unknown('DRY_RUN is set');
  const count = result === 'published' ? to : quantity;
  const goodForMs = count < from ? LONGEST_UNTIL_SENT_MS : GOOD_FOR_TICKS * status.tickMs;
  const ageMs = now - latestAt;
  return ageMs <= goodForMs
    ? { kind: 'wanted', count }
    : unknown(`the last decision is ${Math.round(ageMs / 1000)} s old`);
}

function unknown(words: string): Wanted {
  return { kind: 'unknown', words };
}
