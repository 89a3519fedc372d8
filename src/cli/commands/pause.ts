import type { Command } from 'commander';

import { spanOption } from '../span-option.ts';
import { withStoredState } from '../stored-state.ts';

export function pauseCommand(program: Command): void {
  program
    .command('pause')
    .description('stop acting, still reading and reporting, until then or until resumed')
    .option('--for <time>', 'for so long, such as 30m or 2h', spanOption('1s', '365d'))
    .action(async ({ for: forMs }: { for?: number }) => {
      await withStoredState(async ({ settings, pause, output, signal }) => {
        const at = Date.now();
        const until = forMs === undefined ? undefined : at + forMs;
        await pause.set({ by: 'the command line', ...(until === undefined ? {} : { until }) }, at, signal());
        const how = until === undefined ? 'until `drover resume`' : `until ${new Date(until).toISOString()}`;
        output.answer(`${settings.heroku.appName} is left as it is from the next tick on, ${how}`);
      });
    });

  program
    .command('resume')
    .description('act again')
    .action(async () => {
      await withStoredState(async ({ settings, pause, output, signal }) => {
        const paused = await pause.read(Date.now(), signal()).catch(() => 'unreadable' as const);
        await pause.clear(signal());
        output.answer(
          paused === undefined
            ? `${settings.heroku.appName} was not paused`
            : `${settings.heroku.appName} is scaled again from the next tick on`,
        );
      });
    });
}
