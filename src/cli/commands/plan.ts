import { succeeded } from '../../control/outcome.ts';
import { tickOnce, untilNextMs } from '../../control/run.ts';
import { assemble } from '../composition.ts';
import { processOutput } from '../output.ts';
import { secretsOf, settingsFrom } from '../settings.ts';
import { planJson, planText } from '../views/plan.ts';

export async function plan({ json = false }: { readonly json?: boolean }): Promise<void> {
  const { settings } = settingsFrom(process.env);
  const output = processOutput(secretsOf(settings));
  const { ports, schedule, close } = await assemble(settings, 'dry-run', (processType) =>
    output.note(`${processType}: saved state unreadable; starting fresh`),
  );
  try {
    const never = new AbortController().signal;
    const tickMs = untilNextMs(schedule, ports.clock.now());
    const { tick } = await tickOnce({ ports, tickMs, signal: never }, settings.processTypes, undefined);
    output.answer(json ? planJson(tick) : planText(settings.appName, tick));
    process.exitCode = succeeded(tick) ? 0 : 1;
  } finally {
    close();
  }
}
