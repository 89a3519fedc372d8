import { notifierFor } from '../composition.ts';
import { SettingsError } from '../errors.ts';
import { processOutput } from '../output.ts';
import { secretsOf, viewSettingsFrom } from '../settings.ts';

const DEADLINE_MS = 10_000;

export async function notify(): Promise<void> {
  const { settings } = viewSettingsFrom(process.env);
  const notifier = await notifierFor(settings);
  if (!notifier) {
    const message = 'is not set: it is where notifications are sent';
    throw new SettingsError([{ variable: 'NOTIFY_URL', message }]);
  }
  const text = 'this is a test. Problems are reported here, and when they are resolved.';
  await notifier.notify([{ kind: 'test', at: Date.now(), text }], AbortSignal.timeout(DEADLINE_MS));
  processOutput(secretsOf(settings)).answer('Test message sent. Check that it arrived.');
}
