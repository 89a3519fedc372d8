import { checksText, passed } from '../checks/check.ts';
import { runChecks } from '../checks/run.ts';
import { processOutput } from '../output.ts';
import { secretsOf, settingsFrom } from '../settings.ts';

export async function check(): Promise<void> {
  const { settings } = settingsFrom(process.env);
  const checks = await runChecks(process.env);
  processOutput(secretsOf(settings)).answer(checksText(checks));
  process.exitCode = passed(checks) ? 0 : 1;
}
