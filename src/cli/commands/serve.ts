import { systemClock } from '../../adapters/system/clock.ts';
import { withStoredState } from '../composition.ts';
import { startDashboard } from '../dashboard.ts';
import { createLogger } from '../log.ts';
import { PLATFORM_TEXTS } from '../platforms.ts';
import { secretsOf } from '../settings.ts';

export async function serve(signal: AbortSignal): Promise<void> {
  // Always on here, whatever the setting: so DASHBOARD_TOKEN is required as well.
  const env = { ...process.env, DASHBOARD: 'true' };
  await withStoredState(async ({ settings, journal, pause }) => {
    const { prices } = PLATFORM_TEXTS[settings.platform];
    const logger = await createLogger(process.stdout, settings.logLevel, secretsOf(settings));
    const server = await startDashboard(
      { journal, pause, clock: systemClock, prices },
      settings.http,
      logger,
    );
    logger.info(`dashboard at ${server.url}`);
    await aborted(signal);
    await server.close();
    logger.info('stopped');
  }, env);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
