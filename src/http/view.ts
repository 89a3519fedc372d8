import { PRICES_AS_OF } from '../journal/prices.ts';
import { BLIND_TICKS, type Status } from '../journal/status.ts';
import type { Pause } from '../ports.ts';
import type { HttpPorts } from './site.ts';

/** What the page and programs see. */
export type View = {
  readonly status: Status | null;
  readonly pause: Pause | null;
  /** Ticks in a row after which a type counts as blind, and what costs are reckoned by. */
  readonly blindTicks: number;
  readonly pricesAsOf: string;
};

export async function viewOf({ journal, pause, clock }: HttpPorts, signal: AbortSignal): Promise<View> {
  const [kept, paused] = await Promise.all([journal.load(signal), pause.read(clock.now(), signal)]);
  return {
    status: kept?.status ?? null,
    pause: paused ?? null,
    blindTicks: BLIND_TICKS,
    pricesAsOf: PRICES_AS_OF,
  };
}
