import { BOOT_MS, PROCESS_TYPE, type DemoWorkers, type SpawnWorker } from './demo-workers.ts';
import { startPlatform } from './platform.ts';

const APP = 'demo-app';

export async function startDemoDynos(spawn: SpawnWorker): Promise<DemoWorkers> {
  const platform = await startPlatform({
    apps: [{ name: APP, formation: [{ type: PROCESS_TYPE, quantity: 1 }] }],
    bootMs: BOOT_MS,
    processes: { spawn: ({ env }) => spawn(env) },
  });
  return {
    env: { HEROKU_APP_NAME: APP, HEROKU_API_KEY: platform.token, HEROKU_API_URL: platform.url },
    list: () =>
      platform
        .dynos(APP)
        .map(({ name, state }) => ({ name, state: state === 'down' ? ('stopping' as const) : state })),
    setQuantity: (quantity) => platform.setQuantity(APP, PROCESS_TYPE, quantity),
    seconds: () => platform.dynoSeconds(APP, PROCESS_TYPE),
    kills: () => platform.kills,
    close: async () => await platform.close(),
  };
}
