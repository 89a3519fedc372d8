import { createInterface } from 'node:readline/promises';

import { FORGETTABLE } from '../../core/beliefs.ts';
import { withStoredState } from '../composition.ts';
import { processOutput } from '../output.ts';
import { allViewSettingsFrom, secretsOf } from '../settings.ts';
import { answersOf, giveAnswer } from '../several.ts';

export async function forget(
  names: readonly string[],
  { yes = false, app }: { readonly yes?: boolean; readonly app?: string },
): Promise<void> {
  const kinds = FORGETTABLE.filter((kind) => names.includes(kind) || names.includes('all'));
  const { apps } = allViewSettingsFrom(process.env, app);
  const output = processOutput(secretsOf(...apps));
  const of = apps.map(({ appName }) => appName).join(', ');
  // A script has no terminal, and is not asked.
  if (!yes && process.stdin.isTTY && !(await confirmed(`Forget ${kinds.join(', ')} of ${of}?`))) {
    output.answer('Nothing was forgotten.');
    return;
  }
  const answer = await answersOf(apps, 'lines', async (settings) => {
    await withStoredState(settings, async (state) => await state.forget.request(kinds, state.signal()));
    return { text: `${settings.appName}: ${kinds.join(', ')} will be forgotten at the next tick`, ok: true };
  });
  giveAnswer(answer, output);
}

async function confirmed(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
