import { systemClock } from '../../adapters/system/clock.ts';
import { openStoredState } from '../composition.ts';
import { startDashboard } from '../dashboard.ts';
import { createLogger } from '../log.ts';
import { PLATFORM_TEXTS } from '../platforms.ts';
import { allViewSettingsFrom, secretsOf } from '../settings.ts';

export async function serve(signal: AbortSignal): Promise<void> {
  // Always on here, whatever the setting: so DASHBOARD_TOKEN is required as well.
  const { apps } = allViewSettingsFrom({ ...process.env, DASHBOARD: 'true' });
  const [{ http, logLevel, platform }] = apps;
  const states = await Promise.all(apps.map(openStoredState));
  try {
    const { prices } = PLATFORM_TEXTS[platform];
    const ports = states.map(({ appName, journal, pause }) => ({
      appName,
      journal,
      pause,
      clock: systemClock,
      prices,
      publishes: platform === 'keda',
    }));
    const logger = await createLogger(process.stdout, logLevel, secretsOf(...apps));
    const server = await startDashboard(ports, http, logger);
    logger.info(`dashboard at ${server.url}`);
    await aborted(signal);
    await server.close();
    logger.info('stopped');
  } finally {
    for (const state of states) state.close();
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
