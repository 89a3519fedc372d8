import type { ActingSettings } from '../../config/settings.ts';
import { succeeded } from '../../control/outcome.ts';
import { tickOnce, untilNextMs } from '../../control/run.ts';
import { assemble } from '../composition.ts';
import { processOutput, type Output } from '../output.ts';
import { allSettingsFrom, secretsOf } from '../settings.ts';
import { answersOf, giveAnswer, type Answer } from '../several.ts';
import { planJson, planText } from '../views/plan.ts';

type Options = { readonly json?: boolean; readonly app?: string };

export async function plan({ json = false, app }: Options): Promise<void> {
  const { apps } = allSettingsFrom(process.env, app);
  const output = processOutput(secretsOf(...apps));
  const form = json ? 'json' : 'blocks';
  const answer = await answersOf(apps, form, async (settings) => await planOf(settings, json, output));
  giveAnswer(answer, output);
}

async function planOf(settings: ActingSettings, json: boolean, output: Output): Promise<Answer> {
  const { ports, schedule, close } = await assemble(settings, 'dry-run', (processType) =>
    output.note(`${processType}: saved state unreadable; starting fresh`),
  );
  try {
    const never = new AbortController().signal;
    const tickMs = untilNextMs(schedule, ports.clock.now());
    const { tick } = await tickOnce({ ports, tickMs, signal: never }, settings.processTypes, undefined);
    return { text: json ? planJson(tick) : planText(settings.appName, tick), ok: succeeded(tick) };
  } finally {
    close();
  }
}
