import { notifierFor } from '../composition.ts';
import { SettingsError } from '../errors.ts';
import { processOutput } from '../output.ts';
import { allViewSettingsFrom, secretsOf } from '../settings.ts';
import { answersOf, giveAnswer } from '../several.ts';

const DEADLINE_MS = 10_000;

export async function notify(app: string | undefined): Promise<void> {
  const { apps } = allViewSettingsFrom(process.env, app);
  const answer = await answersOf(apps, 'blocks', async (settings) => {
    const notifier = await notifierFor(settings);
    if (!notifier) {
      const of = apps.length > 1 ? ` for ${settings.appName}` : '';
      const message = `is not set${of}: set it to the https:// URL of a webhook`;
      throw new SettingsError([{ variable: 'NOTIFY_URL', message }]);
    }
    const text = 'this is a test. Problems are reported here, and when they are resolved.';
    await notifier.notify([{ kind: 'test', at: Date.now(), text }], AbortSignal.timeout(DEADLINE_MS));
    return { text: 'Test message sent. Check that it arrived.', ok: true };
  });
  giveAnswer(answer, processOutput(secretsOf(...apps)));
}
