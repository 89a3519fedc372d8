import type { Command } from 'commander';

export function serveCommand(program: Command): void {
  program
    .command('serve')
    .description('the dashboard and /metrics from what the clock wrote to Redis, acting on nothing')
    .action(async () => {
      const stop = new Promise<void>((resolve) => {
        process.once('SIGTERM', () => resolve()).once('SIGINT', () => resolve());
      });
      const [
        { withStoredState },
        { startServer },
        { listening },
        { httpLog },
        { createLogger },
        { secretsOf },
        { systemClock },
      ] = await Promise.all([
        import('../stored-state.ts'),
        import('../../http/server.ts'),
        import('../listening.ts'),
        import('../http-log.ts'),
        import('../log.ts'),
        import('../settings.ts'),
        import('../../adapters/system/clock.ts'),
      ]);
      // This is what the command is for, whatever the setting says: it asks for the token that belongs to it.
      const env = { ...process.env, DASHBOARD: 'true' };
      await withStoredState(async ({ settings, journal, pause }) => {
        const logger = await createLogger(process.stdout, settings.logLevel, secretsOf(settings));
        const server = await listening(
          settings.http,
          startServer({ journal, pause, clock: systemClock }, settings.http, httpLog(logger)),
        );
        logger.info(`dashboard at ${server.url}`);
        await stop;
        await server.close();
        logger.info('asked to stop: done');
      }, env);
    });
}
