import type { Command } from 'commander';

import { spanOption } from '../span-option.ts';
import { withStoredState } from '../stored-state.ts';
import { writePage } from '../write-page.ts';

const WEEK_MS = 7 * 86_400_000;

type Options = { since?: number; json?: boolean; html?: string };

export function reportCommand(program: Command): void {
  program
    .command('report')
    .description('dyno-hours, cost and what was saved, waits, and each burst')
    .option('--since <time>', 'from so long ago until now, such as 24h; default 7d', spanOption('1m', '30d'))
    .option('--json', 'print it as JSON')
    .option('--html <file>', 'write it as a page too')
    .action(async ({ since = WEEK_MS, json = false, html }: Options) => {
      await withStoredState(async ({ settings, journal, output, signal }) => {
        const { summarize } = await import('../../journal/summary.ts');
        const { appName } = settings.heroku;
        const to = Date.now();
        const summary = summarize(await journal.history(to - since, to, signal()), to - since, to);
        if (html !== undefined) {
          const { reportPage } = await import('../views/report-page.ts');
          await writePage(html, reportPage(appName, summary));
          output.note(`written to ${html}`);
        }
        if (json) output.answer(JSON.stringify({ appName, ...summary }, null, 2));
        else if (summary.seenMinutes === 0)
          output.answer(
            'Nothing is recorded of that time: start `drover run`, and ask again in a few minutes.',
          );
        else output.answer((await import('../views/report.ts')).reportText(appName, summary));
      });
    });
}
