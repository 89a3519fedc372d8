import { BLIND_TICKS, DEFAULT_NOUN, DEFAULT_PLATFORM, type Status } from '../journal/status.ts';
import type { Pause } from '../ports.ts';
import type { HttpPorts } from './route-context.ts';

/** The state as the page and programs get it. */
export type View = {
  readonly status: Status | null;
  readonly pause: Pause | null;
  /** What the platform calls one worker: `dyno`, `pod`. */
  readonly noun: string;
  /** Its name: `Heroku`, `Kubernetes`. */
  readonly platform: string;
  /** Consecutive ticks without a decision that make the clock unhealthy. */
  readonly blindTicks: number;
  /** The price list that costs are calculated by; absent: there are no costs. */
  readonly pricesAsOf?: string | undefined;
  /** The app of this view, and those that `?app=` may name; absent where there is only one. */
  readonly apps?: ShownApp | undefined;
};

/** The app that is shown, of all that are served. */
export type ShownApp = { readonly shown: string; readonly all: readonly string[] };

export async function viewOf(
  { journal, pause, clock, prices }: HttpPorts,
  apps: ShownApp | undefined,
  signal: AbortSignal,
): Promise<View> {
  const [kept, paused] = await Promise.all([journal.load(signal), pause.read(clock.now(), signal)]);
  return {
    status: kept?.status ?? null,
    pause: paused ?? null,
    noun: kept?.status.noun ?? DEFAULT_NOUN,
    blindTicks: BLIND_TICKS,
    platform: kept?.status.platform ?? DEFAULT_PLATFORM,
    pricesAsOf: prices?.list,
    apps,
  };
}
