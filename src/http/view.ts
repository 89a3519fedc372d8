import { PRICES_AS_OF } from '../journal/prices.ts';
import { BLIND_TICKS, DEFAULT_NOUN, type Status } from '../journal/status.ts';
import type { Pause } from '../ports.ts';
import type { HttpPorts } from './route-context.ts';

/** The state as the page and programs get it. */
export type View = {
  readonly status: Status | null;
  readonly pause: Pause | null;
  /** What the platform calls one worker: `dyno`, `pod`. */
  readonly noun: string;
  /** Consecutive ticks without a decision that make the clock unhealthy. */
  readonly blindTicks: number;
  /** The price list that costs are calculated by. */
  readonly pricesAsOf: string;
};

export async function viewOf({ journal, pause, clock }: HttpPorts, signal: AbortSignal): Promise<View> {
  const [kept, paused] = await Promise.all([journal.load(signal), pause.read(clock.now(), signal)]);
  return {
    status: kept?.status ?? null,
    pause: paused ?? null,
    noun: kept?.status.noun ?? DEFAULT_NOUN,
    blindTicks: BLIND_TICKS,
    pricesAsOf: PRICES_AS_OF,
  };
}
