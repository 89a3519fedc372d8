import { inspect } from 'node:util';

import { herokuFormation } from '../../../src/adapters/heroku/formation.ts';
import { herokuPreflight } from '../../../src/adapters/heroku/preflight.ts';
import { Failure } from '../../../src/failure.ts';
import type { Fault } from '../../../src/standin/fault.ts';
import { startPlatform, type Platform, type PlatformOptions } from '../../../src/standin/platform.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { FakeClock } from './fake-clock.ts';

export type Scene = {
  readonly platform: Platform;
  readonly clock: FakeClock;
  readonly formation: ReturnType<typeof herokuFormation>;
  readonly preflight: ReturnType<typeof herokuPreflight>;
  /** What was asked, such as `GET worker 200`. */
  asked(): string[];
  /** Faults for the requests to come, one each, in their order; those after them pass. */
  faults(...faults: Fault[]): void;
};

/** How long a request may take: short where one waits for it to be over, and else as long as a busy machine needs. */
export function timeoutFor(fault: Fault): { readonly timeoutMs?: number } {
  const waits =
    typeof fault === 'object' && ('hang' in fault || 'applyThenHang' in fault || 'dripMs' in fault);
  return waits ? { timeoutMs: 1000 } : {};
}

/** The real adapter in front of the stand-in, with time scaling still. */
export async function startScene(
  options: Partial<PlatformOptions> & {
    readonly appName?: string;
    readonly token?: string;
    readonly asks?: string;
    readonly timeoutMs?: number;
  } = {},
): Promise<Scene> {
  const { appName = 'shop', asks, timeoutMs = PATIENCE_MS, ...platformOptions } = options;
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
  const settings = { appName, token: asks ?? platform.token, baseUrl: platform.url, timeoutMs, clock };
  return {
    platform,
    clock,
    formation: herokuFormation(settings),
    preflight: herokuPreflight(settings),
    asked: () =>
      platform.requests.map(({ method, path, status }) => `${method} ${path.split('/').at(-1)} ${status}`),
    faults: (...faults) => {
      const queue = [...faults];
      platform.intercept(() => queue.shift() ?? 'pass');
    },
  };
}

/** A signal that never aborts. */
export const NEVER = new AbortController().signal;

/** The failure it ends in. Throws when it does not, or when anything of it shows the token. */
export async function failureFrom(work: Promise<unknown>, token: string): Promise<Failure> {
  const thrown = await work.then(
    (value) => new Error(`no failure but ${inspect(value)}`),
    (error: unknown) => error,
  );
  refuseLeak(thrown, token);
  if (!(thrown instanceof Failure)) throw thrown;
  return thrown;
}

/** Everything that a log, a crash dump or a curious person could print of it. */
export function refuseLeak(value: unknown, token: string): void {
  const seen = inspect(value, {
    depth: Infinity,
    showHidden: true,
    getters: true,
    maxStringLength: Infinity,
  });
  const found = [token, Buffer.from(`:${token}`).toString('base64')].some((secret) => seen.includes(secret));
  if (found) throw new Error('the token can be read in it');
}
