import { checksText, passed } from '../checks/check.ts';
import { runChecks } from '../checks/run.ts';
import { processOutput } from '../output.ts';
import { allSettingsFrom, secretsOf } from '../settings.ts';
import { answersOf, giveAnswer } from '../several.ts';

export async function check({ app }: { readonly app?: string }): Promise<void> {
  const { apps, hints } = allSettingsFrom(process.env, app);
  const answer = await answersOf(apps, 'blocks', async (settings) => {
    const checks = await runChecks(settings, hints, process.env);
    return { text: checksText(checks), ok: passed(checks) };
  });
  giveAnswer(answer, processOutput(secretsOf(...apps)));
}
