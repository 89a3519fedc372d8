import { systemClock } from '../../adapters/system/clock.ts';
import { harmless } from '../../config/mask.ts';
import { healthOf } from '../../journal/status.ts';
import { withStoredState, type StoredState } from '../composition.ts';
import { stopSignal } from '../stop.ts';
import { statusText } from '../views/status.ts';

const WATCH_MS = 2000;

type Options = { readonly watch?: boolean; readonly json?: boolean };

export async function status({ watch = false, json = false }: Options): Promise<void> {
  await withStoredState(async (state) => {
    if (watch) return await watchStatus(state, json);
    const { text, healthy } = await look(state, json);
    state.output.answer(text);
    process.exitCode = healthy ? 0 : 1;
  });
}

async function watchStatus(state: StoredState, json: boolean): Promise<void> {
  const signal = stopSignal();
  const { createLogUpdate } = await import('log-update');
  const screen = createLogUpdate(process.stdout);
  while (!signal.aborted) {
    const { text } = await look(state, json);
    if (process.stdout.isTTY && !json) screen(harmless(text));
    else state.output.answer(text);
    await systemClock.sleep(WATCH_MS, signal);
  }
  screen.done();
}

async function look(
  { journal, pause, signal }: StoredState,
  json: boolean,
): Promise<{ readonly text: string; readonly healthy: boolean }> {
  const now = Date.now();
  const [kept, paused] = await Promise.all([journal.load(signal()), pause.read(now, signal())]);
  const health = healthOf(kept?.status, now);
  const text = json
    ? JSON.stringify({ health, pause: paused ?? null, status: kept?.status ?? null }, null, 2)
    : statusText(kept?.status, paused, now);
  return { text, healthy: health.ok };
}
