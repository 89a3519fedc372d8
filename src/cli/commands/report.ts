import { cronSchedule } from '../../adapters/cron/schedule.ts';
import type { Settings } from '../../config/settings.ts';
import { sinceModeChange } from '../../journal/hour.ts';
import type { History } from '../../journal/minute.ts';
import { summarize, type Summary } from '../../journal/summary.ts';
import { withStoredState } from '../composition.ts';
import { writeArgument } from '../files.ts';
import { PLATFORM_TEXTS } from '../platforms.ts';
import type { ShadowComparison } from '../report/shadow.ts';
import { reportPage } from '../views/report-page.ts';
import { reportText } from '../views/report.ts';

type Options = { readonly since: number; readonly json?: boolean; readonly html?: string };

export async function report({ since, json = false, html }: Options): Promise<void> {
  await withStoredState(async ({ settings, journal, output, signal }) => {
    const { appName } = settings;
    const texts = PLATFORM_TEXTS[settings.platform];
    const to = Date.now();
    const all = await journal.history(to - since, to, signal());
    const history = sinceModeChange(all);
    const from = history === all ? to - since : (history.minutes[0]?.at ?? to);
    const summary = summarize(history, { from, to }, texts.prices);
    const shadows = await shadowsOf(history, summary, settings);
    if (html !== undefined) {
      await writeArgument(html, reportPage(appName, summary, texts));
      output.note(`Wrote ${html}`);
    }
    if (json) {
      const types = summary.types.map((type) => ({ ...type, shadow: shadows.get(type.processType) }));
      output.answer(JSON.stringify({ appName, ...summary, types }, null, 2));
    } else output.answer(reportText(appName, summary, texts, shadows));
  });
}

/** Of the process types that only a shadow watched in that period. Loads the simulator for them alone. */
async function shadowsOf(
  history: History,
  { types }: Summary,
  { processTypes, schedule, timeZone }: Settings,
): Promise<ReadonlyMap<string, ShadowComparison>> {
  const found = new Map<string, ShadowComparison>();
  for (const { processType, actual } of types) {
    const settings = processTypes.find((each) => each.processType === processType);
    if (actual === undefined || settings === undefined) continue;
    const { compareShadow } = await import('../report/shadow.ts');
    const { shortestMs } = cronSchedule(schedule, timeZone);
    const comparison = await compareShadow(history, settings, shortestMs);
    if (comparison !== undefined) found.set(processType, comparison);
  }
  return found;
}
