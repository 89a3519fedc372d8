import { inspect } from 'node:util';

import { herokuFormation } from '../../../src/adapters/heroku/formation.ts';
import { herokuPreflight } from '../../../src/adapters/heroku/preflight.ts';
import { Failure } from '../../../src/failure.ts';
import type { Resize, Resized } from '../../../src/ports/platform.ts';
import type { Fault } from '../../../src/standin/fault.ts';
import { startPlatform, type Platform, type PlatformOptions } from '../../../src/standin/platform.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { FakeClock } from './fake-clock.ts';

/** A write of two more dynos to the app that the stand-in has, and its result. */
export const UP: Resize = { processType: 'worker', from: 3, to: 5 };
export const DONE: Resized = { kind: 'resized', answered: true, quantity: 5, size: 'Standard-1X' };

export type LocalHeroku = {
  readonly platform: Platform;
  readonly clock: FakeClock;
  readonly formation: ReturnType<typeof herokuFormation>;
  readonly preflight: ReturnType<typeof herokuPreflight>;
  /** The requests so far, such as `GET worker 200`. */
  requests(): string[];
  /** One fault for each of the next requests, in this order; later requests pass. */
  faults(...faults: Fault[]): void;
};

/** A short timeout for a fault that ends in one; otherwise a request may take as long as a busy machine needs. */
export function timeoutFor(fault: Fault): { readonly timeoutMs?: number } {
  const timesOut =
    typeof fault === 'object' && ('hang' in fault || 'applyThenHang' in fault || 'dripMs' in fault);
  return timesOut ? { timeoutMs: 1000 } : {};
}

/** The real adapter in front of the stand-in, under a clock that stands still. */
export async function startLocalHeroku(
  options: Partial<PlatformOptions> & {
    readonly appName?: string;
    readonly token?: string;
    /** The token that the adapter sends; default: the right one. */
    readonly clientToken?: string;
    readonly timeoutMs?: number;
  } = {},
): Promise<LocalHeroku> {
  const { appName = 'shop', clientToken, timeoutMs = PATIENCE_MS, ...platformOptions } = options;
  const clock = new FakeClock();
  const platform = await startPlatform({
    clock,
    apps: [
      {
        name: 'shop',
        formation: [
          { type: 'web', quantity: 1 },
          { type: 'worker', quantity: 3 },
        ],
      },
    ],
    ...platformOptions,
  });
  const settings = { appName, token: clientToken ?? platform.token, baseUrl: platform.url, timeoutMs, clock };
  return {
    platform,
    clock,
    formation: herokuFormation(settings),
    preflight: herokuPreflight(settings),
    requests: () =>
      platform.requests.map(({ method, path, status }) => `${method} ${path.split('/').at(-1)} ${status}`),
    faults: (...faults) => {
      const queue = [...faults];
      platform.intercept(() => queue.shift() ?? 'pass');
    },
  };
}

/** A signal that never aborts. */
export const NEVER = new AbortController().signal;

/** The failure that `work` throws. Throws if it throws none, or if anything in it shows the token. */
export async function failureFrom(work: Promise<unknown>, token: string): Promise<Failure> {
  const thrown = await work.then(
    (value) => new Error(`a result and no failure: ${inspect(value)}`),
    (error: unknown) => error,
  );
  refuseLeak(thrown, token);
  if (!(thrown instanceof Failure)) throw thrown;
  return thrown;
}

/** Throws if the token is in anything that a log or a crash dump could print of the value. */
export function refuseLeak(value: unknown, token: string): void {
  const seen = inspect(value, {
    depth: Infinity,
    showHidden: true,
    getters: true,
    maxStringLength: Infinity,
  });
  const found = [token, Buffer.from(`:${token}`).toString('base64')].some((secret) => seen.includes(secret));
  if (found) throw new Error('the value shows the token');
}
