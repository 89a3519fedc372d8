import type { Command } from 'commander';

import { processOutput } from '../output.ts';

export function planCommand(program: Command): void {
  program
    .command('plan')
    .description('one tick that writes nothing: what it read, each step of the decision, what it would do')
    .option('--json', 'print it as JSON')
    .action(async ({ json = false }: { json?: boolean }) => {
      const { secretsOf, settingsFrom } = await import('../settings.ts');
      const { settings } = settingsFrom(process.env);
      const [{ assemble }, { tickOnce, untilNextMs }, { succeeded }, { planJson, planText }] =
        await Promise.all([
          import('../composition.ts'),
          import('../../control/run.ts'),
          import('../../control/outcome.ts'),
          import('../views/plan.ts'),
        ]);
      const output = processOutput(secretsOf(settings));
      const assembly = await assemble(settings, false, (processType) =>
        output.note(`${processType}: saved state unreadable; starting fresh`),
      );
      try {
        const { ports, schedule } = assembly;
        const never = new AbortController().signal;
        const tickMs = untilNextMs(schedule, ports.clock.now());
        const { tick } = await tickOnce({ ports, tickMs, signal: never }, settings.processTypes, undefined);
        output.answer(json ? planJson(tick) : planText(settings.heroku.appName, tick));
        process.exitCode = succeeded(tick) ? 0 : 1;
      } finally {
        assembly.close();
      }
    });
}
