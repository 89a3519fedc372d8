import { herokuFormation } from '../../src/adapters/heroku/formation.ts';
import { startPlatform, type Platform } from '../../src/standin/platform.ts';
import { openFleet, type Fleet, type LocalPlatform } from './fleet.ts';
import { APP, BOOT_MS, graceMs, LEAST_DYNOS, type FleetOptions } from './options.ts';

export type HerokuFleet = Fleet<LocalPlatform & { readonly heroku: Platform }>;

/** Dynos on the stand-in for Heroku. */
export async function openHerokuFleet(
  options: FleetOptions,
  generation: 'cedar' | 'fir' = 'cedar',
): Promise<HerokuFleet> {
  const { types, scale } = options;
  return await openFleet(options, async (spawnWorker) => {
    const heroku = await startPlatform({
      apps: [{ name: APP, generation, formation: types.map((type) => ({ type, quantity: LEAST_DYNOS })) }],
      limit: 1000,
      // Ticks are scaled, so the hourly budget of readings and changes would be used up in minutes.
      rateLimitMultiplier: 1000,
      bootMs: BOOT_MS * scale,
      graceMs: graceMs(options),
      processes: { spawn: ({ type, env }) => spawnWorker(type, env) },
    });
    return {
      heroku,
      formation: () => herokuFormation({ appName: APP, token: heroku.token, baseUrl: heroku.url }),
      quantity: (type) => heroku.quantity(APP, type),
      dynoSeconds: (type) => heroku.dynoSeconds(APP, type),
      stopped: heroku.stopped(APP),
      close: async () => await heroku.close(),
    };
  });
}
