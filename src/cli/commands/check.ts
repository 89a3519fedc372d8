import type { Command } from 'commander';

import type { Check } from '../checks.ts';
import { processOutput } from '../output.ts';

/** Longer than any part may take by itself: what does not answer by then is a failed check. */
const DEADLINE_MS = 15_000;

export function checkCommand(program: Command): void {
  program
    .command('check')
    .description('a line for everything Drover needs, with the remedy for what is not well')
    .action(async () => {
      const { secretsOf, settingsFrom } = await import('../settings.ts');
      const { settings, hints } = settingsFrom(process.env);
      const [
        { assemble },
        { checkQueues, checkRedis, checkState },
        { checkHeroku },
        { checkTls },
        { checksText, passed },
      ] = await Promise.all([
        import('../composition.ts'),
        import('../checks-redis.ts'),
        import('../checks-heroku.ts'),
        import('../checks-tls.ts'),
        import('../checks.ts'),
      ]);
      const output = processOutput(secretsOf(settings));
      const { ports, redis, state, keys, close } = await assemble(settings, false, () => {});
      const signal = AbortSignal.timeout(DEADLINE_MS);
      try {
        const redisChecks = async (): Promise<Check[]> => {
          const first = await checkRedis(redis, settings.redis.prefix, signal);
          // Whatever else is asked of a Redis that does not answer would say the same once more.
          if (!passed(first)) return first;
          return [
            ...first,
            ...(await checkState(state, keys.check, signal)),
            ...(await checkQueues(ports.backlog, settings, ports.clock.now(), signal)),
          ];
        };
        const [fromRedis, fromHeroku] = await Promise.all([redisChecks(), checkHeroku(settings, signal)]);
        const checks: Check[] = [
          { name: 'settings', state: 'pass', detail: 'are all valid' },
          ...hints.map(({ variable, message }): Check => ({
            name: variable,
            state: 'warn',
            detail: message,
          })),
          ...checkTls(settings),
          ...fromRedis,
          ...fromHeroku,
        ];
        output.answer(checksText(checks));
        process.exitCode = passed(checks) ? 0 : 1;
      } finally {
        close();
      }
    });
}
