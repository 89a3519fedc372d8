import { summarize } from '../../journal/summary.ts';
import { withStoredState } from '../composition.ts';
import { writeArgument } from '../files.ts';
import { PLATFORM_TEXTS } from '../platforms.ts';
import { reportPage } from '../views/report-page.ts';
import { reportText } from '../views/report.ts';

type Options = { readonly since: number; readonly json?: boolean; readonly html?: string };

export async function report({ since, json = false, html }: Options): Promise<void> {
  await withStoredState(async ({ settings, journal, output, signal }) => {
    const { appName } = settings;
    const texts = PLATFORM_TEXTS[settings.platform];
    const to = Date.now();
    const summary = summarize(
      await journal.history(to - since, to, signal()),
      { from: to - since, to },
      texts.prices,
    );
    if (html !== undefined) {
      await writeArgument(html, reportPage(appName, summary, texts));
      output.note(`Wrote ${html}`);
    }
    if (json) output.answer(JSON.stringify({ appName, ...summary }, null, 2));
    else output.answer(reportText(appName, summary, texts));
  });
}
