import type { Command } from 'commander';

import { processOutput } from '../output.ts';

export function notifyCommand(program: Command): void {
  program
    .command('notify')
    .description('send a message to NOTIFY_URL to see that it arrives')
    .requiredOption('--test', 'send a test message')
    .action(async () => {
      const { secretsOf, viewSettingsFrom } = await import('../settings.ts');
      const { settings } = viewSettingsFrom(process.env);
      const { notifyUrl, heroku } = settings;
      const output = processOutput(secretsOf(settings));
      if (notifyUrl === undefined) {
        const { SettingsError } = await import('../settings-error.ts');
        throw new SettingsError([{ variable: 'NOTIFY_URL', message: 'is not set: there is nobody to tell' }]);
      }
      const { webhookNotifier } = await import('../../adapters/notify/webhook.ts');
      const text = 'this is a test; trouble and recovery are told here.';
      const notice = { kind: 'test', at: Date.now(), text } as const;
      await webhookNotifier(notifyUrl, heroku.appName).notify([notice], AbortSignal.timeout(10_000));
      output.answer('sent: see that it arrived');
    });
}
