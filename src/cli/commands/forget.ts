import { createInterface } from 'node:readline/promises';

import { FORGETTABLE } from '../../core/beliefs.ts';
import { withStoredState } from '../composition.ts';

export async function forget(
  names: readonly string[],
  { yes = false }: { readonly yes?: boolean },
): Promise<void> {
  const kinds = FORGETTABLE.filter((kind) => names.includes(kind) || names.includes('all'));
  await withStoredState(async (state) => {
    const { appName } = state.settings;
    // A script has no terminal, and is not asked.
    if (!yes && process.stdin.isTTY && !(await confirmed(`Forget ${kinds.join(', ')} of ${appName}?`))) {
      state.output.answer('Nothing was forgotten.');
      return;
    }
    await state.forget.request(kinds, state.signal());
    state.output.answer(`${appName}: ${kinds.join(', ')} will be forgotten at the next tick`);
  });
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
