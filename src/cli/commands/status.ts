import type { Command } from 'commander';

import { harmless } from '../../config/mask.ts';
import { statusText } from '../views/status.ts';
import { withStoredState, type StoredState } from '../stored-state.ts';

const WATCH_MS = 2000;

export function statusCommand(program: Command): void {
  program
    .command('status')
    .description('what the running clock last saw and did')
    .option('--watch', 'again every two seconds, until Ctrl-C')
    .option('--json', 'print it as JSON')
    .action(async ({ watch = false, json = false }: { watch?: boolean; json?: boolean }) => {
      await withStoredState(async (state) => {
        if (!watch) {
          const { text, well } = await look(state, json);
          state.output.answer(text);
          process.exitCode = well ? 0 : 1;
          return;
        }
        const stop = new AbortController();
        process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
        const [{ createLogUpdate }, { systemClock }] = await Promise.all([
          import('log-update'),
          import('../../adapters/system/clock.ts'),
        ]);
        const screen = createLogUpdate(process.stdout);
        while (!stop.signal.aborted) {
          const { text } = await look(state, json);
          if (process.stdout.isTTY && !json) screen(harmless(text));
          else state.output.answer(text);
          await systemClock.sleep(WATCH_MS, stop.signal);
        }
        screen.done();
      });
    });
}

async function look(
  { journal, pause, signal }: StoredState,
  json: boolean,
): Promise<{ readonly text: string; readonly well: boolean }> {
  const { healthOf } = await import('../../journal/status.ts');
  const now = Date.now();
  const [kept, paused] = await Promise.all([journal.load(signal()), pause.read(now, signal())]);
  const health = healthOf(kept?.status, now);
  const text = json
    ? JSON.stringify({ health, pause: paused ?? null, status: kept?.status ?? null }, null, 2)
    : statusText(kept?.status, paused, now);
  return { text, well: health.ok };
}
