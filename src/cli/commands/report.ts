import { cronSchedule } from '../../adapters/cron/schedule.ts';
import type { Settings } from '../../config/settings.ts';
import { sinceModeChange } from '../../journal/hour.ts';
import type { History } from '../../journal/minute.ts';
import { summarize, type Summary } from '../../journal/summary.ts';
import { withStoredState, type StoredState } from '../composition.ts';
import { SettingsError } from '../errors.ts';
import { writeArgument } from '../files.ts';
import { processOutput, type Output } from '../output.ts';
import { PLATFORM_TEXTS } from '../platforms.ts';
import type { ShadowComparison } from '../report/shadow.ts';
import { allViewSettingsFrom, secretsOf } from '../settings.ts';
import { answersOf, giveAnswer, type Answer } from '../several.ts';
import { reportPage } from '../views/report-page.ts';
import { nothingToReport, reportText } from '../views/report.ts';

type Options = {
  readonly since: number;
  readonly json?: boolean;
  readonly html?: string;
  readonly app?: string;
};

export async function report({ app, ...options }: Options): Promise<void> {
  const { apps } = allViewSettingsFrom(process.env, app);
  if (options.html !== undefined && apps.length > 1) {
    const message = 'writes the page of one app: choose it with --app';
    throw new SettingsError([{ variable: '--html', message }]);
  }
  const output = processOutput(secretsOf(...apps));
  const form = options.json === true ? 'json' : 'blocks';
  const answer = await answersOf(
    apps,
    form,
    async (settings) =>
      await withStoredState(
        settings,
        async (state) => await reportOf(settings, state, { ...options, output }),
      ),
  );
  giveAnswer(answer, output);
}

async function reportOf(
  settings: Settings,
  { journal, signal }: StoredState,
  { since, json = false, html, output }: Omit<Options, 'app'> & { readonly output: Output },
): Promise<Answer> {
  const { appName } = settings;
  const texts = PLATFORM_TEXTS[settings.platform];
  const to = Date.now();
  const all = await journal.history(to - since, to, signal());
  const history = sinceModeChange(all);
  const from = history === all ? to - since : (history.minutes[0]?.at ?? to);
  const summary = summarize(history, { from, to }, texts.prices);
  const shadows = await shadowsOf(history, summary, settings);
  if (html !== undefined) {
    await writeArgument(html, reportPage(appName, summary, texts, shadows));
    output.note(`Wrote ${html}`);
  }
  const types = summary.types.map((type) => ({ ...type, shadow: shadows.get(type.processType) }));
  if (json) return { text: JSON.stringify({ appName, ...summary, types }, null, 2), ok: true };
  if (summary.seenMinutes === 0) {
    const kept = await journal.load(signal());
    return { text: nothingToReport(kept?.status.at, from, to), ok: true };
  }
  return { text: reportText(appName, summary, texts, shadows), ok: true };
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
