import { systemClock } from '../../adapters/system/clock.ts';
import { harmless } from '../../config/mask.ts';
import { healthOf } from '../../journal/status.ts';
import { openStoredState, type StoredState } from '../composition.ts';
import { processOutput, type Output } from '../output.ts';
import { allViewSettingsFrom, secretsOf } from '../settings.ts';
import { answersOf, giveAnswer, type Answer } from '../several.ts';
import { stopSignal } from '../stop.ts';
import { statusText } from '../views/status.ts';

const WATCH_MS = 2000;

type Options = { readonly watch?: boolean; readonly json?: boolean; readonly app?: string };

export async function status({ watch = false, json = false, app }: Options): Promise<void> {
  const { apps } = allViewSettingsFrom(process.env, app);
  const output = processOutput(secretsOf(...apps));
  const states = await Promise.all(apps.map(openStoredState));
  const lookAtAll = async (): Promise<Answer> =>
    await answersOf(states, json ? 'json' : 'blocks', async (state) => await look(state, json));
  try {
    if (watch) await watchStatus(lookAtAll, json, output);
    else giveAnswer(await lookAtAll(), output);
  } finally {
    for (const state of states) state.close();
  }
}

async function watchStatus(lookAtAll: () => Promise<Answer>, json: boolean, output: Output): Promise<void> {
  const signal = stopSignal();
  const { createLogUpdate } = await import('log-update');
  const screen = createLogUpdate(process.stdout);
  while (!signal.aborted) {
    const { text } = await lookAtAll();
    if (process.stdout.isTTY && !json) screen(harmless(text));
    else output.answer(text);
    await systemClock.sleep(WATCH_MS, signal);
  }
  screen.done();
}

async function look({ journal, pause, signal }: StoredState, json: boolean): Promise<Answer> {
  const now = Date.now();
  const [kept, paused] = await Promise.all([journal.load(signal()), pause.read(now, signal())]);
  const health = healthOf(kept?.status, now);
  const text = json
    ? JSON.stringify({ health, pause: paused ?? null, status: kept?.status ?? null }, null, 2)
    : statusText(kept?.status, paused, now);
  return { text, ok: health.ok };
}
